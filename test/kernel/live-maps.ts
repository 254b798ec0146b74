// Maps of programs that are attached.

import {
  deleteEntry,
  type LoadedMap,
  readContents,
  type System,
  updateEntry,
} from '../../src/loader/index.ts';
import type { BpfMap } from '../../src/lower/program.ts';
import type { MapUpdate } from '../../src/runtime/updates.ts';
import { unwrap } from './judges/bpf-live.ts';

export function applyUpdate(system: System, maps: ReadonlyMap<string, LoadedMap>, update: MapUpdate): void {
  const map = maps.get(update.map)!;
  if (update.kind === 'delete') unwrap(deleteEntry(system, map, update.key));
  else unwrap(updateEntry(system, map, update.key, update.value, update.flags));
}

/** The map with its contents as the kernel has them now. */
export function dumped(system: System, maps: ReadonlyMap<string, LoadedMap>, map: BpfMap): BpfMap {
  return { ...map, ...unwrap(readContents(system, maps.get(map.name)!)) };
}
