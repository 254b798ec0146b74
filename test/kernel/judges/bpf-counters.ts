// The counters that a translation keeps in its maps, under the keys that nf_tables' counters have.

import {
  arrayKey,
  type LoadedMap,
  lookupEntry,
  openRing,
  type Ring,
  type System,
} from '../../../src/loader/index.ts';
import type { IrRuleset, RuleId } from '../../../src/lower/linear/ir.ts';
import type { BpfMap, CounterSlot, MapRole } from '../../../src/lower/program.ts';
import type { Count, Counts } from '../../support/net/counters.ts';
import { LogCounts } from './log-counts.ts';

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

interface CounterMap {
  readonly map: LoadedMap;
  readonly role: MapRole;
}

/** Reads all counters of a loaded translation, and what its log statements wrote. Close it before the maps. */
export class BpfCounters {
  private readonly system: System;
  private readonly maps: readonly CounterMap[];
  private readonly places: RulePlaces;
  private readonly logs = new LogCounts();
  private readonly ring: { readonly map: BpfMap; readonly ring: Ring } | undefined;

  constructor(
    system: System,
    definitions: readonly BpfMap[],
    loaded: ReadonlyMap<string, LoadedMap>,
    places: RulePlaces,
  ) {
    this.system = system;
    this.places = places;
    this.maps = definitions.map(({ name, role }) => ({ map: loaded.get(name)!, role }));
    const map = definitions.find(({ role }) => role.kind === 'log');
    if (map === undefined) return;
    const ring = openRing(system, loaded.get(map.name)!);
    if (!ring.ok) throw new Error(ring.error.message);
    this.ring = { map, ring: ring.value };
  }

  read(): Counts {
    if (this.ring) this.logs.addRecords(this.ring.map, this.ring.ring.read());
    const counters = readCounterMaps(this.system, this.maps, this.places);
    return new Map([...counters, ...this.logs.counts]);
  }

  close(): void {
    this.ring?.ring.close();
  }
}

/** Reads every counter slot. */
function readCounterMaps(system: System, maps: readonly CounterMap[], places: RulePlaces): Counts {
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
