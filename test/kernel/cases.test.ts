// Every case file through every judge that is there: what nf_tables said when the case was recorded must be what nf_tables in this kernel
// says, and what all others say.

import { readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { readCase, writeCase } from '../support/case-file.ts';
import { isMissing } from '../support/requirements.ts';
import type { Judge } from '../support/scenario.ts';
import { outcomeText } from './judge.ts';
import { type KernelJudges, openKernelJudges } from './judges/all.ts';

const folder = fileURLToPath(new URL('../cases/', import.meta.url));
const files = readdirSync(folder, { recursive: true, encoding: 'utf8' })
  .filter(name => name.endsWith('.case'))
  .sort();
const cases = files.map(name => ({ name, text: readFileSync(folder + name, 'utf8') }));

describe('case files', () => {
  it.each(cases)('$name reads and writes to the same text', ({ name, text }) => {
    const read = readCase(text, name);
    expect(writeCase(read)).toBe(text);
    expect(read.expected.every(expected => expected !== undefined)).toBe(true);
  });
});

describe.skipIf(isMissing('root', 'nft'))('cases in the kernel', () => {
  let judges: KernelJudges;
  beforeAll(async () => {
    judges = await openKernelJudges();
  });
  afterAll(() => judges.close());

  function answers(judge: Judge, name: string, text: string): { got: readonly string[]; expected: unknown } {
    const { scenario, expected } = readCase(text, name);
    const judgement = judge.judge(scenario);
    if (judgement.kind === 'refused') return { got: [], expected: [] };
    const told = (_: unknown, index: number): boolean => !judgement.unjudged?.has(index);
    const texts = judgement.outcomes.map(outcome => outcomeText(outcome, scenario));
    return { got: texts.filter(told), expected: expected.filter(told) };
  }

  it.each(cases)('$name', ({ name, text }) => {
    for (const judge of judges.all) {
      const { got, expected } = answers(judge, name, text);
      expect({ judge: judge.name, got }).toEqual({ judge: judge.name, got: expected });
    }
  });
});
