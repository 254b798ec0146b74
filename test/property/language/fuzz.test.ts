// Damaged texts end in a result or in diagnostics. `npm run campaign` tries many more.

import { describe, expect, it } from 'vitest';
import { seed } from '../../support/random.ts';
import { isMissing } from '../../support/requirements.ts';
import { corpusFiles, corpusText } from '../../unit/reference/corpus.ts';
import { fuzz, fuzzInput } from './fuzz.ts';

const inputs = 1000;
/** What no input may take, on any machine. */
const longestMilliseconds = 60_000;

describe('damaged texts', () => {
  it('never throw and never take long', () => {
    const corpus = isMissing('shared') ? [] : corpusFiles().map(corpusText);
    const counts = { result: 0, diagnostics: 0, thrown: 0 };
    let slowest = 0;
    for (let index = 0; index < inputs; index++) {
      const outcome = fuzz(fuzzInput(seed + index, corpus));
      counts[outcome.kind]++;
      slowest = Math.max(slowest, outcome.milliseconds);
      expect(outcome.thrown, `seed ${seed + index}`).toBeUndefined();
    }
    console.info(`seed ${seed}: ${inputs} damaged texts`, counts, `slowest ${Math.round(slowest)} ms`);
    expect(counts.diagnostics).toBeGreaterThan(inputs / 2);
    expect(slowest).toBeLessThan(longestMilliseconds);
  }, 600_000);
});
