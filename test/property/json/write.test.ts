// JSON as we write it against `nft -j list ruleset`: equal for all that the reference lists, and read again the bytecode is
// that of the text, but for what the reference's own listing loses (docs/json.md).

import { describe, expect, it } from 'vitest';
import { optionSets } from '../../support/output-options.ts';
import { seed } from '../../support/random.ts';
import { isMissing } from '../../support/requirements.ts';
import { corpusRounds, drawnInputs, type NamedRound, rounds, suiteInputs } from './inputs.ts';
import { type Outcome, tally } from './round.ts';

const drawnCount = 800;
/** Of drawn rulesets that the reference lists; raised as more is understood. */
const leastOfDrawn = 0.975;
/** Of so many rows one is listed with all options. */
const rowsOfOptions = 40;

/** Rulesets that the kernel does not take, and that nft would list with another meaning. */
const mostStrayed = 1;

const wrongOf = (found: readonly NamedRound[], ...outcomes: readonly Outcome[]): readonly string[] =>
  found.filter(({ outcome }) => outcomes.includes(outcome)).map(({ name, detail }) => `${name}\n${detail}`);

/** All that the reference lists is equal, and `least` say all that the text said. */
function expectEqual(what: string, found: readonly NamedRound[], least: number): void {
  console.info(what, tally(found));
  expect(wrongOf(found, 'different', 'refused')).toEqual([]);
  expect(wrongOf(found, 'strayed').length).toBeLessThanOrEqual(mostStrayed);
  expect(tally(found).same).toBeGreaterThan(least);
}

describe.skipIf(isMissing('root', 'nft', 'shared'))('JSON of rulesets', () => {
  it('of nft-suite is as nft lists it, whatever the options', async () => {
    const optionsOf = (index: number): number => (index % rowsOfOptions === 0 ? optionSets.length : 1);
    expectEqual('suite', await rounds(suiteInputs(), optionsOf), 3000);
  }, 300_000);

  it('of the corpus is as nft lists it', () => expectEqual('corpus', corpusRounds(), 90), 300_000);
});

describe.skipIf(isMissing('root', 'nft'))('JSON of drawn rulesets', () => {
  it('is as nft lists it', async () => {
    const found = await rounds(drawnInputs(drawnCount, seed), () => 1);
    const { same, lost, different } = tally(found);
    console.info('drawn', tally(found), wrongOf(found, 'different').slice(0, 3));
    expect(same + lost + different).toBeGreaterThan(drawnCount / 5);
    expect((same + lost) / (same + lost + different)).toBeGreaterThanOrEqual(leastOfDrawn);
  }, 300_000);
});
