// Elements out of the entries of a map, and the entries that elements become. What the translator lays out is read back
// here; how it is laid out is its business alone (lower/sets).

import type { ElementData, KeyPart, TypedElement } from '../ast/type/typed.ts';
import type { Elements } from '../lower/linear/ir.ts';
import type { BpfMap, PartRole } from '../lower/program.ts';
import { buildElements, type ContentItem } from '../lower/sets/contents.ts';
import {
  intervalLayoutOf,
  type Layout,
  layoutOf,
  orderedValue,
  readPart,
  writePart,
} from '../lower/sets/contents-layout.ts';
import { layOutMap } from '../lower/sets/layout.ts';
import { rangeSet } from '../lower/sets/layout-elements.ts';
import { scanState } from '../lower/sets/layout-scan.ts';
import { type Entry, entryAt } from './entries.ts';
import type { Result } from './result.ts';
import { type EntryForm, nowhere, type SetForm } from './set-form.ts';

const viewOf = ({ buffer, byteOffset, length }: Uint8Array): DataView =>
  new DataView(buffer, byteOffset, length);

function keyLayout({ shape }: SetForm): Layout {
  return layoutOf(shape.parts, shape.interval);
}

function dataOf({ shape, role }: SetForm, value: Uint8Array): ElementData | undefined {
  const { data } = role;
  if (data?.kind === 'verdict') {
    const verdict = data.verdicts[viewOf(value).getUint32(data.offset, true)];
    if (verdict === undefined) return undefined;
    return { kind: 'verdict', verdict: verdict.kind, ...('chain' in verdict && { chain: verdict.chain }) };
  }
  if (data === undefined || shape.data?.kind !== 'value') return undefined;
  const { parts: shapes, interval } = shape.data;
  const layout = interval ? intervalLayoutOf(shapes) : layoutOf(shapes, false);
  const numbers = layout.parts.map(part => readPart(value, data.offset, part));
  const parts = shapes.map((_, index) => ({
    from: numbers[index]!,
    to: numbers[interval ? shapes.length + index : index]!,
  }));
  return { kind: 'value', parts, interval };
}

function elementOf(set: SetForm, parts: TypedElement['parts'], value: Uint8Array): TypedElement {
  const data = dataOf(set, value);
  return { span: nowhere, parts, ...(data && { data }) };
}

function hashElement(set: SetForm, { key, value }: Entry): TypedElement {
  const parts = keyLayout(set).parts.map(part => {
    const number = readPart(key, 0, part);
    return { from: number, to: number };
  });
  return elementOf(set, parts, value);
}

/** Bounds are as the kernel compares them: bytes of memory, the first one most significant. */
function rangeOf(set: SetForm, index: number, low: bigint, high: bigint): KeyPart {
  const part = keyLayout(set).parts[index]!;
  const maximum = (1n << BigInt(part.bits)) - 1n;
  const to = orderedValue(part, high);
  return { from: orderedValue(part, low), to: to > maximum ? maximum : to };
}

/** A bound in a list's entry: 8 bytes, or more at the high end of 16. */
function boundAt(view: DataView, at: number, { bytes }: PartRole): bigint {
  const first = view.getBigUint64(at, true);
  if (bytes <= 8) return first;
  return ((first << 64n) | view.getBigUint64(at + 8, true)) >> BigInt((16 - bytes) * 8);
}

/** Undefined for an entry that is no element. */
function listElement(set: SetForm, { value }: Entry): TypedElement | undefined {
  const view = viewOf(value);
  if (stateOf(value) !== scanState.element) return undefined;
  const parts = set.role.key!.map((part, index) =>
    rangeOf(set, index, boundAt(view, part.offset, part), boundAt(view, part.upper!, part)),
  );
  return elementOf(set, parts, value);
}

/** The state of a list's entry (lower/sets/layout-scan.ts). */
export function stateOf(value: Uint8Array): number {
  return Number(viewOf(value).getBigUint64(0, true));
}

interface Prefix {
  readonly length: number;
  readonly low: bigint;
  readonly high: bigint;
  readonly starts: boolean;
  readonly value: Uint8Array;
}

export function prefixLength({ key }: Entry): number {
  return viewOf(key).getUint32(0, true);
}

function prefixOf(set: SetForm, entry: Entry): Prefix {
  const length = prefixLength(entry);
  const low = entry.key.subarray(4).reduce((sum, byte) => (sum << 8n) | BigInt(byte), 0n);
  const free = (1n << BigInt((entry.key.length - 4) * 8 - length)) - 1n;
  const starts = viewOf(entry.value).getUint32(set.role.start ?? 0, true) !== 0;
  return { length, low, high: low | free, starts, value: entry.value };
}

/** The element of one prefix alone: a part of a range, or all of it. */
function prefixElement(set: SetForm, { length, low, high, value }: Prefix): TypedElement {
  return elementOf(set, length === 0 ? 'catchall' : [rangeOf(set, 0, low, high)], value);
}

const byPlace = (a: Prefix, b: Prefix): number =>
  a.low < b.low ? -1 : a.low > b.low ? 1 : a.length - b.length;

/** Prefixes that belong together become one range. */
function lpmElements(set: SetForm, entries: readonly Entry[]): TypedElement[] {
  const prefixes = entries.map(entry => prefixOf(set, entry)).sort(byPlace);
  const ranges: Prefix[] = [];
  const rest = prefixes.filter(({ length }) => length === 0);
  for (const prefix of prefixes) {
    if (prefix.length === 0) continue;
    const last = ranges.at(-1);
    const isMore = !prefix.starts && last !== undefined && last.high + 1n === prefix.low;
    if (isMore) ranges[ranges.length - 1] = { ...last, high: prefix.high };
    else ranges.push(prefix);
  }
  return [...ranges, ...rest].map(range => prefixElement(set, range));
}

/** The entries of a map that are looked at: those of a list up to its end, in order. */
export function liveEntries(set: EntryForm, map: BpfMap): Entry[] {
  const entries = Array.from({ length: map.count }, (_, index) => entryAt(map, index));
  if (set.form !== 'list') return entries;
  entries.sort((a, b) => viewOf(a.key).getUint32(0, true) - viewOf(b.key).getUint32(0, true));
  const end = entries.findIndex(({ value }) => stateOf(value) === scanState.end);
  return end < 0 ? entries : entries.slice(0, end);
}

/** What an entry says by itself; undefined for the entries of a list that are no element. */
export function elementOfEntry(set: SetForm, entry: Entry): TypedElement | undefined {
  if (set.form === 'hash') return hashElement(set, entry);
  return set.form === 'list' ? listElement(set, entry) : prefixElement(set, prefixOf(set, entry));
}

/** All elements, in the order in which look-ups try them; of ranges in the order of their values. */
export function elementsOf(set: SetForm, entries: readonly Entry[]): TypedElement[] {
  if (set.form === 'lpm') return lpmElements(set, entries);
  return entries.map(entry => elementOfEntry(set, entry)).filter(element => element !== undefined);
}

/** The key of single values in a hash. */
export function exactKey(set: SetForm, values: readonly KeyPart[]): Uint8Array {
  const layout = keyLayout(set);
  const key = new Uint8Array(layout.length);
  for (const [index, part] of layout.parts.entries()) writePart(key, 0, part, values[index]!.from);
  return key;
}

/** Elements that count for the size of the set: the catch-all does not. */
export function countElements(set: SetForm, map: BpfMap): number {
  if (set.form !== 'lpm') return map.count;
  const prefixes = liveEntries(set, map).map(entry => prefixOf(set, entry));
  return prefixes.filter(({ starts, length }) => starts && length > 0).length;
}

/** The elements as nf_tables would get them, or why it refuses them. The size of the set is not looked at. */
export function builtElements(set: SetForm, elements: readonly TypedElement[]): Result<Elements> {
  const { size: _, ...shape } = set.shape;
  const items = elements.map(
    ({ span, parts, data }): ContentItem => ({ span, parts, ...(data && { data }) }),
  );
  const built = buildElements(shape, items);
  return built.diagnostics.length > 0
    ? { ok: false, diagnostics: built.diagnostics }
    : { ok: true, value: built.elements };
}

/** The map as the translator would make it with these elements. */
export function mapWith(set: SetForm, map: BpfMap, elements: Elements): BpfMap {
  const ir = { ...set.ir, elements };
  const { data, family, table } = set.role;
  const verdicts = data?.kind === 'verdict' ? data.verdicts : [];
  const owner = { family, table };
  return layOutMap({ set: ir, contents: rangeSet(ir), verdicts, name: map.name, owner }).map;
}
