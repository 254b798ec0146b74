// What a statement stores or sends: one value of the type that the statement wants.

import {
  type ByteOrder,
  type Datatype,
  integerType,
  ipv4AddressType,
  markType,
} from '../../model/datatype.ts';
import type { Expression } from '../nodes/index.ts';
import { inOrder } from './byteorder.ts';
import { isConstant, isString } from './constants.ts';
import { describeType } from './describe.ts';
import type { Evaluation } from './evaluation.ts';
import { evaluateExpression } from './expression.ts';
import { fail } from './failure.ts';
import { bitMask } from './literal/number.ts';
import type { TypedExpression, TypedPrefix } from './typed.ts';
import { isCompatible, isPlainInteger, rootType } from './types.ts';

export interface Wanted {
  readonly type: Datatype;
  readonly bits: number;
  readonly order: Exclude<ByteOrder, 'none'>;
}

/** `expression` as the value that is wanted. A prefix becomes a range. */
export function evaluateArgument(
  evaluation: Evaluation,
  expression: Expression,
  wanted: Wanted,
): TypedExpression {
  evaluation.expect(wanted.type, wanted.bits, wanted.order);
  return asArgument(evaluateExpression(evaluation, expression), wanted, expression.span);
}

function mismatch(argument: TypedExpression, wanted: Wanted, span: Expression['span']): never {
  return fail(
    'type-mismatch',
    `expected ${describeType(wanted.type)}, this is ${describeType(argument.type)} of ${argument.bits} bits`,
    span,
  );
}

export function asArgument(
  argument: TypedExpression,
  wanted: Wanted,
  span: Expression['span'],
): TypedExpression {
  const { type, bits, order } = wanted;
  const isWrongNumber =
    argument.kind === 'payload' &&
    isPlainInteger(argument.type) &&
    ((type.base ?? type) !== integerType || argument.bits !== bits);
  if (isWrongNumber || !isCompatible(type, argument.type)) return mismatch(argument, wanted, span);
  if (type === markType && !isConstant(argument)) return inOrder(argument, order);
  switch (argument.kind) {
    case 'set_literal':
    case 'set_reference':
      return fail('not-a-value', 'a set cannot be used as a value', span);
    case 'rt':
      return inOrder(argument, order);
    case 'prefix':
      return prefixRange(argument);
    case 'numgen':
      return type === ipv4AddressType ? inOrder(argument, order) : argument;
    default:
      return argument;
  }
}

function prefixRange(prefix: TypedPrefix): TypedExpression {
  const { base, length, bits, type } = prefix;
  if (isString(type) || rootType(type).class !== 'integer')
    fail('not-a-number', 'a prefix of a number is expected', prefix.span);
  if (length === bits) return base;
  const to = { ...base, value: base.value | bitMask(bits - length) };
  return { kind: 'range', from: base, to, type, bits, order: base.order, span: prefix.span };
}

/** For statements that take no ranges. */
export function noRange(argument: TypedExpression, statement: string): TypedExpression {
  if (argument.kind === 'range') fail('not-a-value', `${statement} takes no range`, argument.span);
  return argument;
}
