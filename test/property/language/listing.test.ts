// Drawn rulesets, printed, against what the reference lists once it has loaded them. SEED draws others.

import { describe, expect, it } from 'vitest';
import { seed } from '../../support/random.ts';
import { isMissing } from '../../support/requirements.ts';
import { compareListing, type Listing, tally } from '../../unit/listing/listing.ts';
import { drawn } from './agreement.ts';
import { askAll } from './oracle.ts';

const inputs = 3000;
/** Of the texts that are listed; what is left is in docs/differences.md. Raised as more is understood. */
const leastSame = 0.99;

describe.skipIf(isMissing('root', 'nft'))('drawn rules and rulesets', () => {
  it('are printed as the reference lists them', async () => {
    const texts = Array.from({ length: inputs }, (_, index) => ({
      text: drawn(seed + index).text,
      listings: [0],
    }));
    const listings: Listing[] = [];
    for await (const [{ text }, answer] of askAll(texts))
      listings.push(compareListing(text, answer === 'crashed' ? undefined : answer.listed[0]));
    const counts = tally(listings);
    const { same = 0, changed = 0, different = 0, thrown = 0 } = counts;
    console.info(`seed ${seed}:`, counts);
    for (const { outcome, expected, actual } of listings)
      if (outcome === 'different' || outcome === 'thrown') console.info(`  - ${expected}\n  + ${actual}`);
    const listed = same + changed + different + thrown;
    expect(thrown).toBe(0);
    expect(listed).toBeGreaterThan(inputs / 5);
    expect((same + changed) / listed).toBeGreaterThanOrEqual(leastSame);
  }, 300_000);
});
