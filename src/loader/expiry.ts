// Sets whose elements expire: programs take an element that expired for absent, but it holds its place in the map until it
// is removed. nf_tables collects such elements about once a second; for a map, this does.

import type { BpfMap } from '../lower/program.ts';
import { type Result, success } from './error.ts';
import { allKeys, deleteEntry, type LoadedMap, lookupEntry } from './map.ts';
import type { System } from './system.ts';

const ENOENT = 2;

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
    const gone = deleteEntry(system, map, key);
    if (!gone.ok && gone.error.errno !== ENOENT) return gone;
    removed++;
  }
  return success(removed);
}
