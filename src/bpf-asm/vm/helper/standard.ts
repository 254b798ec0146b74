// Helpers that need no packet: maps, ring buffers, time and chance. Each reads R1-R5 and leaves its result in R0.

import { type HelperName, helperNumber } from '../../helpers.ts';
import type { Routine } from '../compile.ts';
import { FaultSignal } from '../fault.ts';
import type { VmMap } from '../map/map.ts';
import { RingBuffer } from '../map/ringbuf.ts';
import type { MapTable } from '../map/table.ts';
import type { State } from '../state.ts';
import type { Environment } from './environment.ts';

function mapOf(state: State, maps: MapTable, register: number): VmMap {
  const map = maps.withHandle(state.high[register]!);
  if (map === undefined || state.low[register] !== 0)
    throw new FaultSignal('bad-argument', `R${register} is no map`);
  return map;
}

function ringOf(state: State, maps: MapTable): RingBuffer {
  const map = mapOf(state, maps, 1);
  if (!(map instanceof RingBuffer)) throw new FaultSignal('bad-argument', 'R1 is no ring buffer');
  return map;
}

function keyOf(state: State, map: VmMap): Uint8Array {
  return state.bytes(2, map.definition.keySize);
}

function lookup(state: State, map: VmMap): void {
  const offset = map.lookup(keyOf(state, map));
  if (offset < 0 || map.values === undefined) state.setInt(0, 0);
  else state.setAddress(0, map.values, offset);
}

/** A 64-bit flag word; what does not fit a small number is as wrong as any unknown flag. */
function flagsOf(state: State, register: number): number {
  return Number(state.get(register));
}

function finishRecord(state: State, maps: readonly RingBuffer[], end: 'submitted' | 'discarded'): void {
  const region = state.memory.regionAt(state.high[1]!, state.low[1]!);
  if (!maps.some(ring => ring.finish(region, end)))
    throw new FaultSignal('bad-argument', 'R1 is no reserved record');
  state.setInt(0, 0);
}

function mapHelpers(maps: MapTable): Partial<Record<HelperName, Routine>> {
  return {
    map_lookup_elem: state => lookup(state, mapOf(state, maps, 1)),
    map_lookup_percpu_elem: state => lookup(state, mapOf(state, maps, 1)),
    map_update_elem: state => {
      const map = mapOf(state, maps, 1);
      const value = state.bytes(3, map.definition.valueSize);
      state.setInt(0, map.update(keyOf(state, map), value, flagsOf(state, 4)));
    },
    map_delete_elem: state => {
      const map = mapOf(state, maps, 1);
      state.setInt(0, map.delete(keyOf(state, map)));
    },
  };
}

function ringHelpers(maps: MapTable): Partial<Record<HelperName, Routine>> {
  const used = new Set<RingBuffer>();
  return {
    ringbuf_output: state => {
      state.setInt(0, ringOf(state, maps).output(state.bytes(2, state.low[3]! >>> 0)));
    },
    ringbuf_reserve: state => {
      const ring = ringOf(state, maps);
      used.add(ring);
      const region = ring.reserve(state.low[2]! >>> 0);
      if (region === undefined) state.setInt(0, 0);
      else state.setAddress(0, region, 0);
    },
    ringbuf_submit: state => finishRecord(state, [...used], 'submitted'),
    ringbuf_discard: state => finishRecord(state, [...used], 'discarded'),
  };
}

function machineHelpers(environment: Environment): Partial<Record<HelperName, Routine>> {
  const nothing: Routine = state => state.setInt(0, 0);
  return {
    ktime_get_ns: state => state.set(0, environment.monotonicTime()),
    ktime_get_coarse_ns: state => state.set(0, environment.monotonicTime()),
    ktime_get_boot_ns: state => state.set(0, environment.bootTime()),
    ktime_get_tai_ns: state => state.set(0, environment.taiTime()),
    jiffies64: state => state.set(0, environment.jiffies()),
    get_prandom_u32: state => state.set(0, BigInt(environment.random() >>> 0)),
    get_smp_processor_id: state => state.setInt(0, environment.cpu),
    // There is one CPU, so a lock is always free.
    spin_lock: nothing,
    spin_unlock: nothing,
  };
}

/** By number, from a list by name. */
export function helperTable(named: Partial<Record<HelperName, Routine>>): Map<number, Routine> {
  return new Map(Object.entries(named).map(([name, routine]) => [helperNumber[name as HelperName], routine]));
}

/** The helpers that every program type has. */
export function standardHelpers(maps: MapTable, environment: Environment): Map<number, Routine> {
  return helperTable({ ...mapHelpers(maps), ...ringHelpers(maps), ...machineHelpers(environment) });
}
