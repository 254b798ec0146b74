// Where a source's bytes are once the code in front has run.

import type { Register } from '../../bpf-asm/build.ts';

export type Located =
  /** In memory that may be read. */
  | { readonly kind: 'memory'; readonly base: Register; readonly offset: number }
  /** In a register that may be changed: the bytes as a little-endian number, the rest zero. */
  | { readonly kind: 'value'; readonly register: Register }
  /** In a register that must stay as it is. */
  | { readonly kind: 'kept'; readonly register: Register }
  /** A name of up to 15 characters in memory: bytes behind its zero are anything. */
  | { readonly kind: 'name'; readonly base: Register; readonly offset: number };
