// Sets as BPF maps. A map's key is nf_tables' key, byte for byte, parts padded to 4 bytes; of intervals it is an LPM
// prefix. The value is the data of a map, the index of a verdict, or 1. A prefix also says whether it begins an element,
// so that neighbours can be told from the parts of one range.

import type { IrSet, Verdict } from '../linear/ir.ts';
import type { BpfMap, SetRole } from '../program.ts';
import { type ElementForm, newElement, startAt } from './element-form.ts';
import type { Bounds, ElementResult, RangeElement, RangeSet } from './layout-elements.ts';
import { setRole } from './role.ts';

/** BPF_F_NO_PREALLOC: memory is taken as elements come. LPM tries insist on it. */
const BPF_F_NO_PREALLOC = 1;
const mostEntries = 2 ** 32 - 1;
/** Room for elements to come where the ruleset gives no size. */
const defaultRoom = 65_536;

/** What a map is made from. */
export interface MapInput {
  readonly set: IrSet;
  readonly contents: RangeSet;
  /** Of verdict maps: what their values number. */
  readonly verdicts: readonly Verdict[];
  readonly name: string;
  readonly owner: { readonly family: string; readonly table: string };
  /** Of maps to objects: what their values number. */
  readonly objects?: readonly string[];
  /** Of sets whose elements carry something. */
  readonly form?: ElementForm;
  /** When the elements come into the map: nanoseconds of CLOCK_MONOTONIC. */
  readonly now?: bigint;
}

const plainVerdicts: readonly Verdict[] = (['accept', 'drop', 'continue', 'return'] as const).map(kind => ({
  kind,
}));

/**
 * The verdicts that a map may give while its programs are loaded: those without a chain, and the chains that it names,
 * by name, so that the numbers do not depend on the order of elements.
 */
export function verdictsOf(set: IrSet, contents: RangeSet): readonly Verdict[] {
  if (set.data?.kind !== 'verdict') return [];
  const named = new Map<string, Verdict>();
  const all: ElementResult[] = [...contents.elements, ...(contents.catchAll ? [contents.catchAll] : [])];
  for (const { verdict } of all) if (verdict && 'chain' in verdict) named.set(verdictKey(verdict), verdict);
  const keys = [...named.keys()].sort();
  return [...plainVerdicts, ...keys.map(key => named.get(key)!)];
}

export function verdictKey(verdict: Verdict): string {
  return 'chain' in verdict ? `${verdict.kind} ${verdict.chain}` : verdict.kind;
}

/** Bytes of a value: data in words of 8, the index of a verdict, or a 1. */
export function valueSize({ data }: IrSet): number {
  return data?.kind === 'value' ? Math.ceil(data.length / 8) * 8 : 4;
}

/** Gives each element's value as the map holds it, in `size` bytes. */
export function valueWriter(
  { verdicts, objects = [] }: Pick<MapInput, 'verdicts' | 'objects'>,
  size: number,
): (result: ElementResult) => Uint8Array {
  const indexes = new Map(verdicts.map((verdict, index) => [verdictKey(verdict), index]));
  return ({ data, verdict, object }) => {
    const bytes = new Uint8Array(size);
    const number = (index: number): void => new DataView(bytes.buffer).setUint32(0, index, true);
    if (data) bytes.set(data);
    else if (verdict) number(indexes.get(verdictKey(verdict))!);
    else if (object !== undefined) number(objects.indexOf(object));
    else bytes[0] = 1;
    return bytes;
  };
}

function putNumber(bytes: Uint8Array, start: number, length: number, value: bigint): void {
  let rest = value;
  for (let i = length - 1; i >= 0; i--) {
    bytes[start + i] = Number(rest & 0xffn);
    rest >>= 8n;
  }
}

/** Elements that a set may grow to: what the ruleset says, or a good deal more than there are. */
function roomOf({ size }: IrSet, count: number): number {
  return size ?? Math.max(defaultRoom, 2 * count);
}

interface Columns {
  readonly keys: Uint8Array[];
  readonly values: Uint8Array[];
}

function joined(pieces: readonly Uint8Array[], size: number): Uint8Array {
  const bytes = new Uint8Array(pieces.length * size);
  pieces.forEach((piece, index) => {
    bytes.set(piece, index * size);
  });
  return bytes;
}

type Sizes = Pick<BpfMap, 'type' | 'keySize' | 'valueSize'>;

/** `room`: entries that the set may grow to, if it has no more than that already. */
function define(
  { name }: MapInput,
  role: SetRole,
  sizes: Sizes,
  room: number,
  { keys, values }: Columns,
): BpfMap {
  return {
    name,
    ...sizes,
    maxEntries: Math.min(Math.max(room, keys.length, 1), mostEntries),
    flags: BPF_F_NO_PREALLOC,
    count: keys.length,
    keys: joined(keys, sizes.keySize),
    values: joined(values, sizes.valueSize),
    role,
  };
}

/** The key of exact bounds, each part padded to 4 bytes (a single part is not). */
function exactKey(set: IrSet, contents: RangeSet, bounds: readonly Bounds[]): Uint8Array {
  const key = new Uint8Array(set.keyLength);
  let at = 0;
  contents.lengths.forEach((length, part) => {
    putNumber(key, at, length, bounds[part]!.low);
    at += Math.ceil(length / 4) * 4;
  });
  return key;
}

/** An element that was written twice is there once. */
function distinct({ elements }: RangeSet): readonly RangeElement[] {
  const known = new Map<string, RangeElement>();
  for (const element of elements) {
    const key = element.bounds.map(({ low }) => low).join();
    if (!known.has(key)) known.set(key, element);
  }
  return known.size === elements.length ? elements : [...known.values()];
}

/** Of elements that carry something: their keys are exact, and an element that was written twice is there once. */
function carryingColumns({ set, now }: MapInput, form: ElementForm): Columns {
  const { elements, keyLength } = set;
  const entries = new Map<string, { readonly key: Uint8Array; readonly value: Uint8Array }>();
  for (let index = 0; index < elements.count; index++) {
    const key = elements.keys.slice(index * keyLength, (index + 1) * keyLength);
    const text = key.join();
    if (entries.has(text)) continue;
    entries.set(text, { key, value: newElement(form, startAt(set, index, now)) });
  }
  const all = [...entries.values()];
  return { keys: all.map(({ key }) => key), values: all.map(({ value }) => value) };
}

export function hashMap(input: MapInput): BpfMap {
  const { set, contents, form } = input;
  const size = form?.size ?? valueSize(set);
  const elements = distinct(contents);
  const columns = form
    ? carryingColumns(input, form)
    : {
        keys: elements.map(element => exactKey(set, contents, element.bounds)),
        values: elements.map(valueWriter(input, size)),
      };
  const role = setRole(input, { keyOffset: 0, dataOffset: 0, ...(form && { carried: form }) });
  const sizes = { type: 'hash', keySize: set.keyLength, valueSize: size } as const;
  return define(input, role, sizes, set.size ?? (form?.room || roomOf(set, columns.keys.length)), columns);
}

/** The fewest prefixes that make up a range: [first number, prefix length]. None is empty: that is the catch-all's. */
export function prefixesOf({ low, high }: Bounds, bits: number): [bigint, number][] {
  const prefixes: [bigint, number][] = [];
  let from = low;
  while (from <= high) {
    let size = 0;
    while (
      size < bits - 1 &&
      (from >> BigInt(size)) % 2n === 0n &&
      from + (1n << BigInt(size + 1)) - 1n <= high
    )
      size++;
    prefixes.push([from, bits - size]);
    from += 1n << BigInt(size);
  }
  return prefixes;
}

function lpmKey(prefix: number, value: bigint, length: number): Uint8Array {
  const key = new Uint8Array(4 + length);
  new DataView(key.buffer).setUint32(0, prefix, true);
  putNumber(key, 4, length, value);
  return key;
}

/** Where an LPM value says whether its prefix begins an element: behind the data, or instead of the 1 of a set. */
function startOffset(set: IrSet): number {
  return set.data === undefined ? 0 : valueSize(set);
}

function lpmValueSize(set: IrSet): number {
  const padding = set.data?.kind === 'value' ? 8 : 4;
  return set.data === undefined ? valueSize(set) : valueSize(set) + padding;
}

/** Prefixes that a range takes at most. */
const mostPrefixes = (length: number): number => 16 * length - 2;

/** A catch-all is the prefix of length 0: asked only where no other holds the key. */
export function lpmMap(input: MapInput): BpfMap {
  const { set, contents } = input;
  const [length] = contents.lengths as readonly [number];
  const size = lpmValueSize(set);
  const start = startOffset(set);
  const value = valueWriter(input, size);
  const columns: Columns = { keys: [], values: [] };
  const add = (prefix: number, from: bigint, result: ElementResult, isStart: boolean): void => {
    columns.keys.push(lpmKey(prefix, from, length));
    const bytes = value(result);
    bytes[start] = isStart ? 1 : 0;
    columns.values.push(bytes);
  };
  for (const element of contents.elements) {
    const prefixes = prefixesOf(element.bounds[0]!, length * 8);
    prefixes.forEach(([from, prefix], index) => {
      add(prefix, from, element, index === 0);
    });
  }
  if (contents.catchAll) add(0, 0n, contents.catchAll, true);
  const role = setRole(input, { keyOffset: 4, dataOffset: 0, start });
  const room = roomOf(set, contents.elements.length) * mostPrefixes(length);
  return define(input, role, { type: 'lpm_trie', keySize: 4 + length, valueSize: size }, room, columns);
}
