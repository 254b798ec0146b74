// The counters that a translation keeps in its maps, under the keys that nf_tables' counters have.

import { arrayKey, type LoadedMap, lookupEntry, type System } from '../../../src/loader/index.ts';
import type { IrRuleset, RuleId } from '../../../src/lower/linear/ir.ts';
import type { CounterSlot, MapRole } from '../../../src/lower/program.ts';
import type { Count, Counts } from '../../support/net/counters.ts';

/** Where each rule stands: `FAMILY TABLE CHAIN INDEX`. */
export type RulePlaces = ReadonlyMap<RuleId, string>;

export function rulePlaces(ruleset: IrRuleset): RulePlaces {
  const places = new Map<RuleId, string>();
  for (const { family, name, chains } of ruleset.tables) {
    for (const chain of chains) {
      chain.rules.forEach((rule, index) => {
        places.set(rule.id, `${family} ${name} ${chain.name} ${index}`);
      });
    }
  }
  return places;
}

/** The key of a counter, as test/support/net/counters.ts has it. */
export function counterKey(slot: CounterSlot, places: RulePlaces): string {
  if ('object' in slot) return `object ${slot.family} ${slot.table} ${slot.object}`;
  return `rule ${places.get(slot.rule)} ${slot.counter}`;
}

/** Packets and bytes, 8 bytes each, summed over the CPUs. */
function sum(values: readonly Uint8Array[]): Count {
  let packets = 0n;
  let bytes = 0n;
  for (const value of values) {
    const view = new DataView(value.buffer, value.byteOffset);
    packets += view.getBigUint64(0, true);
    bytes += view.getBigUint64(8, true);
  }
  return { packets, bytes };
}

export interface CounterMap {
  readonly map: LoadedMap;
  readonly role: MapRole;
}

/** Reads every counter slot. */
export function readCounterMaps(system: System, maps: readonly CounterMap[], places: RulePlaces): Counts {
  const counts = new Map<string, Count>();
  for (const { map, role } of maps) {
    if (role.kind !== 'rule_counters') continue;
    role.slots.forEach((slot, index) => {
      const values = lookupEntry(system, map, arrayKey(index));
      if (!values.ok) throw new Error(values.error.message);
      counts.set(counterKey(slot, places), sum(values.value));
    });
  }
  return counts;
}
