// Prefixes and ranges of constants.

import type { Expression, PrefixExpression, RangeExpression } from '../nodes/index.ts';
import { constant, isConstant, isString } from './constants.ts';
import { describeKind, describeType } from './describe.ts';
import type { Evaluation } from './evaluation.ts';
import { evaluateExpression } from './expression.ts';
import { fail, refuse } from './failure.ts';
import { bitMask } from './literal/number.ts';
import type { TypedPrefix, TypedRange, TypedValue } from './typed.ts';
import { rootType } from './types.ts';

/** `base/length`; the bits behind the prefix are cleared. */
export function evaluatePrefix(evaluation: Evaluation, expression: PrefixExpression): TypedPrefix {
  const { span, length: written } = expression;
  const base = evaluateExpression(evaluation, expression.base);
  if (!isConstant(base)) return fail('not-constant', 'a prefix must be constant', span);
  if (base.kind !== 'value')
    return refuse('unsupported-prefix', `a prefix of ${describeKind(base)} is not supported`, span);
  if (!isString(base.type) && rootType(base.type).class !== 'integer')
    fail('not-a-number', `${describeType(base.type)} has no prefix`, span);
  if (written.value > BigInt(base.bits))
    fail(
      'prefix-too-long',
      `a prefix of ${written.text} bits is longer than the type, ${base.bits} bits`,
      written.span,
    );
  const length = Number(written.value);
  const { type, bits, order } = base;
  if (isString(type) && length === 0) fail('empty-string', 'an empty string is not allowed', span);
  const { maximum } = evaluation.expected;
  if (maximum !== undefined && bitMask(length) << BigInt(bits - length) > maximum)
    fail('value-out-of-range', `a prefix is no value in the range 0-${maximum}`, span);
  const mask = isString(type) ? bitMask(length) : bitMask(length) << BigInt(bits - length);
  const masked = constant(base.value & mask, type, bits, order, base.span);
  return { kind: 'prefix', base: masked, length, type, bits, order, span };
}

/** Both ends of a range, in the order written. */
export function evaluateEnds(evaluation: Evaluation, expression: RangeExpression): TypedRange {
  const from = evaluateEnd(evaluation, expression.from, expression);
  const to = evaluateEnd(evaluation, expression.to, expression);
  const { type, bits, order } = from;
  return { kind: 'range', from, to, type, bits, order, span: expression.span };
}

function evaluateEnd(evaluation: Evaluation, end: Expression, range: RangeExpression): TypedValue {
  const value = evaluateExpression(evaluation, end);
  if (rootType(value.type).class !== 'integer')
    fail('not-a-number', `${describeType(value.type)} has no ranges`, range.span);
  return value.kind === 'value'
    ? value
    : fail('not-constant', 'both ends of a range must be values', end.span);
}

/** `from-to`; a range of one value is that value. */
export function evaluateRange(evaluation: Evaluation, expression: RangeExpression): TypedRange | TypedValue {
  const range = evaluateEnds(evaluation, expression);
  if (range.from.value > range.to.value)
    fail('negative-range', 'the range ends before it begins', expression.span);
  return range.from.value === range.to.value ? range.from : range;
}
