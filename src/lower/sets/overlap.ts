// Elements of a map that hold a key both. nf_tables takes the one that was inserted first (fact 38), unless it looks the map
// up by AVX2 (nft_set_pipapo_avx2.c): that goes through the prefixes of the last part in blocks, and of several blocks with
// a match the last one counts (seen on Linux 6.18). So what a large map says depends on the processor.

import type { IrSet } from '../linear/ir.ts';
import { type Box, sharingPairs } from './contents-conflicts.ts';
import type { Conflict } from './contents-intervals.ts';
import type { ElementResult, RangeElement, RangeSet } from './layout-elements.ts';
import { prefixesOf } from './layout-map.ts';

/** Prefixes of a block: one a bit of a register. */
const blockSize = 256;

/** An element with the blocks that its prefixes stand in. */
interface Placed extends Box {
  readonly element: RangeElement;
  readonly blocks: { readonly first: number; readonly last: number };
}

function placed(elements: readonly RangeElement[], lastLength: number): readonly Placed[] {
  let prefixes = 0;
  const blockOf = (ordinal: number): number => Math.floor(ordinal / blockSize);
  return elements.map((element, index) => {
    const first = blockOf(prefixes);
    prefixes += prefixesOf(element.bounds.at(-1)!, lastLength * 8).length;
    const parts = element.bounds.map(({ low, high }) => ({ from: low, to: high }));
    return { parts, index, element, blocks: { first, last: blockOf(prefixes - 1) } };
  });
}

const resultText = ({ data, verdict, object }: ElementResult): string =>
  JSON.stringify([data === undefined ? null : [...data], verdict ?? null, object ?? null]);

const overlap = (a: Box, b: Box): boolean =>
  a.parts.every(({ from, to }, part) => from <= b.parts[part]!.to && b.parts[part]!.from <= to);

/** Indexes of two elements of which the first decides on some machines and the second on others, if there are such. */
export function findUncertainOverlap(set: IrSet, { elements, lengths }: RangeSet): Conflict | undefined {
  if (set.data === undefined || set.keyParts.length < 2 || set.elements.keyEnds === undefined)
    return undefined;
  const boxes = placed(elements, lengths.at(-1)!);
  if ((boxes.at(-1)?.blocks.last ?? 0) === 0) return undefined;
  for (const [first, second] of sharingPairs(boxes)) {
    const isCertain = first.blocks.first === second.blocks.last;
    if (isCertain || !overlap(first, second)) continue;
    if (resultText(first.element) !== resultText(second.element))
      return { first: first.element.index, second: second.element.index };
  }
  return undefined;
}
