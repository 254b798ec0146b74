// Value memory that grows: places for values, given out and taken back. Growing moves no address, because a region's
// memory can be exchanged.

import type { MapDefinition } from '../../map-spec.ts';
import type { Memory, Region } from '../memory.ts';
import { valueStride } from './map.ts';

export class ValuePool {
  readonly region: Region;
  private readonly stride: number;
  private readonly free: number[] = [];
  private used = 0;

  constructor(definition: MapDefinition, memory: Memory) {
    this.stride = valueStride(definition);
    const bytes = new Uint8Array(
      this.stride * Math.min(definition.maxEntries, Math.max(definition.count, 16)),
    );
    this.region = memory.add(`the values of ${definition.name}`, bytes, { writable: true });
  }

  /** The offset of a free place, zeroed. */
  take(): number {
    const offset = this.free.pop() ?? this.used++ * this.stride;
    if (offset + this.stride > this.region.bytes.length) {
      const grown = new Uint8Array(Math.max(this.region.bytes.length * 2, offset + this.stride));
      grown.set(this.region.bytes);
      this.region.replace(grown);
    }
    this.region.bytes.fill(0, offset, offset + this.stride);
    return offset;
  }

  release(offset: number): void {
    this.free.push(offset);
  }
}
