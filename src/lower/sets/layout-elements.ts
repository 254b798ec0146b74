// A set's elements as ranges of numbers, whatever form nf_tables keeps them in: exact keys, half-open pairs of one
// field, or concatenations with both ends.

import { ElementFlag, type IrSet, SetFlag, type Verdict } from '../linear/ir.ts';

export interface Bounds {
  readonly low: bigint;
  readonly high: bigint;
}

/** What an element says: nothing (a set), data, a verdict, or an object. */
export interface ElementResult {
  readonly data?: Uint8Array;
  readonly verdict?: Verdict;
  /** Name of an object. */
  readonly object?: string;
}

export interface RangeElement extends ElementResult {
  /** One a part of the key, ends included. */
  readonly bounds: readonly Bounds[];
  /** Of the set's own elements. */
  readonly index: number;
}

export interface RangeSet {
  /** In order of insertion: of several that hold a key, the first wins. */
  readonly elements: readonly RangeElement[];
  readonly catchAll?: ElementResult;
  /** Lengths of the parts in bytes. */
  readonly lengths: readonly number[];
}

function numberAt(column: Uint8Array, start: number, length: number): bigint {
  let value = 0n;
  for (let i = 0; i < length; i++) value = (value << 8n) | BigInt(column[start + i]!);
  return value;
}

function resultOf(set: IrSet, index: number): ElementResult {
  const { data, verdicts, objects, count } = set.elements;
  if (objects !== undefined) return objects[index] === undefined ? {} : { object: objects[index] };
  if (verdicts !== undefined) return verdicts[index] ? { verdict: verdicts[index] } : {};
  if (data === undefined || set.data?.kind !== 'value') return {};
  const stride = data.length / count;
  return { data: data.slice(index * stride, index * stride + set.data.length) };
}

/** Where each part begins in a key, in bytes. */
export function partOffsets(set: IrSet): number[] {
  const offsets: number[] = [];
  let at = 0;
  for (const { length } of set.keyParts) {
    offsets.push(at);
    at += Math.ceil(length / 4) * 4;
  }
  return offsets;
}

function concatenated(set: IrSet, lengths: readonly number[]): RangeElement[] {
  const { keys, keyEnds = keys, flags, count } = set.elements;
  const offsets = partOffsets(set);
  const elements: RangeElement[] = [];
  const known = new Set<string>();
  for (let index = 0; index < count; index++) {
    if ((flags[index]! & (ElementFlag.catchall | ElementFlag.intervalEnd)) !== 0) continue;
    const start = index * set.keyLength;
    const bounds = lengths.map((length, part) => ({
      low: numberAt(keys, start + offsets[part]!, length),
      high: numberAt(keyEnds, start + offsets[part]!, length),
    }));
    if (set.elements.keyEnds !== undefined && isKnown(known, bounds)) continue;
    elements.push({ bounds, index, ...resultOf(set, index) });
  }
  return elements;
}

/** Whether the same ranges were there before: nf_tables keeps them once. */
function isKnown(known: Set<string>, bounds: readonly Bounds[]): boolean {
  const key = bounds.map(({ low, high }) => `${low}-${high}`).join('.');
  if (known.has(key)) return true;
  known.add(key);
  return false;
}

/** Half-open pairs: an element holds from its key to the next greater bound (fact 39). */
function intervals(set: IrSet, length: number): RangeElement[] {
  const { keys, flags, count } = set.elements;
  const isCatchAll = (index: number): boolean => (flags[index]! & ElementFlag.catchall) !== 0;
  const isEnd = (index: number): boolean => (flags[index]! & ElementFlag.intervalEnd) !== 0;
  const sorted = Array.from({ length: count }, (_, index) => ({
    index,
    key: isCatchAll(index) ? 0n : numberAt(keys, index * set.keyLength, length),
  })).filter(({ index }) => !isCatchAll(index));
  sorted.sort((a, b) => (a.key < b.key ? -1 : a.key > b.key ? 1 : 0));
  const top = (1n << BigInt(length * 8)) - 1n;
  const elements: RangeElement[] = [];
  let next = top + 1n;
  for (let i = sorted.length - 1; i >= 0; i--) {
    const { index, key } = sorted[i]!;
    const after = sorted[i + 1];
    if (after !== undefined && after.key > key) next = after.key;
    if (isEnd(index)) continue;
    // Of an interval that is there twice the first holds, which has what it was written with.
    if (elements.at(-1)?.bounds[0]?.low === key) elements.pop();
    elements.push({ bounds: [{ low: key, high: next - 1n }], index, ...resultOf(set, index) });
  }
  return elements.reverse();
}

function catchAllOf(set: IrSet): ElementResult | undefined {
  const index = set.elements.flags.findIndex(flags => (flags & ElementFlag.catchall) !== 0);
  return index < 0 ? undefined : resultOf(set, index);
}

/** The parts of a set's key, as far as they are compared; a set of one part has just that. */
export function partLengths(set: IrSet): readonly number[] {
  if (set.fieldLengths !== undefined) return set.fieldLengths;
  return set.keyParts.length > 1 ? set.keyParts.map(part => part.length) : [set.keyLength];
}

export function rangeSet(set: IrSet): RangeSet {
  const lengths = partLengths(set);
  const isPairs = lengths.length === 1 && (set.flags & SetFlag.interval) !== 0 && !set.elements.keyEnds;
  const elements = isPairs ? intervals(set, lengths[0]!) : concatenated(set, lengths);
  const catchAll = catchAllOf(set);
  return { elements, lengths, ...(catchAll && { catchAll }) };
}
