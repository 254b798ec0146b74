// Hash maps. A per-CPU hash has the values of the one CPU there is.

import type { MapDefinition } from '../../map-spec.ts';
import type { Memory, Region } from '../memory.ts';
import { addHandle, copyValue, errno, UpdateFlag, type VmMap } from './map.ts';
import { ValuePool } from './pool.ts';

/** The bytes of a key as a string of characters 0-255. */
function keyText(key: Uint8Array): string {
  return String.fromCharCode(...key);
}

function keyBytes(text: string): Uint8Array {
  return Uint8Array.from(text, character => character.charCodeAt(0));
}

export class HashMap implements VmMap {
  readonly definition: MapDefinition;
  readonly handle: Region;
  readonly values: Region;
  private readonly pool: ValuePool;
  private readonly places = new Map<string, number>();

  constructor(definition: MapDefinition, memory: Memory) {
    this.definition = definition;
    this.handle = addHandle(definition, memory);
    this.pool = new ValuePool(definition, memory);
    this.values = this.pool.region;
  }

  lookup(key: Uint8Array): number {
    return this.places.get(keyText(key)) ?? -1;
  }

  update(key: Uint8Array, value: Uint8Array, flags: number): number {
    if (flags > UpdateFlag.exist) return errno.EINVAL;
    const text = keyText(key);
    const known = this.places.get(text);
    if (known !== undefined && flags === UpdateFlag.noExist) return errno.EEXIST;
    if (known === undefined && flags === UpdateFlag.exist) return errno.ENOENT;
    if (known === undefined && this.places.size >= this.definition.maxEntries) return errno.E2BIG;
    const place = known ?? this.pool.take();
    this.places.set(text, place);
    this.values.bytes.set(value, place);
    return 0;
  }

  delete(key: Uint8Array): number {
    const text = keyText(key);
    const place = this.places.get(text);
    if (place === undefined) return errno.ENOENT;
    this.places.delete(text);
    this.pool.release(place);
    return 0;
  }

  entries(): { key: Uint8Array; value: Uint8Array }[] {
    return Array.from(this.places, ([text, place]) => ({
      key: keyBytes(text),
      value: copyValue(this.definition, this.values, place),
    }));
  }
}
