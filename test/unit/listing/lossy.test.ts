// What the reference lists otherwise than it was loaded: we list it so, too.

import { describe, expect, it } from 'vitest';
import { askAll } from '../../property/language/oracle.ts';
import { isMissing } from '../../support/requirements.ts';
import { compareListing } from './listing.ts';

const inChain = (rule: string): string => `table inet t {\n\tchain c {\n\t\t${rule}\n\t}\n}\n`;

/** Keys of anonymous maps, in which plain numbers have no length. */
const maps: readonly string[] = [
  'meta length . tcp dport map { 5 . 22 : 0x8d }',
  'meta iiftype . udp length map { ether . 6 : 0x8d }',
  'sctp chunk data tsn . tcp dport map { 5 . 22 : 0x8d }',
  'vlan id . ip saddr map { 5 . 1.2.3.4 : 0x8d }',
  '@nh,8,8 . tcp dport map { 5 . 22 : 0x8d }',
  'meta length . tcp dport map { 5-6 . 22-33 : 0x8d, 7 . 44 : 0x9 }',
];

describe.skipIf(isMissing('root', 'nft'))('what the reference lists as something else', () => {
  it('is listed so', async () => {
    const inputs = maps.map(map => ({ text: inChain(`meta mark set ${map}`), listings: [0] }));
    const found: unknown[] = [];
    for await (const [{ text }, answer] of askAll(inputs)) {
      const listed = answer === 'crashed' ? undefined : answer.listed[0];
      const { outcome, expected, actual } = compareListing(text, listed);
      found.push([outcome, ...(outcome === 'changed' ? [] : [expected, actual])]);
    }
    expect(found).toEqual(maps.map(() => ['changed']));
  });
});
