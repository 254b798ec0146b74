// Counters read from the maps of a translation, in the form in which the register IR's evaluator gives its own.

import type { MapTable } from '../../bpf-asm/vm/index.ts';
import type { Family } from '../../model/family.ts';
import type { CounterReading } from '../linear/eval/index.ts';
import type { BpfMap, CounterSlot } from '../program.ts';

/** A counter slot holds packets and bytes, 64 bits each. */
function readSlot(slot: CounterSlot, value: Uint8Array): CounterReading {
  const view = new DataView(value.buffer, value.byteOffset, value.byteLength);
  const { packets, bytes, ...what } = slot;
  return {
    ...what,
    family: slot.family as Family,
    packets: packets + view.getBigUint64(0, true),
    bytes: bytes + view.getBigUint64(8, true),
  };
}

/** All counters, the values that the ruleset starts with included. */
export function readCounters(definitions: readonly BpfMap[], maps: MapTable): CounterReading[] {
  return definitions.flatMap(({ name, role }) => {
    const entries = maps.get(name)?.entries();
    if (role.kind !== 'rule_counters' || entries === undefined) return [];
    return role.slots.map((slot, index) => readSlot(slot, entries[index]!.value));
  });
}
