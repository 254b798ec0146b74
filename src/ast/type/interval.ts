// Prefixes and ranges of constants.

import type { Expression, PrefixExpression, RangeExpression } from '../nodes/index.ts';
import { isConstant } from './constants.ts';
import { describeKind } from './describe.ts';
import type { Evaluation } from './evaluation.ts';
import { evaluateExpression } from './expression.ts';
import { fail, refuse } from './failure.ts';
import { prefixOf, rangeOf, requireRanges } from './key-part.ts';
import type { TypedPrefix, TypedRange, TypedValue } from './typed.ts';

/** `base/length`; the bits behind the prefix are cleared. */
export function evaluatePrefix(evaluation: Evaluation, expression: PrefixExpression): TypedPrefix {
  const { span, length: written } = expression;
  const base = evaluateExpression(evaluation, expression.base);
  if (!isConstant(base)) return fail('not-constant', 'a prefix must be constant', span);
  if (base.kind !== 'value')
    return refuse('unsupported-prefix', `a prefix of ${describeKind(base)} is not supported`, span);
  return prefixOf(base, written, span, evaluation.expected.maximum);
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
  requireRanges(value, range.span);
  return value.kind === 'value'
    ? value
    : fail('not-constant', 'both ends of a range must be values', end.span);
}

/** `from-to`; a range of one value is that value. */
export function evaluateRange(evaluation: Evaluation, expression: RangeExpression): TypedRange | TypedValue {
  return rangeOf(evaluateEnds(evaluation, expression));
}
