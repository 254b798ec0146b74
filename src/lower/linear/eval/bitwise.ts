// bitwise (nft_bitwise.c): whole 32-bit words in host order (fact 36). A length that is not a multiple of 4 works on
// the padding as well; masks are padded with zeros.

import type { Expression, Value } from '../ir.ts';
import type { Execution } from './execution.ts';
import { next, type Step } from './step.ts';

type Mask = Extract<Expression, { op: 'bitwise' }>;
type Shift = Extract<Expression, { op: 'bitwise_shift' }>;
type Combine = Extract<Expression, { op: 'bitwise_register' }>;

function wordCount(length: number): number {
  return Math.ceil(length / 4);
}

/** A word of constant data; and, or and xor do not care in which byte order it is read, as long as it is one. */
function constantWord(value: Value, index: number, execution: Execution): number {
  const padded = new Uint8Array(4);
  padded.set(value.bytes.subarray(index * 4, index * 4 + 4));
  return new DataView(padded.buffer).getUint32(0, execution.machine.byteOrder === 'little');
}

/** `nft_bitwise_eval_mask_xor`. */
export function evaluateMask(execution: Execution, { source, dest, length, mask, xor }: Mask): Step {
  const { registers } = execution;
  for (let word = 0; word < wordCount(length); word++) {
    const masked = registers.readUint32(source + word) & constantWord(mask, word, execution);
    registers.writeUint32(dest + word, masked ^ constantWord(xor, word, execution));
  }
  return next;
}

/** `nft_bitwise_eval_lshift`: word 0 is the most significant, so bits carry from the last word towards it. */
function shiftLeft({ registers }: Execution, { source, dest, length, shift }: Shift): void {
  let carry = 0;
  for (let word = wordCount(length) - 1; word >= 0; word--) {
    const value = registers.readUint32(source + word);
    registers.writeUint32(dest + word, (value << shift) | carry);
    carry = value >>> (32 - shift);
  }
}

/** `nft_bitwise_eval_rshift`. */
function shiftRight({ registers }: Execution, { source, dest, length, shift }: Shift): void {
  let carry = 0;
  for (let word = 0; word < wordCount(length); word++) {
    const value = registers.readUint32(source + word);
    registers.writeUint32(dest + word, carry | (value >>> shift));
    carry = value << (32 - shift);
  }
}

export function evaluateShift(execution: Execution, expression: Shift): Step {
  if (expression.direction === 'left') shiftLeft(execution, expression);
  else shiftRight(execution, expression);
  return next;
}

const combine: Readonly<Record<Combine['operator'], (a: number, b: number) => number>> = {
  and: (a, b) => a & b,
  or: (a, b) => a | b,
  xor: (a, b) => a ^ b,
};

/** `nft_bitwise_eval_and` and its like (newer than 6.12). */
export function evaluateCombine(execution: Execution, expression: Combine): Step {
  const { registers } = execution;
  for (let word = 0; word < wordCount(expression.length); word++) {
    const left = registers.readUint32(expression.source + word);
    const right = registers.readUint32(expression.source2 + word);
    registers.writeUint32(expression.dest + word, combine[expression.operator](left, right));
  }
  return next;
}
