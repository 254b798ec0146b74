// Bit operations. A chain of and, or, xor with constants is one `(value & mask) ^ xor`; with another value it is an
// operation on two registers; shifts stand alone.

import { fail } from '../../ast/type/failure.ts';
import type { TypedBinary, TypedExpression, TypedValue } from '../../ast/type/typed.ts';
import { checkLoaded, type Emitter } from './emitter.ts';
import { genExpression } from './expression.ts';
import type { Register } from './ir.ts';
import { bytesOf, numberValue } from './value.ts';

export function genBinary(emitter: Emitter, binary: TypedBinary, dest: Register): void {
  if (isShift(binary)) genShift(emitter, binary, dest);
  else if (binary.right.kind === 'value') genMask(emitter, binary, dest);
  else genRegisters(emitter, binary, dest);
}

function isShift(binary: TypedBinary): boolean {
  return binary.operator === 'left' || binary.operator === 'right';
}

/** The kernel shifts words of 32 bits, and carries from one to the next. */
const longestShift = 31;

function genShift(emitter: Emitter, binary: TypedBinary, dest: Register): void {
  const { operator, left, right, span } = binary;
  const shift = Number((right as TypedValue).value);
  if (shift > longestShift)
    fail('shift-too-far', `nf_tables shifts by at most ${longestShift} bits, this is ${shift}`, right.span);
  checkLoaded(left, binary.bits);
  genExpression(emitter, left, dest);
  emitter.emit(
    {
      op: 'bitwise_shift',
      direction: operator === 'left' ? 'left' : 'right',
      source: dest,
      dest,
      length: bytesOf(binary.bits),
      shift,
    },
    span,
  );
}

interface MaskStep {
  readonly operator: TypedBinary['operator'];
  readonly value: bigint;
}

/** The operations with constants at the top of `binary`, the innermost first, and what they are applied to. */
function maskSteps(binary: TypedBinary): {
  readonly steps: readonly MaskStep[];
  readonly base: TypedExpression;
} {
  const steps: MaskStep[] = [];
  let base: TypedExpression = binary;
  while (base.kind === 'binary' && base.right.kind === 'value' && !isShift(base)) {
    steps.push({ operator: base.operator, value: base.right.value });
    base = base.left;
  }
  return { steps: steps.reverse(), base };
}

function genMask(emitter: Emitter, binary: TypedBinary, dest: Register): void {
  const { steps, base } = maskSteps(binary);
  genExpression(emitter, base, dest);
  const ones = (1n << BigInt(binary.bits)) - 1n;
  let mask = ones;
  let xor = 0n;
  for (const { operator, value } of steps) {
    const keep = operator === 'and' ? value : operator === 'or' ? ~value : ones;
    xor = (xor & keep) ^ (operator === 'and' ? 0n : value);
    mask &= keep;
  }
  const length = bytesOf(binary.bits);
  emitter.emit(
    {
      op: 'bitwise',
      source: dest,
      dest,
      length,
      mask: numberValue(mask, binary, length),
      xor: numberValue(xor, binary, length),
    },
    binary.span,
  );
}

function genRegisters(emitter: Emitter, binary: TypedBinary, dest: Register): void {
  const { operator, left, right, span } = binary;
  for (const operand of [left, right]) checkLoaded(operand, binary.bits);
  genExpression(emitter, left, dest);
  const source2 = emitter.take(span, right);
  genExpression(emitter, right, source2);
  emitter.release(right);
  emitter.emit(
    {
      op: 'bitwise_register',
      operator: operator as 'and' | 'or' | 'xor',
      source: dest,
      source2,
      dest,
      length: bytesOf(binary.bits),
    },
    span,
  );
}
