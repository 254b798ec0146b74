// Ring buffers: records that a program writes and the caller takes out.

import type { MapDefinition } from '../../map-spec.ts';
import type { Memory, Region } from '../memory.ts';
import { addHandle, errno, type VmMap } from './map.ts';

/** Bytes of the header that the kernel keeps in front of each record. */
const headerSize = 8;

function sizeInRing(length: number): number {
  return (length + headerSize + 7) & ~7;
}

interface Slot {
  readonly region: Region | undefined;
  bytes: Uint8Array;
  state: 'reserved' | 'submitted' | 'discarded';
}

export class RingBuffer implements VmMap {
  readonly definition: MapDefinition;
  readonly handle: Region;
  readonly values = undefined;
  private readonly memory: Memory;
  private slots: Slot[] = [];
  private used = 0;

  constructor(definition: MapDefinition, memory: Memory) {
    this.definition = definition;
    this.memory = memory;
    this.handle = addHandle(definition, memory);
  }

  private hasRoom(length: number): boolean {
    return this.used + sizeInRing(length) < this.definition.maxEntries;
  }

  private push(slot: Slot): void {
    this.used += sizeInRing(slot.bytes.length);
    this.slots.push(slot);
  }

  /** Appends a copy. 0, or -EAGAIN if there is no room. */
  output(data: Uint8Array): number {
    if (!this.hasRoom(data.length)) return errno.EAGAIN;
    this.push({ region: undefined, bytes: data.slice(), state: 'submitted' });
    return 0;
  }

  /** Memory for a record that the program fills in, or undefined if there is no room. */
  reserve(length: number): Region | undefined {
    if (!this.hasRoom(length)) return undefined;
    const bytes = new Uint8Array(length);
    const region = this.memory.add(`a record of ${this.definition.name}`, bytes, { writable: true });
    this.push({ region, bytes, state: 'reserved' });
    return region;
  }

  /** Ends a reservation. False if the region is none. */
  finish(region: Region | undefined, state: 'submitted' | 'discarded'): boolean {
    const slot = this.slots.find(
      s => s.state === 'reserved' && s.region !== undefined && s.region === region,
    );
    if (slot === undefined) return false;
    slot.state = state;
    this.memory.remove(region!);
    return true;
  }

  /** Takes out the records up to the first that is still reserved, as a consumer in user space would. */
  drain(): Uint8Array[] {
    const open = this.slots.findIndex(slot => slot.state === 'reserved');
    const taken = this.slots.splice(0, open < 0 ? this.slots.length : open);
    for (const slot of taken) this.used -= sizeInRing(slot.bytes.length);
    return taken.filter(slot => slot.state === 'submitted').map(slot => slot.bytes);
  }

  lookup(): number {
    return -1;
  }

  update(): number {
    return errno.EINVAL;
  }

  delete(): number {
    return errno.EINVAL;
  }

  entries(): [] {
    return [];
  }
}
