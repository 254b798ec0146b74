// Counters as numbers: what the CPUs counted, added up, and what the ruleset says that each starts with.

import type { CounterSlot } from '../lower/program.ts';
import { type GivenMap, readMap } from './given-map.ts';
import { failure, type Result } from './result.ts';

/** Packets and bytes, of 8 bytes each. */
const counterSize = 16;

/** A counter of a rule (`rule`, and `counter`: which of its counter statements) or a named one (`object`) with what it stands at. */
export type Counter = CounterSlot;

/**
 * What the counters of a map with role `rule_counters` stand at. `bytes` is what a look-up of all entries gives, one
 * after the other: of each entry the values of all CPUs (16 bytes each), in the byte order of the machine that runs the
 * programs; it is little endian unless `bigEndian` is true.
 */
export function decodeCounters(
  given: GivenMap,
  bytes: Uint8Array,
  options: { readonly bigEndian?: boolean } = {},
): Result<readonly Counter[]> {
  const map = readMap(given);
  if (!map.ok) return map;
  const { name, role } = map.value;
  if (role.kind !== 'rule_counters') return failure('not-counters', `map \`${name}\` holds no counters`);
  const entrySize = role.slots.length === 0 ? counterSize : bytes.length / role.slots.length;
  if (entrySize === 0 || entrySize % counterSize !== 0)
    return failure(
      'wrong-contents',
      `map \`${name}\`: ${bytes.length} bytes for ${role.slots.length} counters`,
    );
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  const isLittle = options.bigEndian !== true;
  const counters = role.slots.map((slot, index) => {
    let { packets, bytes: counted } = slot;
    for (let at = index * entrySize; at < (index + 1) * entrySize; at += counterSize) {
      packets += view.getBigUint64(at, isLittle);
      counted += view.getBigUint64(at + 8, isLittle);
    }
    return { ...slot, packets: BigInt.asUintN(64, packets), bytes: BigInt.asUintN(64, counted) };
  });
  return { ok: true, value: counters };
}
