// `flag,flag`: flags that are combined.

import type { Expression, ListExpression } from '../nodes/index.ts';
import { constant } from './constants.ts';
import type { Evaluation } from './evaluation.ts';
import { evaluateExpression } from './expression.ts';
import { fail } from './failure.ts';
import type { TypedValue } from './typed.ts';
import { isFlags } from './types.ts';

/** The expression that a variable stands for, through any number of them. */
export function unwrap(expression: Expression): Expression {
  let inner = expression;
  while (inner.kind === 'variable') inner = inner.value;
  return inner;
}

export function evaluateList(evaluation: Evaluation, list: ListExpression): TypedValue {
  let value = 0n;
  evaluation.listDepth++;
  for (const item of list.items) {
    const member = evaluateExpression(evaluation, item);
    if (member.kind !== 'value') return fail('not-constant', 'a list is made of single values', item.span);
    if (!isFlags(member.type))
      fail(
        'not-flags',
        `values of type ${member.type.description} cannot be combined with commas`,
        item.span,
      );
    value |= member.value;
  }
  evaluation.listDepth--;
  const { type, bits } = evaluation.expected;
  if (type === undefined) return fail('untyped-literal', 'what this list means here is not known', list.span);
  return constant(value, type, bits, 'host', list.span);
}
