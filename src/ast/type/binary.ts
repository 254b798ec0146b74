// Bit operations and shifts. Constants are computed; the constant operand of another one comes to stand on the right.

import { integerType } from '../../model/datatype.ts';
import type { BinaryExpression, BinaryOperator } from '../nodes/index.ts';
import { inOrder } from './byteorder.ts';
import { computedString, fitInteger, isConstant, isSingleton, isString } from './constants.ts';
import { describeKind, describeType } from './describe.ts';
import type { Evaluation } from './evaluation.ts';
import { evaluateExpression } from './expression.ts';
import { fail } from './failure.ts';
import { bitMask } from './literal/number.ts';
import { pin } from './literal-slot.ts';
import type { BitOperator, TypedExpression, TypedValue } from './typed.ts';
import { rootType } from './types.ts';

const operators: Readonly<Record<BinaryOperator, BitOperator>> = {
  '&': 'and',
  '|': 'or',
  '^': 'xor',
  '<<': 'left',
  '>>': 'right',
};

/** Operations that may be applied one after the other to one value. */
const longestChain = 16;

export function evaluateBinary(evaluation: Evaluation, expression: BinaryExpression): TypedExpression {
  const operator = operators[expression.operator];
  const isShift = operator === 'left' || operator === 'right';
  const outerBits = evaluation.expected.bits;
  evaluation.binaryDepth++;
  let left = evaluateExpression(evaluation, expression.left);
  if (isShift) evaluation.expect(integerType, Math.max(outerBits, left.bits), left.order);
  let right = evaluateExpression(evaluation, expression.right);
  if (isConstant(left) && !isConstant(right)) [left, right] = [right, left];
  checkOperands(expression, left, right);
  const result = isShift
    ? shift(evaluation, expression, operator, left, right)
    : bitwise(evaluation, expression, operator, left, right);
  if (--evaluation.binaryDepth === 0) checkLength(result);
  return result;
}

function checkOperands(expression: BinaryExpression, left: TypedExpression, right: TypedExpression): void {
  const { operator } = expression;
  const root = rootType(left.type);
  if (root.class !== 'integer' && root.class !== 'string')
    fail('not-a-number', `operation ${operator} is undefined for ${describeType(left.type)}`, left.span);
  for (const operand of [left, right])
    if (operand.kind === 'set_reference' || (isConstant(operand) && !isSingleton(operand)))
      fail('not-a-value', `operation ${operator} is undefined for ${describeKind(operand)}`, operand.span);
  if (root !== rootType(right.type))
    fail(
      'type-mismatch',
      `operation ${operator} is undefined for ${describeType(left.type)} and ${describeType(right.type)}`,
      expression.span,
    );
}

function checkLength(result: TypedExpression): void {
  let chain = 0;
  for (let step = result; step.kind === 'binary'; step = step.left)
    if (++chain >= longestChain)
      fail('expression-too-long', `more than ${longestChain - 1} bit operations on one value`, result.span);
}

function shift(
  evaluation: Evaluation,
  expression: BinaryExpression,
  operator: 'left' | 'right',
  left: TypedExpression,
  right: TypedExpression,
): TypedExpression {
  if (right.kind !== 'value')
    return fail('not-constant', `the right-hand side of ${expression.operator} must be a number`, right.span);
  const bits = Math.max(evaluation.statementBits, left.bits);
  if (right.value >= BigInt(bits))
    fail('shift-too-far', `a shift by ${right.value} is undefined for a value of ${bits} bits`, right.span);
  // nft drops the operation before it converts anything.
  if (right.value === 0n) return left;
  const distance: TypedValue = { ...right, order: 'host' };
  const shifted = inOrder(left, 'host');
  if (shifted.kind === 'value')
    return fitInteger(
      evaluation,
      shiftNumber(operator, shifted.value, right.value, bits),
      integerType,
      expression.span,
    );
  const facts = { type: integerType, bits, order: 'host', span: expression.span } as const;
  return { kind: 'binary', operator, left: shifted, right: distance, ...facts };
}

function shiftNumber(operator: 'left' | 'right', value: bigint, distance: bigint, bits: number): bigint {
  const mask = bitMask(bits);
  return operator === 'left' ? (value << distance) & mask : (value & mask) >> distance;
}

function bitwise(
  evaluation: Evaluation,
  expression: BinaryExpression,
  operator: 'and' | 'or' | 'xor',
  left: TypedExpression,
  right: TypedExpression,
): TypedExpression {
  const { statementBits } = evaluation;
  const widen = statementBits > left.bits;
  const bits = widen ? statementBits : left.bits;
  const operand = widen ? inOrder(left, 'host') : left;
  const order = widen ? 'host' : left.order;
  const type = widen ? integerType : left.type;
  const other = order === 'none' ? right : inOrder(right, order);
  if (operand.kind === 'value' && other.kind === 'value') {
    const value = combine(operator, operand.value, other.value) & bitMask(bits);
    const result = fitInteger(evaluation, value, type, expression.span);
    return isString(type) ? computedString(result) : result;
  }
  // Of several constants lowering makes one mask.
  if (other.kind === 'value') pin(other);
  return { kind: 'binary', operator, left: operand, right: other, type, bits, order, span: expression.span };
}

/** The value of an operation on two numbers. */
export function combine(operator: 'and' | 'or' | 'xor', a: bigint, b: bigint): bigint {
  switch (operator) {
    case 'and':
      return a & b;
    case 'or':
      return a | b;
    case 'xor':
      return a ^ b;
  }
}
