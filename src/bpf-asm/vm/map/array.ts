// Arrays. A per-CPU array has the values of the one CPU there is.

import type { MapDefinition } from '../../map-spec.ts';
import type { Memory, Region } from '../memory.ts';
import { addHandle, copyValue, errno, UpdateFlag, type VmMap, valueStride } from './map.ts';

export class ArrayMap implements VmMap {
  readonly definition: MapDefinition;
  readonly handle: Region;
  readonly values: Region;
  private readonly stride: number;

  constructor(definition: MapDefinition, memory: Memory) {
    this.definition = definition;
    this.stride = valueStride(definition);
    this.handle = addHandle(definition, memory);
    const bytes = new Uint8Array(definition.maxEntries * this.stride);
    this.values = memory.add(`the values of ${definition.name}`, bytes, { writable: true });
  }

  lookup(key: Uint8Array): number {
    const index = (key[0]! | (key[1]! << 8) | (key[2]! << 16) | (key[3]! << 24)) >>> 0;
    return index < this.definition.maxEntries ? index * this.stride : -1;
  }

  update(key: Uint8Array, value: Uint8Array, flags: number): number {
    if (flags > UpdateFlag.exist) return errno.EINVAL;
    const offset = this.lookup(key);
    if (offset < 0) return errno.E2BIG;
    if (flags === UpdateFlag.noExist) return errno.EEXIST;
    this.values.bytes.set(value, offset);
    return 0;
  }

  /** Entries of an array cannot be deleted. */
  delete(): number {
    return errno.EINVAL;
  }

  entries(): { key: Uint8Array; value: Uint8Array }[] {
    return Array.from({ length: this.definition.maxEntries }, (_, index) => ({
      key: new Uint8Array(Uint32Array.of(index).buffer),
      value: copyValue(this.definition, this.values, index * this.stride),
    }));
  }
}
