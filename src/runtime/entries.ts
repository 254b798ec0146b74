// The entries of a map as values: keys and values by the bytes of the key, in the order of the map's columns.

import type { BpfMap } from '../lower/program.ts';

export interface Entry {
  readonly key: Uint8Array;
  readonly value: Uint8Array;
}

/** The bytes of a key as a string of as many characters. (Spreading the bytes would go through an iterator.) */
export function keyText(key: Uint8Array): string {
  return Reflect.apply(String.fromCharCode, undefined, key);
}

export function sameBytes(a: Uint8Array, b: Uint8Array): boolean {
  return a.length === b.length && a.every((byte, index) => byte === b[index]);
}

export function entryAt({ keys, values, keySize, valueSize }: BpfMap, index: number): Entry {
  return {
    key: keys.subarray(index * keySize, (index + 1) * keySize),
    value: values.subarray(index * valueSize, (index + 1) * valueSize),
  };
}

/** Of an entry that is there twice, the last holds, as if they had been put in one after the other. */
export function entriesOf(map: BpfMap): Map<string, Entry> {
  const entries = new Map<string, Entry>();
  for (let index = 0; index < map.count; index++) {
    const entry = entryAt(map, index);
    entries.set(keyText(entry.key), entry);
  }
  return entries;
}

/** The map with these entries instead of its own. */
export function withEntries(map: BpfMap, entries: readonly Entry[]): BpfMap {
  const { keySize, valueSize } = map;
  const keys = new Uint8Array(entries.length * keySize);
  const values = new Uint8Array(entries.length * valueSize);
  entries.forEach(({ key, value }, index) => {
    keys.set(key, index * keySize);
    values.set(value, index * valueSize);
  });
  return { ...map, count: entries.length, keys, values };
}
