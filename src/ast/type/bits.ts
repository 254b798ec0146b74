// Fields that are no whole bytes: the bytes around them are loaded, masked, and shifted down.

import { integerType } from '../../model/datatype.ts';
import { constant } from './constants.ts';
import type { Evaluation } from './evaluation.ts';
import { fail } from './failure.ts';
import { bitMask } from './literal/number.ts';
import type { TypedBinary, TypedByteorder, TypedExpression, TypedExthdr, TypedPayload } from './typed.ts';

/** Bits right of a field in the bytes that hold it, and by how many bits those exceed the field rounded up. */
export function fieldShift(bits: number, offset: number): { readonly shift: number; readonly extra: number } {
  let shift = Math.ceil(bits / 8) * 8 - ((offset % 8) + bits);
  let extra = 0;
  while (shift < 0) {
    shift += 8;
    extra += 8;
  }
  return { shift, extra };
}

/** Widest value that fits one register. */
const longestMask = 128;

/** `load` with the bits around it taken away, `offset` (in bits) being where it begins. */
export function adjustBits(
  evaluation: Evaluation,
  load: TypedPayload | TypedExthdr,
  offset: number,
): TypedExpression {
  if (offset % 8 === 0 && load.bits % 8 === 0) return load;
  if (evaluation.statementKind === 'payload_set') return load;
  const { shift, extra } = fieldShift(load.bits, offset);
  const bits = load.bits + shift;
  if (bits > longestMask)
    fail('field-too-long', `a mask of ${bits} bits exceeds the maximum of ${longestMask}`, load.span);
  const { type, order, span } = load;
  const mask = constant(bitMask(load.bits) << BigInt(shift), integerType, bits, 'host', span);
  const wide = { ...load, bits: load.bits + extra };
  const masked: TypedBinary = {
    kind: 'binary',
    operator: 'and',
    left: wide,
    right: mask,
    type,
    bits,
    order,
    span,
  };
  return shift === 0 ? masked : shiftedDown(evaluation, masked, shift);
}

/** In a key, and where the value is stored, a value of several bytes is shifted as a number of the machine. */
function shiftedDown(evaluation: Evaluation, masked: TypedBinary, shift: number): TypedBinary {
  const { type, bits, span } = masked;
  const asNumber = evaluation.expected.key !== undefined || evaluation.statementBits > 0;
  const converted: TypedByteorder | undefined =
    asNumber && bits > 8
      ? { kind: 'byteorder', direction: 'ntoh', argument: masked, type, bits, order: 'host', span }
      : undefined;
  const left = converted ?? masked;
  const distance = constant(BigInt(shift), integerType, 8, 'host', span);
  return { kind: 'binary', operator: 'right', left, right: distance, type, bits, order: left.order, span };
}
