// Listings of elements, so that ours and nft's can be compared.

import type { BpfMap } from '../../../src/lower/program.ts';
import { timeValue } from '../../../src/nft-grammar/literals.ts';

/** `elements = { … }` of the one set, on one line. */
export function listedElements(listing: string): string {
  return (/elements = \{([\s\S]*?)\}\n/.exec(listing)?.[1] ?? '').replace(/\s+/g, ' ').trim();
}

/** Of elements that have no order. */
export function sorted(elements: string): string {
  return elements.split(', ').sort().join(', ');
}

/** Elements of hashes have no order; nft has its own for some of their types. */
export function inOrder({ type }: BpfMap, elements: string): string {
  return type === 'hash' ? sorted(elements) : elements;
}

/** Time goes on between two listings of nft: what is left is compared in minutes that have begun. */
export function wholeMinutes(elements: string): string {
  return elements.replace(
    /expires (\w+)/g,
    (_, left: string) => `expires ${(timeValue(left)! + 59_999n) / 60_000n}m`,
  );
}
