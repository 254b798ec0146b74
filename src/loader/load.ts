// A whole translation into the kernel: maps, their contents, programs; and attached, if wanted. Whatever fails,
// what was opened before is closed again.

import type { Btf } from '../bpf-asm/btf/read.ts';
import type { MapDefinition } from '../bpf-asm/map-spec.ts';
import type { BpfMap, Program } from '../lower/program.ts';
import { clockValue, clockValueSize } from '../model/clock.ts';
import { type Result, success } from './error.ts';
import { createLink, type LinkOptions } from './link.ts';
import { arrayKey, createMap, fillMap, type LoadedMap, updateEntry } from './map.ts';
import { loadProgram } from './program.ts';
import { type RelocationTargets, relocate } from './relocate.ts';
import type { System } from './system.ts';

/** The parts of a `Program` that loading needs. */
export type LoadableProgram = Pick<Program, 'name' | 'target' | 'code' | 'relocations'>;

export interface LoadedProgram<P extends LoadableProgram> {
  readonly program: P;
  readonly fd: number;
}

export interface LoadedTranslation<P extends LoadableProgram> {
  readonly programs: readonly LoadedProgram<P>[];
  /** By name. */
  readonly maps: ReadonlyMap<string, LoadedMap>;
  /** Closes all descriptors. Attached programs live on until their links are closed too. */
  readonly close: () => void;
}

class Descriptors {
  private readonly open: number[] = [];
  private readonly system: System;

  constructor(system: System) {
    this.system = system;
  }

  add(descriptor: number): void {
    this.open.push(descriptor);
  }

  close(): void {
    for (const descriptor of this.open.splice(0).reverse()) this.system.close(descriptor);
  }
}

function isClock(definition: MapDefinition): boolean {
  return (definition as Partial<BpfMap>).role?.kind === 'clock';
}

/** Writes the machine's clocks into a map of role `clock`; again whenever they may have changed. */
export function setClock(system: System, map: LoadedMap): Result<number> {
  const { taiOffset, minutesWest } = system.clock();
  const value = new Uint8Array(clockValueSize);
  const view = new DataView(value.buffer);
  view.setBigInt64(clockValue.taiOffset, taiOffset, true);
  view.setBigInt64(clockValue.west, BigInt(minutesWest) * 60n, true);
  return updateEntry(system, map, arrayKey(0), value);
}

function loadMaps(
  system: System,
  definitions: readonly MapDefinition[],
  descriptors: Descriptors,
): Result<Map<string, LoadedMap>> {
  const maps = new Map<string, LoadedMap>();
  for (const definition of definitions) {
    const map = createMap(system, definition);
    if (!map.ok) return map;
    descriptors.add(map.value.fd);
    maps.set(definition.name, map.value);
    const filled = fillMap(system, map.value);
    if (!filled.ok) return filled;
    const set = isClock(definition) ? setClock(system, map.value) : success(0);
    if (!set.ok) return set;
  }
  return success(maps);
}

function loadPrograms<P extends LoadableProgram>(
  system: System,
  programs: readonly P[],
  targets: RelocationTargets,
  descriptors: Descriptors,
): Result<LoadedProgram<P>[]> {
  const loaded: LoadedProgram<P>[] = [];
  for (const program of programs) {
    const code = relocate(program.code, program.relocations, targets);
    if (!code.ok) return code;
    const fd = loadProgram(system, { name: program.name, target: program.target, code: code.value });
    if (!fd.ok) return fd;
    descriptors.add(fd.value);
    loaded.push({ program, fd: fd.value });
  }
  return success(loaded);
}

/** Creates and fills the maps, resolves relocations and loads the programs. `btf` is the running kernel's. */
export function loadTranslation<P extends LoadableProgram>(
  system: System,
  programs: readonly P[],
  maps: readonly MapDefinition[],
  btf?: Btf,
): Result<LoadedTranslation<P>> {
  const descriptors = new Descriptors(system);
  const loadedMaps = loadMaps(system, maps, descriptors);
  if (!loadedMaps.ok) {
    descriptors.close();
    return loadedMaps;
  }
  const fds = new Map([...loadedMaps.value].map(([name, map]) => [name, map.fd]));
  const loaded = loadPrograms(system, programs, { maps: fds, ...(btf && { btf }) }, descriptors);
  if (!loaded.ok) {
    descriptors.close();
    return loaded;
  }
  return success({ programs: loaded.value, maps: loadedMaps.value, close: () => descriptors.close() });
}

/**
 * Attaches every program at every place it names, in the calling thread's network namespace. The value closes the
 * links, which detaches.
 */
export function attachTranslation(
  system: System,
  translation: LoadedTranslation<Program>,
  options: LinkOptions = {},
): Result<() => void> {
  const links = new Descriptors(system);
  for (const { program, fd } of translation.programs) {
    const defragment = program.requires.includes('defragmentation');
    for (const attach of program.attach) {
      const link = createLink(system, fd, attach, { defragment, ...options });
      if (!link.ok) {
        links.close();
        return link;
      }
      links.add(link.value);
    }
  }
  return success(() => links.close());
}
