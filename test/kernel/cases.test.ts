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

/** What a judge says, and what it should have said; nothing where it has no opinion. */
function answers(judge: Judge, name: string, text: string): { said: Answers; expected: Answers } {
  const { scenario, expected } = readCase(text, name);
  const judgement = judge.judge(scenario);
  const outcomes = judgement.kind === 'judged' ? judgement.outcomes : [];
  const unjudged = judgement.kind === 'judged' ? judgement.unjudged : undefined;
  const told = outcomes.map((_, index) => index).filter(index => !unjudged?.has(index));
  return {
    said: { judge: judge.name, got: told.map(index => outcomeText(outcomes[index]!, scenario)) },
    expected: { judge: judge.name, got: told.map(index => expected[index] ?? '') },
  };
}

function checkAll(judges: readonly Judge[], name: string, text: string): void {
  for (const judge of judges) {
    const { said, expected } = answers(judge, name, text);
    expect(said).toEqual(expected);
  }
}

describe('cases without a kernel', () => {
  const judges = wholeWayModelJudges();
  it.each(cases)('$name', ({ name, text }) => checkAll(judges, name, text));
});

describe.skipIf(isMissing('root', 'nft'))('cases in the kernel', () => {
  let judges: KernelJudges;
  beforeAll(async () => {
    judges = await openKernelJudges();
  });
  afterAll(() => judges.close());

  it.each(cases)('$name', ({ name, text }) => checkAll(judges.all, name, text));
});
