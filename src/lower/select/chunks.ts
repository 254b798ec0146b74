// Memory is read and written 8, 4, 2 or 1 bytes at a time. On the stack the verifier wants every access aligned to its
// size ("misaligned stack access"); packets and kernel memory may be read anywhere.

import { R10, type Register } from '../../bpf-asm/build.ts';

export type Size = 1 | 2 | 4 | 8;

export interface Chunk {
  /** From the start of the bytes. */
  readonly at: number;
  readonly size: Size;
}

function largest(length: number, offset: number, aligned: boolean): Size {
  for (const size of [8, 4, 2] as const) {
    if (size <= length && (!aligned || offset % size === 0)) return size;
  }
  return 1;
}

/** How to go over `length` bytes at `base + offset`; kernel structures are read like packets. */
export function chunks(base: Register, offset: number, length: number): Chunk[] {
  const aligned = base.register === R10.register;
  const result: Chunk[] = [];
  for (let at = 0; at < length; ) {
    const size = largest(length - at, offset + at, aligned);
    result.push({ at, size });
    at += size;
  }
  return result;
}
