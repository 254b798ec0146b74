// Arithmetic: 64-bit operations on whole registers; 32-bit ones read the low halves and clear the high half of `dst`.

import type { Instruction, Reference } from '../instruction.ts';
import type { AluOperator, Width } from '../isa.ts';
import { make, sourceOf } from './make.ts';
import { immediate, isRegister, type Operand, type Register } from './register.ts';

/** `dst = dst operator source`, e.g. `alu(64, 'add', R1, 8)`. 64-bit immediates are sign-extended from 32 bits. */
export function alu(width: Width, operator: AluOperator, dst: Register, source: Operand): Instruction {
  const value = isRegister(source) ? { src: source } : { imm: immediate(source, width) };
  return make(`${operator}${width}_${sourceOf(source)}`, { dst, ...value });
}

/** `dst = dst operator source` on 64 bits. */
export function alu64(operator: AluOperator, dst: Register, source: Operand): Instruction {
  return alu(64, operator, dst, source);
}

/** `dst = dst operator source` on 32 bits; the high half becomes zero. */
export function alu32(operator: AluOperator, dst: Register, source: Operand): Instruction {
  return alu(32, operator, dst, source);
}

type Binary = (dst: Register, source: Operand) => Instruction;

function binary(width: Width, operator: AluOperator): Binary {
  return (dst, source) => alu(width, operator, dst, source);
}

export const mov64: Binary = binary(64, 'mov');
export const mov32: Binary = binary(32, 'mov');
export const add64: Binary = binary(64, 'add');
export const add32: Binary = binary(32, 'add');
export const sub64: Binary = binary(64, 'sub');
export const sub32: Binary = binary(32, 'sub');
export const mul64: Binary = binary(64, 'mul');
export const mul32: Binary = binary(32, 'mul');
/** Unsigned. A divisor register that holds zero gives zero. */
export const div64: Binary = binary(64, 'div');
export const div32: Binary = binary(32, 'div');
/** Unsigned remainder. A divisor register that holds zero leaves `dst`. */
export const mod64: Binary = binary(64, 'mod');
export const mod32: Binary = binary(32, 'mod');
/** Signed, rounded to zero. Needs v4. */
export const sdiv64: Binary = binary(64, 'sdiv');
export const sdiv32: Binary = binary(32, 'sdiv');
export const smod64: Binary = binary(64, 'smod');
export const smod32: Binary = binary(32, 'smod');
export const or64: Binary = binary(64, 'or');
export const or32: Binary = binary(32, 'or');
export const and64: Binary = binary(64, 'and');
export const and32: Binary = binary(32, 'and');
export const xor64: Binary = binary(64, 'xor');
export const xor32: Binary = binary(32, 'xor');
/** Shifts: a count in a register is taken modulo the width. */
export const lsh64: Binary = binary(64, 'lsh');
export const lsh32: Binary = binary(32, 'lsh');
export const rsh64: Binary = binary(64, 'rsh');
export const rsh32: Binary = binary(32, 'rsh');
/** Arithmetic shift right: keeps the sign. */
export const arsh64: Binary = binary(64, 'arsh');
export const arsh32: Binary = binary(32, 'arsh');

export function neg64(dst: Register): Instruction {
  return make('neg64', { dst });
}

export function neg32(dst: Register): Instruction {
  return make('neg32', { dst });
}

/** Sign-extends the low `bits` of `src` to 64 bits. Needs v4. */
export function movsx64(bits: 8 | 16 | 32, dst: Register, src: Register): Instruction {
  return make(`movsx64_${bits}`, { dst, src });
}

/** Sign-extends the low `bits` of `src` to 32 bits; the high half becomes zero. Needs v4. */
export function movsx32(bits: 8 | 16, dst: Register, src: Register): Instruction {
  return make(`movsx32_${bits}`, { dst, src });
}

export type EndianOperation = `${'be' | 'le' | 'bswap'}${16 | 32 | 64}`;

/**
 * Converts the low 16, 32 or 64 bits of `dst` between the host's order and big (`be16`) or little endian (`le16`),
 * or swaps them always (`bswap16`, needs v4). The bits above become zero.
 */
export function endian(operation: EndianOperation, dst: Register): Instruction {
  return make(operation, { dst });
}

/** `dst` = a number that the loader fills in: the byte offset of a kernel structure's member (`sk_buff.mark`). */
export function movField(dst: Register, name: string): Instruction {
  return movReference(dst, { kind: 'field', name });
}

/** `dst` = the BTF type id of a kernel structure, filled in by the loader. */
export function movType(dst: Register, name: string): Instruction {
  return movReference(dst, { kind: 'type', name });
}

function movReference(dst: Register, reference: Reference): Instruction {
  return make('mov64_imm', { dst, reference });
}
