// Sets as BPF maps. A map's key is nf_tables' key, byte for byte, parts padded to 4 bytes; of intervals it is an LPM
// prefix. The value is the data of a map, the index of a verdict (`verdictIndex`), or 1.

import type { IrSet, Verdict } from '../linear/ir.ts';
import type { BpfMap, MapRole } from '../program.ts';
import type { Bounds, ElementResult, RangeSet } from './layout-elements.ts';

/** BPF_F_NO_PREALLOC: memory is taken as elements come. LPM tries insist on it. */
const BPF_F_NO_PREALLOC = 1;
/** Room for elements to come where the ruleset gives no size. */
const defaultRoom = 65_536;

/** Verdicts of a map in the order of their first use: what its values number. */
export function verdictsOf(contents: RangeSet): readonly Verdict[] {
  const known = new Map<string, Verdict>();
  const all: ElementResult[] = [...contents.elements, ...(contents.catchAll ? [contents.catchAll] : [])];
  for (const { verdict } of all)
    if (verdict && !known.has(verdictKey(verdict))) known.set(verdictKey(verdict), verdict);
  return [...known.values()];
}

export function verdictKey(verdict: Verdict): string {
  return 'chain' in verdict ? `${verdict.kind} ${verdict.chain}` : verdict.kind;
}

function valueSize(set: IrSet): number {
  return set.data?.kind === 'value' ? Math.ceil(set.data.length / 8) * 8 : 4;
}

/** Gives each element's value as the map holds it. */
export function valueWriter(set: IrSet, contents: RangeSet): (result: ElementResult) => Uint8Array {
  const size = valueSize(set);
  const indexes = new Map(verdictsOf(contents).map((verdict, index) => [verdictKey(verdict), index]));
  return ({ data, verdict }) => {
    const bytes = new Uint8Array(size);
    if (data) bytes.set(data);
    else bytes[0] = 1;
    if (verdict) new DataView(bytes.buffer).setUint32(0, indexes.get(verdictKey(verdict))!, true);
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

function room(set: IrSet, count: number): number {
  return Math.max(set.size ?? defaultRoom, count, 1);
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

function define(
  set: IrSet,
  name: string,
  role: MapRole,
  type: 'hash' | 'lpm_trie',
  keySize: number,
  { keys, values }: Columns,
): BpfMap {
  const size = valueSize(set);
  return {
    name,
    type,
    keySize,
    valueSize: size,
    maxEntries: room(set, keys.length),
    flags: BPF_F_NO_PREALLOC,
    count: keys.length,
    keys: joined(keys, keySize),
    values: joined(values, size),
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

export function hashMap(set: IrSet, contents: RangeSet, name: string, role: MapRole): BpfMap {
  const value = valueWriter(set, contents);
  const keys = contents.elements.map(element => exactKey(set, contents, element.bounds));
  const values = contents.elements.map(value);
  return define(set, name, role, 'hash', set.keyLength, { keys, values });
}

/** The fewest prefixes that make up a range: [first number, prefix length]. */
export function prefixesOf({ low, high }: Bounds, bits: number): [bigint, number][] {
  const prefixes: [bigint, number][] = [];
  let from = low;
  while (from <= high) {
    let size = 0;
    while (size < bits && (from >> BigInt(size)) % 2n === 0n && from + (1n << BigInt(size + 1)) - 1n <= high)
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

/** A catch-all is the prefix of length 0: asked only where no other holds the key. */
export function lpmMap(set: IrSet, contents: RangeSet, name: string, role: MapRole): BpfMap {
  const [length] = contents.lengths as readonly [number];
  const value = valueWriter(set, contents);
  const keys: Uint8Array[] = [];
  const values: Uint8Array[] = [];
  for (const element of contents.elements) {
    for (const [from, prefix] of prefixesOf(element.bounds[0]!, length * 8)) {
      keys.push(lpmKey(prefix, from, length));
      values.push(value(element));
    }
  }
  const coversAll = keys.some((_, i) => new DataView(keys[i]!.buffer).getUint32(0, true) === 0);
  if (contents.catchAll && !coversAll) {
    keys.push(lpmKey(0, 0n, length));
    values.push(value(contents.catchAll));
  }
  return define(set, name, role, 'lpm_trie', 4 + length, { keys, values });
}
