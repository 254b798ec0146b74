// The address space of a program. An address is 64 bits; its high word names a region and its low word is the offset in
// it, so that finding a region is one array access and pointer arithmetic stays exact: what runs off a region's end is
// out of bounds, never in a neighbour.
//
//   high word 0               null, and "low" regions in windows of 16 MiB from 0x1000_0000 on: memory whose address
//                             must fit 32 bits, such as a packet that a context structure points to
//   high word 0x0001_0000+n   region n, at offset 0
//
// Memory is little endian.

import { FaultSignal } from './fault.ts';

const firstTag = 0x0001_0000;
const firstWindow = 0x10;
const windowBits = 24;
const windowCount = 0x100 - firstWindow;

export interface RegionOptions {
  readonly writable: boolean;
  /** Placed where addresses fit 32 bits; at most 16 MiB. */
  readonly low?: boolean;
}

export class Region {
  readonly name: string;
  /** High and low word of the first byte's address. */
  readonly high: number;
  readonly low: number;
  writable: boolean;
  private content: Uint8Array;
  view: DataView;

  constructor(name: string, high: number, low: number, bytes: Uint8Array, writable: boolean) {
    this.name = name;
    this.high = high;
    this.low = low;
    this.writable = writable;
    this.content = bytes;
    this.view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  }

  get bytes(): Uint8Array {
    return this.content;
  }

  /** Other memory at the same address: a map that grew, the next packet. */
  replace(bytes: Uint8Array): void {
    this.content = bytes;
    this.view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  }

  get address(): bigint {
    return (BigInt(this.high >>> 0) << 32n) | BigInt(this.low >>> 0);
  }
}

function formatAddress(high: number, low: number): string {
  const hex = (word: number): string => (word >>> 0).toString(16).padStart(8, '0');
  return `0x${hex(high)}_${hex(low)}`;
}

export class Memory {
  private readonly tagged: (Region | undefined)[] = [];
  private readonly freeTags: number[] = [];
  private readonly windows: (Region | undefined)[] = [];
  /** Offset in the region that `find` found last. */
  offset = 0;

  /** Gives the bytes an address. They are shared, not copied. */
  add(name: string, bytes: Uint8Array, options: RegionOptions): Region {
    if (options.low !== true) {
      const tag = this.freeTags.pop() ?? this.tagged.length;
      const region = new Region(name, firstTag + tag, 0, bytes, options.writable);
      this.tagged[tag] = region;
      return region;
    }
    const window = this.freeWindow();
    if (window < 0 || bytes.length > 1 << windowBits)
      throw new RangeError('no room for memory at a 32-bit address');
    const region = new Region(name, 0, ((firstWindow + window) << windowBits) | 0, bytes, options.writable);
    this.windows[window] = region;
    return region;
  }

  private freeWindow(): number {
    for (let window = 0; window < windowCount; window++)
      if (this.windows[window] === undefined) return window;
    return -1;
  }

  /** Takes a region away; its address may be given out again. */
  remove(region: Region): void {
    if (region.high === 0) {
      this.windows[(region.low >>> windowBits) - firstWindow] = undefined;
      return;
    }
    this.tagged[region.high - firstTag] = undefined;
    this.freeTags.push(region.high - firstTag);
  }

  /** The region that an address points into, bounds aside. */
  regionAt(high: number, low: number): Region | undefined {
    return high === 0 ? this.windows[(low >>> windowBits) - firstWindow] : this.tagged[high - firstTag];
  }

  /**
   * The region that holds `size` bytes at the address; `offset` then is where they are. Throws a FaultSignal if there
   * is none, or if it is read-only and `write` is set.
   */
  find(high: number, low: number, size: number, write: boolean): Region {
    const region = this.regionAt(high, low);
    if (region !== undefined && (region.writable || !write)) {
      const offset = (low >>> 0) - (region.low >>> 0);
      if (offset >= 0 && offset + size <= region.view.byteLength) {
        this.offset = offset;
        return region;
      }
    }
    throw new FaultSignal('bad-access', describeAccess(region, high, low, size, write));
  }

  /** A view of `length` bytes at the address. Throws a FaultSignal as `find` does. */
  bytesAt(high: number, low: number, length: number, write: boolean): Uint8Array {
    const region = this.find(high, low, length, write);
    return region.bytes.subarray(this.offset, this.offset + length);
  }
}

function describeAccess(
  region: Region | undefined,
  high: number,
  low: number,
  size: number,
  write: boolean,
): string {
  const access = `${write ? 'write' : 'read'} of ${size} bytes at ${formatAddress(high, low)}`;
  if (region === undefined) return `${access}: nothing is there`;
  const place = `offset ${(low >>> 0) - (region.low >>> 0)} of ${region.name}`;
  if (write && !region.writable) return `${access}: ${place}, which is read-only`;
  return `${access}: ${place}, which has ${region.view.byteLength} bytes`;
}
