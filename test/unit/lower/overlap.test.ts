// Overlapping elements of which Linux 6.18 takes one or the other, as the processor has AVX2 or not. The numbers were tried
// with nf_tables there: behind 255 elements the later one wins, behind 253 or 256 the first.

import { describe, expect, it } from 'vitest';
import { translate } from '../../../src/index.ts';

const addresses = (count: number): readonly string[] =>
  Array.from({ length: count }, (_, index) => `10.1.${index >> 8}.${index & 255} . 81 : accept`);
const warned = (elements: readonly string[], key = 'ip saddr . tcp dport'): boolean => {
  const text = `table inet t { chain c { type filter hook input priority 0; ${key} vmap { ${elements.join(', ')} }; }; }`;
  const { ok, diagnostics } = translate(text);
  expect(ok).toBe(true);
  return diagnostics.some(({ code }) => code === 'uncertain-overlap');
};

describe('overlapping elements', () => {
  const overlapping = ['10.0.0.3 . 80 : drop', '10.0.0.0/8 . 0-65535 : accept'];

  it.each([
    [0, false],
    [253, false],
    [255, true],
    [256, false],
    [511, true],
  ])('behind %i others: uncertain %s', (before, expected) => {
    expect(warned([...addresses(before), ...overlapping])).toBe(expected);
  });

  it('are certain where they say the same, or do not overlap after all', () => {
    expect(warned([...addresses(255), '10.0.0.3 . 80 : accept', '10.0.0.0/8 . 0-65535 : accept'])).toBe(
      false,
    );
    expect(warned([...addresses(255), '10.0.0.3 . 80 : drop', '10.0.0.0/8 . 81-65535 : accept'])).toBe(false);
  });

  it('count by the prefixes of the last part', () => {
    const ranges = ['0 . 2001:db8::2-fd00::1 : drop', '0-65535 . 2001:db8::1-ff02::1 : accept'];
    const singles = Array.from({ length: 9 }, (_, index) => `80 . 2001:db8:1::${index} : accept`);
    // 124 and 127 prefixes.
    expect(warned([...singles.slice(0, 5), ...ranges], 'th dport . ip6 saddr')).toBe(false);
    expect(warned([...singles, ...ranges], 'th dport . ip6 saddr')).toBe(true);
  });
});
