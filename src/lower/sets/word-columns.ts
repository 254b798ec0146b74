// The same contents as contents.ts builds, of columns of words: sorted, merged and checked without an object or a bigint an
// element. Whatever is to be reported, and concatenations of ranges, are left to contents.ts.

import type { Span } from '../../source/span.ts';
import { ElementFlag, type Elements, type Verdict } from '../linear/ir.ts';
import { dataLayout, type ItemData, isMerged, type SetShape } from './contents.ts';
import { verdictOf } from './contents-columns.ts';
import { type Layout, layoutOf } from './contents-layout.ts';

/** Words of each part, most significant first, one part after the other. */
interface WordLayout {
  readonly widths: readonly number[];
  readonly length: number;
}

export interface WordColumns {
  readonly length: number;
  readonly hasRanges: boolean;
  readonly key: WordLayout;
  readonly value: WordLayout;
  /** Both ends of each element, both included. */
  readonly from: Uint32Array;
  readonly to: Uint32Array;
  readonly data: Uint32Array;
  readonly verdicts: readonly ItemData[] | undefined;
  spanAt(index: number): Span;
}

/** Of the words at `a` and `b`: negative, zero or positive as the first value is less, the same or greater. */
function compareWords(x: Uint32Array, a: number, y: Uint32Array, b: number, length: number): number {
  for (let index = 0; index < length; index++) {
    const difference = x[a + index]! - y[b + index]!;
    if (difference !== 0) return difference;
  }
  return 0;
}

/** Indexes of elements by their first values; equal ones as written. */
function sortedIndexes({ length, key, from }: WordColumns): Int32Array {
  const width = key.length;
  const order = Int32Array.from({ length }, (_, index) => index);
  const compare = (a: number, b: number): number =>
    compareWords(from, a * width, from, b * width, width) || a - b;
  for (let index = 1; index < length; index++) if (compare(index - 1, index) > 0) return order.sort(compare);
  return order;
}

/** True if two elements have one key. */
function repeatsKey(columns: WordColumns, order: Int32Array): boolean {
  const width = columns.key.length;
  for (let index = 1; index < order.length; index++) {
    const [a, b] = [order[index - 1]! * width, order[index]! * width];
    if (compareWords(columns.from, a, columns.from, b, width) === 0) return true;
  }
  return false;
}

/** Elements as they are written out: words of a key, the element that it came from, and flags. */
class Rows {
  readonly #width: number;
  readonly words: Uint32Array;
  readonly sources: Int32Array;
  readonly flags: Uint8Array;
  count = 0;

  constructor(room: number, width: number) {
    this.#width = width;
    this.words = new Uint32Array(room * width);
    this.sources = new Int32Array(room);
    this.flags = new Uint8Array(room);
  }

  push(words: Uint32Array, at: number, source: number, flags: number): void {
    const start = this.count * this.#width;
    for (let index = 0; index < this.#width; index++) this.words[start + index] = words[at + index]!;
    this.sources[this.count] = source;
    this.flags[this.count++] = flags;
  }

  /** Makes the last key the next value. */
  increase(): void {
    let at = this.count * this.#width - 1;
    while (this.words[at] === 0xffff_ffff) this.words[at--] = 0;
    this.words[at]!++;
  }
}

/** Words of the largest value of a field. */
function maximumOf(bits: number, width: number): Uint32Array {
  const words = new Uint32Array(width).fill(0xffff_ffff);
  const rest = bits % 32;
  if (rest !== 0) words[0] = 2 ** rest - 1;
  return words;
}

/** Intervals of one field, as half-open pairs; `undefined` if two of them overlap and may not. */
function intervalRows(shape: SetShape, columns: WordColumns): Rows | undefined {
  const { length, from, to } = columns;
  const width = columns.key.length;
  const maximum = maximumOf(shape.parts[0]!.bits, width);
  const order = sortedIndexes(columns);
  const rows = new Rows(2 * length + 1, width);
  const merges = isMerged(shape);
  const finish = (end: number, source: number): void => {
    if (compareWords(to, end, maximum, 0, width) === 0) return;
    rows.push(to, end, source, ElementFlag.intervalEnd);
    rows.increase();
  };
  const first = order[0]!;
  const zero = new Uint32Array(width);
  if (compareWords(from, first * width, zero, 0, width) !== 0)
    rows.push(zero, 0, first, ElementFlag.intervalEnd);
  let source = first;
  let end = first * width;
  rows.push(from, end, source, 0);
  for (let index = 1; index < length; index++) {
    const at = order[index]! * width;
    const overlaps = compareWords(from, at, to, end, width) <= 0;
    if (overlaps && !merges && !isSame(columns, at, end)) return undefined;
    if (merges && (overlaps || follows(from, at, to, end, width))) {
      if (compareWords(to, at, to, end, width) > 0) end = at;
      continue;
    }
    finish(end, source);
    source = order[index]!;
    end = at;
    rows.push(from, at, source, 0);
  }
  finish(end, source);
  return rows;
}

function isSame({ from, to, key }: WordColumns, a: number, b: number): boolean {
  return compareWords(from, a, from, b, key.length) === 0 && compareWords(to, a, to, b, key.length) === 0;
}

/** True if the value at `a` is the one behind that at `b`. */
function follows(x: Uint32Array, a: number, y: Uint32Array, b: number, width: number): boolean {
  let index = width - 1;
  while (index > 0 && y[b + index] === 0xffff_ffff && x[a + index] === 0) index--;
  if (x[a + index]! !== y[b + index]! + 1) return false;
  return compareWords(x, a, y, b, index) === 0;
}

function rowsAsWritten(columns: WordColumns): Rows {
  const rows = new Rows(columns.length, columns.key.length);
  for (let index = 0; index < columns.length; index++)
    rows.push(columns.from, index * columns.key.length, index, 0);
  return rows;
}

/** Bytes of `count` values of a layout; `sourceOf` gives the index of each one's words, -1 for zeros. */
function bytesOf(
  layout: Layout,
  { widths, length }: WordLayout,
  words: Uint32Array,
  count: number,
  sourceOf: (index: number) => number,
): Uint8Array {
  const bytes = new Uint8Array(count * layout.length);
  let word = 0;
  for (const [
    part,
    {
      part: { length: size },
      offset,
      littleEndian,
    },
  ] of layout.parts.entries()) {
    const last = word + widths[part]! - 1;
    for (let index = 0; index < count; index++) {
      const source = sourceOf(index);
      if (source < 0) continue;
      const start = index * layout.length + offset;
      for (let byte = 0; byte < size; byte++) {
        const value = words[source * length + last - (byte >> 2)]! >>> (8 * (byte & 3));
        bytes[littleEndian ? start + byte : start + size - 1 - byte] = value;
      }
    }
    word += widths[part]!;
  }
  return bytes;
}

/** Of maps; an end of an interval has no data. */
function dataOf(shape: SetShape, columns: WordColumns, rows: Rows): Pick<Elements, 'data' | 'verdicts'> {
  const { sources, flags, count } = rows;
  const sourceOf = (index: number): number =>
    flags[index] === ElementFlag.intervalEnd ? -1 : sources[index]!;
  const layout = dataLayout(shape.data);
  if (layout !== undefined) return { data: bytesOf(layout, columns.value, columns.data, count, sourceOf) };
  const { verdicts } = columns;
  if (verdicts === undefined) return {};
  const made = new Map<ItemData, Verdict | undefined>();
  for (const data of new Set(verdicts)) made.set(data, data.kind === 'verdict' ? verdictOf(data) : undefined);
  return {
    verdicts: Array.from({ length: count }, (_, index) => made.get(verdicts[sourceOf(index)]!)),
  };
}

/** Elements as nf_tables gets them; `undefined` if there may be something to report. */
export function buildColumns(shape: SetShape, columns: WordColumns): Elements | undefined {
  const isSingle = shape.parts.length === 1;
  const { length, hasRanges } = columns;
  if (length === 0 || (shape.interval && !isSingle && hasRanges)) return undefined;
  if (shape.size !== undefined && length > shape.size) return undefined;
  if (shape.data !== undefined && repeatsKey(columns, sortedIndexes(columns))) return undefined;
  const rows = shape.interval && isSingle ? intervalRows(shape, columns) : rowsAsWritten(columns);
  if (rows === undefined) return undefined;
  const { count, words, sources, flags } = rows;
  const key = layoutOf(shape.parts, shape.interval);
  const keys = bytesOf(key, columns.key, words, count, index => index);
  return {
    count,
    keys,
    flags: flags.slice(0, count),
    ...(shape.interval && !isSingle && { keyEnds: keys.slice() }),
    ...dataOf(shape, columns, rows),
    get spans(): readonly Span[] {
      return Array.from({ length: count }, (_, index) => columns.spanAt(sources[index]!));
    },
  };
}
