// Sets whose elements expire: programs take an element that expired for absent, but it holds its place in the map until it
// is removed. nf_tables collects such elements about once a second; for a map, this does.

import type { BpfMap } from '../lower/program.ts';
import { Attribute } from './attribute.ts';
import { type Result, success } from './error.ts';
import { type LoadedMap, lookupEntry } from './map.ts';
import type { System } from './system.ts';

const ENOENT = 2;

/** The key behind `key` in the map's own order, the first one for none; undefined at the end. */
function nextKey(
  system: System,
  { fd, definition }: LoadedMap,
  key: Uint8Array | undefined,
): Result<Uint8Array | undefined> {
  const next = new Uint8Array(definition.keySize);
  const attribute = new Attribute(system).u32(0, fd).pointer(16, next);
  if (key !== undefined) attribute.pointer(8, key);
  const found = system.bpf('BPF_MAP_GET_NEXT_KEY', attribute);
  if (found.ok) return success(next);
  return found.error.errno === ENOENT ? success(undefined) : found;
}

function allKeys(system: System, map: LoadedMap): Result<readonly Uint8Array[]> {
  const keys: Uint8Array[] = [];
  // A key that is removed meanwhile begins the walk anew; there are never more keys than the map has room for.
  for (let key: Uint8Array | undefined; keys.length <= map.definition.maxEntries; ) {
    const next = nextKey(system, map, key);
    if (!next.ok) return next;
    if (next.value === undefined) break;
    key = next.value;
    keys.push(key);
  }
  return success(keys);
}

function expiryOffset(map: LoadedMap): number | undefined {
  const { role } = map.definition as Partial<BpfMap>;
  return role?.kind === 'set' ? role.carried?.expires : undefined;
}

/**
 * Removes the elements that have expired by `now` (nanoseconds of CLOCK_MONOTONIC) and says how many those were. Of maps whose
 * elements never expire there are none.
 */
export function collectExpired(system: System, map: LoadedMap, now: bigint): Result<number> {
  const offset = expiryOffset(map);
  if (offset === undefined) return success(0);
  const keys = allKeys(system, map);
  if (!keys.ok) return keys;
  let removed = 0;
  for (const key of keys.value) {
    const values = lookupEntry(system, map, key);
    if (!values.ok) return values;
    const [value] = values.value;
    if (value === undefined) continue;
    const expires = new DataView(value.buffer, value.byteOffset).getBigUint64(offset, true);
    if (expires === 0n || expires > now) continue;
    const gone = system.bpf('BPF_MAP_DELETE_ELEM', new Attribute(system).u32(0, map.fd).pointer(8, key));
    if (!gone.ok && gone.error.errno !== ENOENT) return gone;
    removed++;
  }
  return success(removed);
}
