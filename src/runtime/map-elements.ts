// Elements out of the entries of a map, and the entries that elements become. What the translator lays out is read back
// here; how it is laid out is its business alone (lower/sets).

import type { ElementData, KeyPart, TypedElement } from '../ast/type/typed.ts';
import type { Elements } from '../lower/linear/ir.ts';
import { contentItem } from '../lower/linear/set.ts';
import type { BpfMap, PartRole } from '../lower/program.ts';
import { buildElements } from '../lower/sets/contents.ts';
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
import { type Entry, entryAt, keyText } from './entries.ts';
import { nowhere, type Result } from './result.ts';
import type { EntryForm, SetForm } from './set-form.ts';

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
  if (data?.kind === 'object') {
    const name = data.objects[viewOf(value).getUint32(data.offset, true)];
    return name === undefined ? undefined : { kind: 'object', name };
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
function listElement(set: SetForm, entry: Entry): TypedElement | undefined {
  const { value } = entry;
  const view = viewOf(value);
  if (!isElement(entry)) return undefined;
  const parts = set.role.key!.map((part, index) =>
    rangeOf(set, index, boundAt(view, part.offset, part), boundAt(view, part.upper!, part)),
  );
  return elementOf(set, parts, value);
}

/** The state of a list's entry (lower/sets/layout-scan.ts). */
export function stateOf(value: Uint8Array): number {
  return Number(viewOf(value).getBigUint64(0, true));
}

/** Whether an entry of a list is one. */
export function isElement({ value }: Entry): boolean {
  return stateOf(value) === scanState.element;
}

/** Prefixes that belong together: one of a range, or all of it. */
interface Run {
  /** Bits of the first prefix; 0: the catch-all. */
  readonly bits: number;
  readonly low: bigint;
  high: bigint;
  readonly starts: boolean;
  readonly entries: Entry[];
}

export function prefixLength({ key }: Entry): number {
  return viewOf(key).getUint32(0, true);
}

function bigEndian(bytes: Uint8Array): bigint {
  if (bytes.length === 4) return BigInt(viewOf(bytes).getUint32(0));
  return bytes.reduce((sum, byte) => (sum << 8n) | BigInt(byte), 0n);
}

function runOf(set: SetForm, entry: Entry): Run {
  const bits = prefixLength(entry);
  const low = bigEndian(entry.key.subarray(4));
  const free = (1n << BigInt((entry.key.length - 4) * 8 - bits)) - 1n;
  const starts = viewOf(entry.value).getUint32(set.role.start ?? 0, true) !== 0;
  return { bits, low, high: low | free, starts, entries: [entry] };
}

/** The element of a run; of a prefix alone, if that is all there is to see. */
function runElement(set: SetForm, { bits, low, high, entries }: Run): TypedElement {
  return elementOf(set, bits === 0 ? 'catchall' : [rangeOf(set, 0, low, high)], entries[0]!.value);
}

const byPlace = (a: Run, b: Run): number => (a.low < b.low ? -1 : a.low > b.low ? 1 : a.bits - b.bits);

/** In the order of their values; the catch-all is the last. */
function runsOf(set: SetForm, entries: readonly Entry[]): Run[] {
  const prefixes = entries.map(entry => runOf(set, entry)).sort(byPlace);
  const runs: Run[] = [];
  for (const prefix of prefixes) {
    const last = runs.at(-1);
    if (prefix.bits === 0) continue;
    if (prefix.starts || last === undefined || last.high + 1n !== prefix.low) runs.push(prefix);
    else {
      last.high = prefix.high;
      last.entries.push(...prefix.entries);
    }
  }
  return [...runs, ...prefixes.filter(({ bits }) => bits === 0)];
}

/** Those that a change of the given elements may touch, and how many entries and elements there are beside them. */
export interface Concerned {
  readonly entries: readonly Entry[];
  readonly otherEntries: number;
  /** Those that count for the size of the set. */
  readonly otherElements: number;
}

/** With more changes than this at once, all of a set is looked at. */
const fewRanges = 64;

function concernedRuns(set: SetForm, entries: readonly Entry[], given: readonly TypedElement[]): Concerned {
  const part = keyLayout(set).parts[0]!;
  const wanted = given.flatMap(({ parts }) =>
    parts === 'catchall'
      ? []
      : [{ low: orderedValue(part, parts[0]!.from) - 1n, high: orderedValue(part, parts[0]!.to) + 1n }],
  );
  const isNear = ({ bits, low, high }: Run): boolean =>
    bits === 0 || wanted.some(range => low <= range.high && range.low <= high);
  const runs = runsOf(set, entries);
  const near = wanted.length > fewRanges ? runs : runs.filter(isNear);
  const nearEntries = near.flatMap(run => run.entries);
  return {
    entries: nearEntries,
    otherEntries: entries.length - nearEntries.length,
    otherElements: runs.length - near.length,
  };
}

function concernedKeys(set: SetForm, entries: readonly Entry[], given: readonly TypedElement[]): Concerned {
  const keys = new Set(
    given.flatMap(({ parts }) => (parts === 'catchall' ? [] : [keyText(exactKey(set, parts))])),
  );
  const known = entries.filter(({ key }) => keys.has(keyText(key)));
  const others = entries.length - known.length;
  return { entries: known, otherEntries: others, otherElements: others };
}

/** Of large sets only what is near the given elements is looked at; in lists all entries are near each other. */
export function concernedBy(
  set: SetForm,
  entries: readonly Entry[],
  given: readonly TypedElement[],
): Concerned {
  if (set.form === 'hash') return concernedKeys(set, entries, given);
  if (set.form === 'lpm') return concernedRuns(set, entries, given);
  return { entries, otherEntries: 0, otherElements: 0 };
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
  return set.form === 'list' ? listElement(set, entry) : runElement(set, runOf(set, entry));
}

/** All elements, in the order in which look-ups try them; of ranges in the order of their values. */
export function elementsOf(set: SetForm, entries: readonly Entry[]): TypedElement[] {
  if (set.form === 'lpm') return runsOf(set, entries).map(run => runElement(set, run));
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
  return runsOf(set, liveEntries(set, map)).filter(({ bits }) => bits > 0).length;
}

/** The elements as nf_tables would get them, or why it refuses them. The size of the set is not looked at. */
export function builtElements(set: SetForm, elements: readonly TypedElement[]): Result<Elements> {
  const { size: _, ...shape } = set.shape;
  const built = buildElements(shape, elements.map(contentItem));
  return built.diagnostics.length > 0
    ? { ok: false, diagnostics: built.diagnostics }
    : { ok: true, value: built.elements };
}

/** The map as the translator would make it with these elements, whose times run from `now` on. */
export function mapWith(set: SetForm, map: BpfMap, elements: Elements, now: bigint | undefined): BpfMap {
  const ir = { ...set.ir, elements };
  const { data, family, table } = set.role;
  const verdicts = data?.kind === 'verdict' ? data.verdicts : [];
  const owner = { family, table };
  return layOutMap({
    set: ir,
    contents: rangeSet(ir),
    verdicts,
    name: map.name,
    owner,
    ...(data?.kind === 'object' && { objects: data.objects }),
    ...(set.carried && { form: set.carried.form }),
    ...(now !== undefined && { now }),
  }).map;
}
