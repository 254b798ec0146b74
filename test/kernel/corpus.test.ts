// Real rulesets: how much of them translates, and that the kernel takes whatever is emitted.

import { beforeAll, describe, expect, it } from 'vitest';
import { kernel, kernelBtf } from '../support/kernel.ts';
import { isMissing } from '../support/requirements.ts';
import { Verifier } from '../support/verifier.ts';
import { corpusOutcomes, type Outcome, type Outcomes, reasonTable } from './corpus.ts';

/** Raised as more is translated. */
const leastChains = 0.84;
const leastFiles = 0.41;
/** Of the base chains in files that also have a nat chain. */
const leastBesideNat = 0.83;

function exactShare(outcomes: readonly Outcome[]): number {
  return outcomes.filter(({ refused }) => refused === undefined).length / outcomes.length;
}

function besideNat(outcomes: readonly Outcome[]): readonly Outcome[] {
  return outcomes.filter(outcome => outcome.besideNat);
}

function summary(what: string, outcomes: readonly Outcome[]): string {
  const exact = outcomes.filter(({ refused }) => refused === undefined).length;
  return `${exact} of ${outcomes.length} ${what} translate exactly; the others are refused:\n${reasonTable(outcomes)}`;
}

describe.skipIf(isMissing('root', 'shared', 'vmlinux'))('programs of the corpus', () => {
  let outcomes: Outcomes;
  beforeAll(async () => {
    const verifier = new Verifier(await kernel(), kernelBtf());
    outcomes = corpusOutcomes(verifier);
    console.info(summary('base chains of type filter', outcomes.chains));
    console.info(summary('base chains of type filter beside nat chains', besideNat(outcomes.chains)));
    console.info(summary('files', outcomes.files));
    console.info(`${verifier.loaded} different programs loaded`);
  }, 300_000);

  it('are taken by the kernel, optimised and not', () => {
    expect(outcomes.chains.flatMap(({ rejections }) => rejections)).toEqual([]);
    expect(outcomes.files.flatMap(({ rejections }) => rejections)).toEqual([]);
  });

  it('are there for most base chains of type filter', () => {
    expect(outcomes.chains.length).toBeGreaterThan(300);
    expect(exactShare(outcomes.chains)).toBeGreaterThanOrEqual(leastChains);
  });

  it('are there for most of those that stand beside a nat chain', () => {
    const chains = besideNat(outcomes.chains);
    expect(chains.length).toBeGreaterThan(150);
    expect(exactShare(chains)).toBeGreaterThanOrEqual(leastBesideNat);
  });

  it('are there for the whole of many files', () => {
    expect(exactShare(outcomes.files)).toBeGreaterThanOrEqual(leastFiles);
  });
});
