// Constants: numbers within their width, strings, the forms made of them.

import { type ByteOrder, type Datatype, stringType } from '../../model/datatype.ts';
import type { Span } from '../../source/span.ts';
import type { Evaluation } from './evaluation.ts';
import { fail } from './failure.ts';
import { bitMask } from './literal/number.ts';
import type { TypedExpression, TypedPrefix, TypedValue } from './typed.ts';
import { rootType } from './types.ts';

export function constant(
  value: bigint,
  type: Datatype,
  bits: number,
  order: ByteOrder,
  span: Span,
): TypedValue {
  return { kind: 'value', value, type, bits, order, span };
}

/** True if the expression is the same for every packet. What a map gives counts, as in nft. */
export function isConstant(expression: TypedExpression): boolean {
  switch (expression.kind) {
    case 'value':
    case 'prefix':
    case 'range':
    case 'verdict':
    case 'set_literal':
    case 'map':
      return true;
    case 'concat':
      return expression.parts.every(isConstant);
    default:
      return false;
  }
}

/** True if the expression is a single constant value. */
export function isSingleton(expression: TypedExpression): boolean {
  if (expression.kind === 'concat') return expression.parts.every(isSingleton);
  return expression.kind === 'value' || expression.kind === 'verdict';
}

/** What is known of the place where a constant stands. */
export type Place = Pick<Evaluation, 'expected' | 'statementBits'>;

/** A number where `expected` tells the width and byte order; it must fit. */
export function fitInteger(evaluation: Place, value: bigint, type: Datatype, span: Span): TypedValue {
  const { expected, statementBits } = evaluation;
  const { maximum } = expected;
  const bits = Math.max(statementBits, expected.bits);
  const limit = maximum ?? bitMask(bits);
  if (value > limit) fail('value-out-of-range', `value ${value} exceeds the valid range 0-${limit}`, span);
  if (maximum !== undefined && value > bitMask(bits))
    fail('value-out-of-range', `value ${value} exceeds the valid range 0-${bitMask(bits)}`, span);
  return constant(value, type, bits, expected.order, span);
}

/** The largest number that `fitInteger` takes. */
export function largestFit({ expected, statementBits }: Place): bigint {
  const widest = bitMask(Math.max(statementBits, expected.bits));
  const { maximum } = expected;
  return maximum !== undefined && maximum < widest ? maximum : widest;
}

/** The characters of a text as a number, the first one lowest. Text is UTF-8. */
export function textValue(text: string): { readonly value: bigint; readonly length: number } {
  const bytes = new TextEncoder().encode(text);
  let value = 0n;
  for (let index = bytes.length - 1; index >= 0; index--) value = (value << 8n) | BigInt(bytes[index]!);
  return { value, length: bytes.length };
}

/**
 * A string where `expected` tells the width: zero bytes follow the text, at least one. A `*` at the end, in quotes or
 * not, stands for any characters unless a backslash is before it.
 */
export function fitString(evaluation: Place, written: string, span: Span): TypedValue | TypedPrefix {
  const { expected } = evaluation;
  const isEscaped = written.endsWith('\\*');
  const wildcard = !isEscaped && written.endsWith('*');
  const text = isEscaped ? `${written.slice(0, -2)}*` : written;
  const { value, length } = textValue(text);
  const needed = (length + 1) * 8;
  const type = expected.type ?? stringType;
  if (expected.bits > 0 && needed > expected.bits)
    fail('string-too-long', `the string exceeds the maximum length of ${expected.bits / 8 - 1}`, span);
  if (length === 0) fail('empty-string', 'an empty string is not allowed', span);
  const bits = expected.bits > 0 ? expected.bits : needed;
  if (!wildcard) return constant(value, type, bits, 'host', span);
  if (length === 1) fail('wildcard-only', 'a wildcard needs a character before it', span);
  const base = constant(value & bitMask((length - 1) * 8), type, bits, 'host', span);
  return { kind: 'prefix', base, length: (length - 1) * 8, type, bits, order: 'host', span };
}

/**
 * A string that was computed, which nft looks at as if it had been written: it ends at the first zero byte, may not be empty,
 * and a `*` at its end stands for any characters. What stands behind the zero byte stays.
 */
export function computedString(computed: TypedValue): TypedValue | TypedPrefix {
  const { value, type, bits, span } = computed;
  const length = stringLength(value);
  if (length === 0) fail('empty-string', 'the value is an empty string', span);
  if (byteOf(value, length - 1) !== STAR) return computed;
  if (length === 1) fail('wildcard-only', 'a wildcard needs a character before it', span);
  const before = value & bitMask((length - 1) * 8);
  if (byteOf(value, length - 2) === BACKSLASH) {
    const escaped = value & bitMask((length - 2) * 8);
    return constant(escaped | (STAR << BigInt((length - 2) * 8)), type, bits, 'host', span);
  }
  const base = constant(before, type, bits, 'host', span);
  return { kind: 'prefix', base, length: (length - 1) * 8, type, bits, order: 'host', span };
}

const STAR = 0x2an;
const BACKSLASH = 0x5cn;

const byteOf = (value: bigint, index: number): bigint => (value >> BigInt(index * 8)) & 0xffn;

/** Bytes in front of the first zero byte. */
function stringLength(value: bigint): number {
  let length = 0;
  while (byteOf(value, length) !== 0n) length++;
  return length;
}

/** What `fitString` gives for a string without a wildcard that fits; `undefined` for others. */
export function plainStringValue(text: string, bits: number): bigint | undefined {
  if (text.endsWith('*') || text.length === 0) return undefined;
  const { value, length } = textValue(text);
  return (length + 1) * 8 > bits ? undefined : value;
}

export function isString(type: Datatype): boolean {
  return rootType(type).class === 'string';
}
