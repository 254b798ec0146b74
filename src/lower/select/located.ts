// Where a source's bytes are once the code in front has run.

import { add64, load, movField, R3, type Register } from '../../bpf-asm/build.ts';
import type { Size } from './chunks.ts';
import type { Code } from './code.ts';

/** Memory that may be read. */
export interface Memory {
  readonly base: Register;
  readonly offset: number;
}

export type Located =
  | (Memory & { readonly kind: 'memory' })
  /** In a register that may be changed: the bytes as a little-endian number, the rest zero. */
  | { readonly kind: 'value'; readonly register: Register }
  /** In a register that must stay as it is. */
  | { readonly kind: 'kept'; readonly register: Register }
  /** The name of the structure that `base` points to: bytes behind its zero are anything. Null is 16 zeros. */
  | { readonly kind: 'name'; readonly base: Register; readonly field: string };

/** Loads from `at` bytes into the memory. */
export function loadAt(code: Code, size: Size, dst: Register, memory: Memory, at: number): void {
  code.emit(load(size, dst, memory.base, memory.offset + at));
}

/** Moves `base` to a member of the kernel structure it points to, which must not be null. R3 is used. */
export function toMember(code: Code, base: Register, field: string): Memory {
  code.emit(movField(R3, field), add64(base, R3));
  return { base, offset: 0 };
}
