// Bit operations on the left that can be undone on the constants of the right are: a shift down becomes a mask, and the
// constants are shifted up instead. What is compared is then what stands in the packet.

import { integerType } from '../../model/datatype.ts';
import type { Span } from '../../source/span.ts';
import { computedString, constant, isConstant, isString } from './constants.ts';
import type { Evaluation } from './evaluation.ts';
import { fail } from './failure.ts';
import { bitMask } from './literal/number.ts';
import { keepBits, shiftBits, traceOf, unseen, watch } from './literal-slot.ts';
import type { TypedBinary, TypedElement, TypedExpression, TypedRange, TypedValue } from './typed.ts';

type Invertible = TypedBinary & { readonly operator: 'left' | 'right' | 'xor'; readonly right: TypedValue };

function isInvertible(left: TypedExpression): left is Invertible {
  if (left.kind !== 'binary' || left.right.kind !== 'value') return false;
  return (
    left.operator === 'left' ||
    left.operator === 'right' ||
    (left.operator === 'xor' && isConstant(left.right))
  );
}

/** The operation undone: the operand itself, or, of a shift down, its upper bits. */
function withoutOperation(left: Invertible): TypedExpression {
  if (left.operator !== 'right') return { ...left.left, type: left.type };
  const { bits } = left.left;
  const mask = constant(
    bitMask(bits) << left.right.value,
    integerType,
    bits,
    left.right.order,
    left.right.span,
  );
  return { ...left, operator: 'and', right: mask };
}

/** The value that the operand must have for the operation to give `value`. */
function undo(left: Invertible, value: bigint, bits: number): bigint {
  const distance = left.right.value;
  switch (left.operator) {
    case 'left':
      return value >> distance;
    case 'right':
      return (value << distance) & bitMask(bits);
    case 'xor':
      return value ^ distance;
  }
}

/** Of a shift up, constants with low bits set never match. */
function checkReachable(left: Invertible, value: bigint, span: TypedExpression['span']): void {
  if (left.operator === 'left' && (value & bitMask(Number(left.right.value))) !== 0n)
    fail('always-false', 'the comparison is always false', span);
}

/** Values shifted up need more bits than the field has. */
function widened(evaluation: Evaluation, left: Invertible, bits: number): number {
  const { expected } = evaluation;
  const distance = Number(left.right.value);
  if (left.operator === 'right' && expected.bits < bits + distance)
    evaluation.expected = { ...expected, bits: expected.bits + distance };
  return Math.max(evaluation.expected.bits, evaluation.statementBits);
}

export interface Sides<Right> {
  readonly left: TypedExpression;
  readonly right: Right;
}

function undoValue(evaluation: Evaluation, left: Invertible, value: TypedValue): TypedValue {
  const trace = traceOf(value, 'value');
  if (trace !== undefined && left.operator === 'right' && !isString(value.type)) {
    const { type, order, span } = value;
    const bits = widened(evaluation, left, value.bits);
    const moved = constant(undo(left, unseen(value, 'value'), bits), type, bits, order, span);
    return watch(moved, { value: keepBits(shiftBits(trace, Number(left.right.value)), bitMask(bits)) });
  }
  checkReachable(left, value.value, value.span);
  const bits = widened(evaluation, left, value.bits);
  return { ...value, value: undo(left, value.value, bits), bits };
}

/** Moves an operation from the left to the constants of the right, if that is possible. */
export function transfer(
  evaluation: Evaluation,
  left: TypedExpression,
  right: TypedExpression,
): Sides<TypedExpression> {
  if (!isInvertible(left)) return { left, right };
  if (right.kind === 'value') {
    const undone = undoValue(evaluation, left, right);
    return { left: withoutOperation(left), right: isString(undone.type) ? computedString(undone) : undone };
  }
  if (right.kind !== 'range') return { left, right };
  const from = undoValue(evaluation, left, right.from);
  const to = undoValue(evaluation, left, right.to);
  const range: TypedRange = { ...right, from, to, bits: from.bits };
  return { left: withoutOperation(left), right: range };
}

/**
 * The same for the elements of an anonymous set, which then have `bits`. Sets of intervals stay as they are, and the operation
 * stays.
 */
export function transferElements(
  evaluation: Evaluation,
  left: TypedExpression,
  elements: readonly TypedElement[],
  bits: number,
): Sides<readonly TypedElement[]> & { readonly bits: number } {
  if (!isInvertible(left) || !elements.every(isSingle)) return { left, right: elements, bits };
  const wide = widened(evaluation, left, bits);
  const moved = elements.map(element => {
    const { from } = (element.parts as readonly { readonly from: bigint }[])[0]!;
    checkReachable(left, from, element.span);
    const value = undoElement(left, from, wide, element.span);
    return { ...element, parts: [{ from: value, to: value }] };
  });
  return { left: withoutOperation(left), right: moved, bits: wide };
}

/**
 * In a map that has a catch-all element the operation stays. Where that is not the first element, nft has made the key as wide
 * as for the others by then, which the kernel refuses.
 */
export function requireWidth(
  evaluation: Evaluation,
  left: TypedExpression,
  elements: readonly TypedElement[],
  bits: number,
): void {
  const [first] = elements;
  if (!isInvertible(left) || first === undefined || !isSingle(first) || elements.every(isSingle)) return;
  const [wide, own] = [widened(evaluation, left, bits), bits].map(each => Math.ceil(each / 8));
  if (wide !== own)
    fail(
      'value-length',
      `the elements have ${own} bytes, but ${wide} are looked up: put \`*\` first`,
      first.span,
    );
}

function undoElement(left: Invertible, element: bigint, bits: number, span: Span): bigint {
  const value = undo(left, element, bits);
  if (!isString(left.type)) return value;
  const text = computedString(constant(value, left.type, bits, 'host', span));
  if (text.kind === 'prefix')
    fail(
      'not-a-value',
      'once the operation is undone this is a pattern, which the set has no room for',
      span,
    );
  return text.value;
}

function isSingle({ parts }: TypedElement): boolean {
  return parts !== 'catchall' && parts.length === 1 && parts[0]!.from === parts[0]!.to;
}
