// The maps of one run environment, by name and by the address that programs hold.

import type { MapDefinition, MapType } from '../../map-spec.ts';
import type { Memory } from '../memory.ts';
import { ArrayMap } from './array.ts';
import { HashMap } from './hash.ts';
import { LpmTrie } from './lpm-trie.ts';
import { fill, type VmMap } from './map.ts';
import { RingBuffer } from './ringbuf.ts';

type Constructor = new (definition: MapDefinition, memory: Memory) => VmMap;

const constructors: Readonly<Record<MapType, Constructor>> = {
  hash: HashMap,
  percpu_hash: HashMap,
  array: ArrayMap,
  percpu_array: ArrayMap,
  lpm_trie: LpmTrie,
  ringbuf: RingBuffer,
};

export class MapTable {
  private readonly names = new Map<string, VmMap>();
  private readonly handles = new Map<number, VmMap>();
  private readonly memory: Memory;

  constructor(memory: Memory) {
    this.memory = memory;
  }

  /**
   * Creates a map with the contents of its definition. The result is the map, or a negative error number if the contents
   * do not go in, as the kernel would answer the update that fails.
   */
  add(definition: MapDefinition): VmMap | number {
    const map = new constructors[definition.type](definition, this.memory);
    const error = fill(map);
    if (error !== 0) return error;
    this.names.set(definition.name, map);
    this.handles.set(map.handle.high, map);
    return map;
  }

  get(name: string): VmMap | undefined {
    return this.names.get(name);
  }

  /** The map whose handle has that high word. */
  withHandle(high: number): VmMap | undefined {
    return this.handles.get(high);
  }
}
