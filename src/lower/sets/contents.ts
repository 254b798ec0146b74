// The contents of a set: from elements as they were written (values and ranges of numbers, already of the right type)
// to the columns that nf_tables keeps. There is no BPF in it: how a set is searched is decided in layout.

import type { Diagnostic } from '../../source/diagnostic.ts';
import type { Span } from '../../source/span.ts';
import type { Elements, ValuePart, Verdict } from '../linear/ir.ts';
import { ColumnWriter } from './contents-columns.ts';
import { findOtherData, findRangeClash } from './contents-conflicts.ts';
import { arrange, type Conflict, findOverlap, type Interval, toPoints } from './contents-intervals.ts';
import {
  intervalLayoutOf,
  type Layout,
  layoutOf,
  orderedValue,
  type PartShape,
  valueParts,
} from './contents-layout.ts';

export type { PartShape } from './contents-layout.ts';

/** Both ends included; a single value has two equal ends. */
export interface KeyRange {
  readonly from: bigint;
  readonly to: bigint;
}

export type ItemData =
  | { readonly kind: 'value'; readonly parts: readonly KeyRange[] }
  | { readonly kind: 'verdict'; readonly verdict: Verdict['kind']; readonly chain?: string }
  | { readonly kind: 'object'; readonly name: string };

export type ElementExtras =
  NonNullable<Elements['extras']> extends ReadonlyMap<number, infer Extras> ? Extras : never;

export interface ContentItem {
  readonly span: Span;
  /** One range for each part of the key. */
  readonly parts: readonly KeyRange[] | 'catchall';
  readonly data?: ItemData;
  readonly extras?: ElementExtras;
}

/** `interval` of data: each element maps to a range of values. */
export type DataShape =
  | { readonly kind: 'value'; readonly parts: readonly PartShape[]; readonly interval: boolean }
  | { readonly kind: 'verdict' }
  | { readonly kind: 'object' };

export interface SetShape {
  readonly parts: readonly PartShape[];
  /** The set has (or may have) ranges. */
  readonly interval: boolean;
  readonly anonymous: boolean;
  /** `auto-merge` of a named set. Anonymous sets of intervals always merge. */
  readonly autoMerge: boolean;
  /** Absent: a set, no map. */
  readonly data?: DataShape;
  /** Largest number of elements. */
  readonly size?: number;
}

export interface SetLayout {
  readonly keyLength: number;
  readonly keyParts: readonly ValuePart[];
  /** See `IrSet`. */
  readonly fieldLengths?: readonly number[];
  /** Of maps to values. */
  readonly data?: { readonly length: number; readonly parts: readonly ValuePart[] };
}

export interface BuiltElements {
  readonly elements: Elements;
  readonly diagnostics: readonly Diagnostic[];
}

export function dataLayout(data: DataShape | undefined): Layout | undefined {
  if (data?.kind !== 'value') return undefined;
  return data.interval ? intervalLayoutOf(data.parts) : layoutOf(data.parts, false);
}

function fieldLengthsOf({ interval }: SetShape, { parts }: Layout): readonly number[] | undefined {
  const isWhole = parts.every(({ part, fieldLength }) => fieldLength === part.length);
  return !interval || parts.length === 1 || isWhole ? undefined : parts.map(part => part.fieldLength);
}

/** Widths and byte orders of keys and data, for the set's declaration. */
export function setLayout(shape: SetShape): SetLayout {
  const key = layoutOf(shape.parts, shape.interval);
  const data = dataLayout(shape.data);
  const fieldLengths = fieldLengthsOf(shape, key);
  const facts = {
    keyLength: key.length,
    keyParts: valueParts(key),
    ...(fieldLengths !== undefined && { fieldLengths }),
  };
  return data === undefined ? facts : { ...facts, data: { length: data.length, parts: valueParts(data) } };
}

function conflictDiagnostic(
  code: string,
  message: string,
  items: readonly ContentItem[],
  conflict: Conflict,
): Diagnostic {
  return {
    code,
    severity: 'error',
    message,
    span: items[conflict.second]!.span,
    notes: [{ message: 'the other element is here', span: items[conflict.first]!.span }],
  };
}

function fullDiagnostic(items: readonly ContentItem[], size: number): Diagnostic {
  return {
    code: 'set-full',
    severity: 'error',
    message: `the set holds at most ${size} element${size === 1 ? '' : 's'}`,
    span: items[size]?.span ?? items[items.length - 1]!.span,
  };
}

export function isMerged(shape: SetShape): boolean {
  return shape.data === undefined && (shape.anonymous || shape.autoMerge);
}

/** Of sets with a single part. Strings are ordered by their first byte, numbers by their value. */
function toIntervals(items: readonly ContentItem[], layout: Layout): readonly Interval[] {
  const part = layout.parts[0]!;
  const maximum = (1n << BigInt(part.bits)) - 1n;
  return items.map(({ parts }, source) => {
    if (parts === 'catchall') return { from: maximum, to: maximum, source, catchall: true };
    const { from, to } = parts[0]!;
    return { from: orderedValue(part, from), to: orderedValue(part, to), source, catchall: false };
  });
}

function check(shape: SetShape, items: readonly ContentItem[], layout: Layout): readonly Diagnostic[] {
  const single = shape.interval && shape.parts.length === 1;
  if (single && !isMerged(shape)) {
    const overlap = findOverlap(toIntervals(items, layout));
    if (overlap !== undefined) {
      return [conflictDiagnostic('conflicting-intervals', 'conflicting intervals specified', items, overlap)];
    }
  }
  const other = findOtherData(items);
  if (other !== undefined) {
    return [conflictDiagnostic('duplicate-element', 'the map has another value for this key', items, other)];
  }
  const clash = shape.interval && !single ? findRangeClash(items, layout) : undefined;
  if (clash === undefined) return [];
  return [
    conflictDiagnostic('conflicting-intervals', 'the range overlaps one inserted before it', items, clash),
  ];
}

function writeIntervals(shape: SetShape, items: readonly ContentItem[], writer: ColumnWriter): void {
  const intervals = arrange(toIntervals(items, writer.key), isMerged(shape));
  const maximum = (1n << BigInt(shape.parts[0]!.bits)) - 1n;
  for (const { value, source, kind } of toPoints(intervals, maximum, shape.anonymous)) {
    if (kind === 'catchall') writer.writeItem(items[source]!);
    else writer.writePoint(value, items[source]!, kind === 'end');
  }
}

/** Elements that take up room: each key once; ends of intervals and the catch-all element are free. */
function countOf({ count, flags, keys }: Elements, keyLength: number): number {
  const known = new Set<string>();
  for (let index = 0; index < count; index++) {
    if (flags[index] === 0) known.add(keys.subarray(index * keyLength, (index + 1) * keyLength).join());
  }
  return known.size;
}

/**
 * Elements as columns, in the order nf_tables gets them: intervals of one field sorted, all else as written. Elements
 * written twice are there twice, unless they merge. With errors among the diagnostics the columns are empty.
 */
export function buildElements(shape: SetShape, items: readonly ContentItem[]): BuiltElements {
  const key = layoutOf(shape.parts, shape.interval);
  const diagnostics = check(shape, items, key);
  const writer = new ColumnWriter(key, dataLayout(shape.data), shape);
  if (diagnostics.length > 0) return { elements: writer.finish(), diagnostics };
  if (shape.interval && shape.parts.length === 1) writeIntervals(shape, items, writer);
  else for (const item of items) writer.writeItem(item);
  const elements = writer.finish();
  if (shape.size === undefined || countOf(elements, key.length) <= shape.size)
    return { elements, diagnostics };
  return { elements, diagnostics: [fullDiagnostic(items, shape.size)] };
}
