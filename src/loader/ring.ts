// Reads a ring buffer map: the kernel shows its positions and its records as memory (kernel/bpf/ringbuf.c). The first page
// is the reader's position, the second the writers'; the data behind it is mapped twice in a row, so that no record is
// broken at its end. A record begins with its length (two bits of which are marks) and 4 bytes that are the kernel's own.

import { type Result, success } from './error.ts';
import type { LoadedMap } from './map.ts';
import type { MappedMemory, System } from './system.ts';

/** BPF_RINGBUF_BUSY_BIT, BPF_RINGBUF_DISCARD_BIT. */
const busy = 1 << 31;
const discarded = 1 << 30;
/** BPF_RINGBUF_HDR_SZ. */
const headerSize = 8;

export interface Ring {
  /** Takes out all records that are finished, oldest first. */
  read(): Uint8Array[];
  close(): void;
}

class MappedRing implements Ring {
  private readonly reader: MappedMemory;
  private readonly writers: MappedMemory;
  private readonly consumed: BigUint64Array;
  private readonly produced: BigUint64Array;
  private readonly data: Uint8Array;
  private readonly heads: Int32Array;
  private readonly size: number;

  constructor(reader: MappedMemory, writers: MappedMemory, pageSize: number, size: number) {
    this.reader = reader;
    this.writers = writers;
    this.size = size;
    this.consumed = new BigUint64Array(reader.bytes.buffer, reader.bytes.byteOffset, 1);
    this.produced = new BigUint64Array(writers.bytes.buffer, writers.bytes.byteOffset, 1);
    this.data = writers.bytes.subarray(pageSize);
    this.heads = new Int32Array(this.data.buffer, this.data.byteOffset, this.data.length / 4);
  }

  read(): Uint8Array[] {
    const records: Uint8Array[] = [];
    let at = Atomics.load(this.consumed, 0);
    const end = Atomics.load(this.produced, 0);
    while (at < end) {
      const start = Number(at % BigInt(this.size));
      const head = Atomics.load(this.heads, start / 4);
      if ((head & busy) !== 0) break;
      const length = head & ~(busy | discarded);
      if ((head & discarded) === 0) {
        records.push(this.data.slice(start + headerSize, start + headerSize + length));
      }
      at += BigInt((length + headerSize + 7) & ~7);
      Atomics.store(this.consumed, 0, at);
    }
    return records;
  }

  close(): void {
    this.reader.unmap();
    this.writers.unmap();
  }
}

/** Opens a ring buffer for reading. There can be one reader. */
export function openRing(system: System, { fd, definition }: LoadedMap): Result<Ring> {
  const { pageSize } = system;
  const reader = system.mapMemory(fd, 0, pageSize, 'write');
  if (!reader.ok) return reader;
  const size = definition.maxEntries;
  const writers = system.mapMemory(fd, pageSize, pageSize + 2 * size, 'read');
  if (!writers.ok) {
    reader.value.unmap();
    return writers;
  }
  return success(new MappedRing(reader.value, writers.value, pageSize, size));
}
