// Registers are objects and immediates are numbers, so that `add64(R1, 2)` and `add64(R1, R2)` cannot be confused.

import type { AccessSize } from '../isa.ts';

export interface Register {
  readonly register: number;
}

/** R0 is the result of calls and of the program, R1-R5 arguments, R6-R9 survive calls, R10 is the read-only frame pointer. */
export const R0: Register = { register: 0 };
export const R1: Register = { register: 1 };
export const R2: Register = { register: 2 };
export const R3: Register = { register: 3 };
export const R4: Register = { register: 4 };
export const R5: Register = { register: 5 };
export const R6: Register = { register: 6 };
export const R7: Register = { register: 7 };
export const R8: Register = { register: 8 };
export const R9: Register = { register: 9 };
export const R10: Register = { register: 10 };

/** All registers by number. */
export const registers: readonly Register[] = [R0, R1, R2, R3, R4, R5, R6, R7, R8, R9, R10];

/** A register or a signed 32-bit immediate. 32-bit operations also take 2^31 ... 2^32-1, which is the same bits. */
export type Operand = Register | number;

export function isRegister(operand: Operand): operand is Register {
  return typeof operand !== 'number';
}

/**
 * The immediate as the instruction holds it. Where only the low 32 bits count, an unsigned value is folded to the
 * signed one with the same bits; elsewhere it stays as it is, and `assemble` reports it if it does not fit.
 */
export function immediate(value: number, width: 32 | 64): number {
  return width === 32 && value >= 2 ** 31 && value < 2 ** 32 ? value | 0 : value;
}

/** The operation width that a store of that size has. */
export function storeWidth(size: AccessSize): 32 | 64 {
  return size === 8 ? 64 : 32;
}
