// Every case file through every judge that is there: what nf_tables said when the case was recorded must be what
// nf_tables in this kernel says, and what all others say.

import { readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { readCase, writeCase } from '../support/case-file.ts';
import { isMissing } from '../support/requirements.ts';
import type { Judge } from '../support/scenario.ts';
import { outcomeText } from './judge.ts';
import { type KernelJudges, openKernelJudges, wholeWayModelJudges } from './judges/all.ts';

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

interface Answers {
  readonly judge: string;
  readonly got: readonly string[];
}

/** Checks what a judge says against what it should say; where it has no opinion, why. */
function check(judge: Judge, name: string, text: string): string | undefined {
  const { scenario, expected } = readCase(text, name);
  const judgement = judge.judge(scenario);
  if (judgement.kind === 'refused') return judgement.reason;
  const { outcomes, unjudged } = judgement;
  const told = outcomes.map((_, index) => index).filter(index => !unjudged?.has(index));
  const said: Answers = {
    judge: judge.name,
    got: told.map(index => outcomeText(outcomes[index]!, scenario)),
  };
  expect(said).toEqual({ judge: judge.name, got: told.map(index => expected[index] ?? '') });
  return undefined;
}

describe('cases without a kernel', () => {
  const judges = wholeWayModelJudges();
  it.each(cases)('$name', ({ name, text }) => {
    for (const judge of judges) check(judge, name, text);
  });
});

describe.skipIf(isMissing('root', 'nft'))('cases in the kernel', () => {
  let judges: KernelJudges;
  beforeAll(async () => {
    judges = await openKernelJudges();
  });
  afterAll(() => judges.close());

  // Some judges cannot say (XDP has no marks); a case that no program decides would show nothing.
  it.each(cases)('$name', ({ name, text }) => {
    const refused = new Map(judges.all.map(judge => [judge.name, check(judge, name, text)]));
    expect(refused.get('live')).toBeUndefined();
  });
});
