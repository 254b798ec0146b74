// `print` against `nft list ruleset`: nft's own rule tests, real rulesets, and the output options.

import { describe, expect, it } from 'vitest';
import { askAll } from '../../property/language/oracle.ts';
import { optionSets } from '../../support/output-options.ts';
import { isMissing } from '../../support/requirements.ts';
import { readSuite, textOf } from '../reference/suite.ts';
import { machine } from '../reference/translate.ts';
import { listCorpus } from './corpus.ts';
import { compareListing, type Listing, type Outcome, tally } from './listing.ts';

/** Shares of what the reference's kernel takes; raised as more is understood. */
const leastOfSuite = 1;
const leastOfCorpus = 1;
/** Rows that the kernel does not take, and that nft itself lists as something else (bridge reject). */
const mostLost = 1;

const agreeing: ReadonlySet<Outcome> = new Set(['same', 'changed']);
const judged: ReadonlySet<Outcome> = new Set([...agreeing, 'different', 'thrown']);

function shareOf(listings: readonly Listing[]): number {
  const known = listings.filter(({ outcome }) => judged.has(outcome));
  return known.filter(({ outcome }) => agreeing.has(outcome)).length / known.length;
}

/** Of so many rows one is listed with all options. */
const rowsOfOptions = 10;

describe.skipIf(isMissing('root', 'nft', 'shared'))('listings', () => {
  it('of the suite are as the reference lists them, whatever the options', async () => {
    const rows = readSuite().filter(row => row.expect === 'ok');
    const inputs = rows.map((row, index) => ({
      row,
      text: textOf(row),
      listings: (index % rowsOfOptions === 0 ? optionSets : optionSets.slice(0, 1)).map(([flags]) => flags),
    }));
    const listings: Listing[] = [];
    const wrong: string[] = [];
    for await (const [{ row, text, listings: asked }, answer] of askAll(inputs)) {
      for (const [index, [, options]] of optionSets.slice(0, asked.length).entries()) {
        const listed = answer === 'crashed' ? undefined : answer.listed[index];
        const listing = compareListing(text, listed, machine, index === 0 ? undefined : options);
        listings.push(listing);
        if (listing.outcome === 'different' || listing.outcome === 'thrown')
          wrong.push(
            `${row.id} ${JSON.stringify(options)}: ${row.rule}\n  - ${listing.expected}\n  + ${listing.actual}`,
          );
      }
    }
    console.info(tally(listings));
    expect(wrong).toEqual([]);
    expect(shareOf(listings)).toBeGreaterThanOrEqual(leastOfSuite);
    const lost = listings.filter(({ outcome }) => outcome === 'lost' || outcome === 'refused');
    expect(lost.length).toBeLessThanOrEqual(mostLost);
  }, 300_000);

  it('of real rulesets are as the reference lists them', () => {
    const listings = [...listCorpus()];
    const wrong = listings.filter(([, { outcome }]) => outcome === 'different' || outcome === 'thrown');
    console.info(tally(listings.map(([, listing]) => listing)));
    expect(wrong.map(([file, { expected, actual }]) => `${file}\n  - ${expected}\n  + ${actual}`)).toEqual(
      [],
    );
    expect(shareOf(listings.map(([, listing]) => listing))).toBeGreaterThanOrEqual(leastOfCorpus);
  }, 300_000);
});
