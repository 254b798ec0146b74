// Addresses as the scanner tells them from what follows, against Node's own idea of them.

import { isIPv6 } from 'node:net';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { readIpv6Words } from '../../../src/ast/type/fast-literals.ts';
import { parseIpv6 } from '../../../src/ast/type/literal/address.ts';
import { addressLength } from '../../../src/nft-grammar/literals.ts';

/** Texts of groups, colons and gaps, many of them addresses, of which some go on where they should end. */
const group = fc.constantFrom('0', '1', 'ab', 'c0d', 'fFfF', '12345', '');
const near = fc.array(group, { minLength: 1, maxLength: 10 }).map(groups => groups.join(':'));
const tail = fc.constantFrom('', ' ', ',', '/64', '-1::2', ':', '::', ' . 22', ' : accept', 'g');
const texts = fc.tuple(near, tail).map(([address, behind]) => address + behind);

const linkAddress = /^[0-9a-fA-F]{1,2}(?::[0-9a-fA-F]{1,2}){5}$/;

describe('an address of hexadecimal groups', () => {
  it('is the longest that begins there', () => {
    fc.assert(
      fc.property(texts, text => {
        const prefixes = Array.from({ length: text.length + 1 }, (_, length) => text.slice(0, length));
        const longest = prefixes.filter(prefix => isIPv6(prefix) || linkAddress.test(prefix)).at(-1);
        // A gap in front is a colon to begin with, which other parts of the scanner look at.
        fc.pre(!text.startsWith(':'));
        expect(addressLength(text, 0)).toBe(longest?.length ?? 0);
      }),
      { numRuns: 20_000 },
    );
  });

  it('is the same number read at once and by all forms', () => {
    let addresses = 0;
    fc.assert(
      fc.property(texts, text => {
        const words = new Uint32Array(6).fill(7);
        const isRead = readIpv6Words(text, 0, text.length, words, 1);
        if (!isRead) return;
        addresses++;
        const value = words.subarray(1, 5).reduce((sum, word) => (sum << 32n) | BigInt(word), 0n);
        expect({ text, value, around: [words[0], words[5]] }).toEqual({
          text,
          value: parseIpv6(text),
          around: [7, 7],
        });
      }),
      { numRuns: 20_000 },
    );
    expect(addresses).toBeGreaterThan(500);
  });
});
