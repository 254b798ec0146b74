// Concatenations with ranges in a set that may change: a list in an array map, tried in order, so that the first element
// inserted wins (fact 38 of docs/semantics.md). Entry: 8 bytes of state, the lower and the upper bound of each
// part, the value. Bounds are numbers of the machine's order: 8 bytes, or 16 with the high half first.

import type { BpfMap } from '../program.ts';
import { movedBy, newElement, startAt } from './element-form.ts';
import type { RangeElement } from './layout-elements.ts';
import { type MapInput, valueSize, valueWriter } from './layout-map.ts';
import { setRole } from './role.ts';

/** States of an entry: the list ends here; an element; an element that was removed. */
export const scanState = { end: 0, element: 1, removed: 2 } as const;

/** Numbers of 8 bytes in a key. */
export function wordCount(lengths: readonly number[]): number {
  return lengths.reduce((sum, length) => sum + (length > 8 ? 2 : 1), 0);
}

/** Offset of the lower bounds, the upper bounds and the value in an entry. */
export function scanOffsets(words: number): {
  readonly from: number;
  readonly to: number;
  readonly value: number;
} {
  return { from: 8, to: 8 + words * 8, value: 8 + words * 16 };
}

/** More than 8 bytes stand at the left end of 16, as code loads them. */
function wordsOf(value: bigint, length: number): bigint[] {
  if (length <= 8) return [value];
  const wide = value << BigInt((16 - length) * 8);
  return [wide >> 64n, wide & ((1n << 64n) - 1n)];
}

/** Entries that a set without a size may grow to; each costs a look-up that misses some nanoseconds. */
const defaultRoom = 256;

function writeEntry(
  bytes: Uint8Array,
  { bounds }: RangeElement,
  lengths: readonly number[],
  value: Uint8Array,
): void {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  view.setBigUint64(0, BigInt(scanState.element), true);
  const at = scanOffsets(wordCount(lengths));
  const write = (start: number, numbers: readonly bigint[]): void => {
    numbers.forEach((number, index) => {
      view.setBigUint64(start + index * 8, number, true);
    });
  };
  write(
    at.from,
    bounds.flatMap(({ low }, part) => wordsOf(low, lengths[part]!)),
  );
  write(
    at.to,
    bounds.flatMap(({ high }, part) => wordsOf(high, lengths[part]!)),
  );
  bytes.set(value, at.value);
}

/** Where the bounds of each part stand in an entry. */
function boundOffsets(lengths: readonly number[]): { readonly from: number; readonly to: number }[] {
  const { from, to } = scanOffsets(wordCount(lengths));
  return lengths.map((_, part) => {
    const before = wordCount(lengths.slice(0, part)) * 8;
    return { from: from + before, to: to + before };
  });
}

/** A list's entries, in order; of elements that carry something, their state in the place of data. */
export function scanMap(input: MapInput): BpfMap {
  const { set, contents, name, form: carried } = input;
  const { elements, lengths } = contents;
  const offsets = scanOffsets(wordCount(lengths));
  const dataSize = carried?.size ?? valueSize(set);
  const plain = valueWriter(input, dataSize);
  const value = (element: RangeElement): Uint8Array =>
    carried ? newElement(carried, startAt(set, element.index)) : plain(element);
  const size = offsets.value + dataSize;
  const keys = new Uint8Array(elements.length * 4);
  const values = new Uint8Array(elements.length * size);
  elements.forEach((element, index) => {
    new DataView(keys.buffer).setUint32(index * 4, index, true);
    writeEntry(values.subarray(index * size, (index + 1) * size), element, lengths, value(element));
  });
  const maxEntries = Math.max(set.size ?? Math.max(defaultRoom, 2 * elements.length), elements.length, 1);
  const fixed = { name, type: 'array', keySize: 4, valueSize: size, maxEntries, flags: 0 } as const;
  const place = { keyOffset: 0, bounds: boundOffsets(lengths), dataOffset: offsets.value };
  const form = { ...place, ...(carried && { carried: movedBy(carried, offsets.value) }) };
  const role = setRole(input, form);
  return { ...fixed, count: elements.length, keys, values, role };
}
