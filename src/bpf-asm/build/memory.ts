// Loads, stores, atomic operations and 64-bit immediates. Sizes are in bytes; memory is in the host's byte order.

import type { Instruction, Label, Reference } from '../instruction.ts';
import type { AccessSize, AtomicOperator, ImmediateKind } from '../isa.ts';
import { make } from './make.ts';
import { immediate, type Register, storeWidth } from './register.ts';

/** `dst = *(src + offset)`, the rest of the register cleared. */
export function load(size: AccessSize, dst: Register, src: Register, offset: number): Instruction {
  return make(`ldx${size}`, { dst, src, offset });
}

/** `dst = *(src + offset)`, sign-extended to 64 bits. Needs v4. */
export function loadSigned(size: 1 | 2 | 4, dst: Register, src: Register, offset: number): Instruction {
  return make(`ldxsx${size}`, { dst, src, offset });
}

/** Loads a member of the kernel structure that `src` points to; the loader fills in the offset (`sk_buff.mark`). */
export function loadField(size: AccessSize, dst: Register, src: Register, name: string): Instruction {
  return make(`ldx${size}`, { dst, src, reference: { kind: 'field', name } });
}

/** `*(dst + offset) = src`. */
export function store(size: AccessSize, dst: Register, offset: number, src: Register): Instruction {
  return make(`stx${size}`, { dst, src, offset });
}

/** `*(dst + offset) = value`; a size of 8 sign-extends the 32-bit value. */
export function storeImm(size: AccessSize, dst: Register, offset: number, value: number): Instruction {
  return make(`st${size}`, { dst, offset, imm: immediate(value, storeWidth(size)) });
}

/** An atomic operation on `*(dst + offset)`. `add` without `fetch_` is v1, all others need v3. */
export function atomic(
  operator: AtomicOperator,
  size: 4 | 8,
  dst: Register,
  offset: number,
  src: Register,
): Instruction {
  return make(`atomic_${operator}${size}`, { dst, src, offset });
}

/** `*(dst + offset) += src`, atomically. */
export function atomicAdd(size: 4 | 8, dst: Register, offset: number, src: Register): Instruction {
  return atomic('add', size, dst, offset, src);
}

function imm64(
  kind: ImmediateKind,
  dst: Register,
  imm: number | bigint | Label,
  reference?: Reference,
): Instruction {
  return make(`ld_imm64_${kind}`, { dst, imm, ...(reference === undefined ? {} : { reference }) });
}

/** `dst` = any 64-bit number, -2^63 ... 2^64-1. Takes two slots. */
export function loadImm64(dst: Register, value: bigint): Instruction {
  return imm64('number', dst, value);
}

/** `dst` = the map of that name. */
export function loadMap(dst: Register, name: string): Instruction {
  return imm64('map_fd', dst, 0n, { kind: 'map', name });
}

/** `dst` = the address of byte `offset` of the value of an array map with one entry. */
export function loadMapValue(dst: Register, name: string, offset: number): Instruction {
  return imm64('map_value', dst, BigInt(offset) << 32n, { kind: 'map', name });
}

/** `dst` = the address of the subprogram at `label`, as `bpf_loop` and timers want it. */
export function loadFunction(dst: Register, label: string): Instruction {
  return imm64('function', dst, { label });
}
