// Matches: a selector against constants, a set, or a named set.

import { conntrackStateType } from '../../model/datatype.ts';
import type { Expression, MatchStatement, MatchOperator as WrittenOperator } from '../nodes/index.ts';
import { makeAnonymousSet } from './anonymous-set.ts';
import { inOrder } from './byteorder.ts';
import { partsOf } from './concat.ts';
import { isConstant, isSingleton } from './constants.ts';
import { describeKind, describeType } from './describe.ts';
import type { Evaluation } from './evaluation.ts';
import { evaluateExpression } from './expression.ts';
import { fail } from './failure.ts';
import { evaluateEnds } from './interval.ts';
import { learn } from './learn.ts';
import { unwrap } from './list.ts';
import { orderedKey } from './map.ts';
import { evaluateFib } from './selector.ts';
import { requireSelectorFamily } from './selector-families.ts';
import { transfer, transferElements } from './transfer.ts';
import type {
  MatchOperator,
  TypedExpression,
  TypedMatch,
  TypedRange,
  TypedSetLiteral,
  TypedSetReference,
} from './typed.ts';
import { isFlags, sameType } from './types.ts';

const operators: Readonly<Record<WrittenOperator, MatchOperator>> = {
  implicit: 'implicit',
  '==': 'eq',
  '!=': 'neq',
  '<': 'lt',
  '>': 'gt',
  '<=': 'lte',
  '>=': 'gte',
  '!': 'not',
};

export function evaluateMatch(evaluation: Evaluation, statement: MatchStatement): TypedMatch {
  const operator = operators[statement.operator];
  const right = rightOf(statement);
  if (right.kind === 'set_reference') evaluateExpression(evaluation, right);
  const left = evaluateLeft(evaluation, masked(statement), right);
  const isWritten = statement.right.kind === 'range';
  const sides = evaluateRight(evaluation, operator, left, right, isWritten);
  checkSides(statement, sides.left, sides.right);
  return compare(evaluation, statement, sides.operator, sides.left, sides.right);
}

/** `left right / mask` is `left & mask == right`. */
function masked({ left, mask, span }: MatchStatement): Expression {
  if (mask === undefined) return left;
  return { kind: 'binary', operator: '&', left, right: combined(mask), span };
}

/** With a mask, a list is one number. */
function rightOf({ right, mask }: MatchStatement): Expression {
  const written = unwrap(right);
  return mask === undefined ? written : combined(written);
}

/** Values that are written with commas are one number. */
function combined(list: Expression): Expression {
  if (list.kind !== 'list') return list;
  const [first, ...rest] = list.items;
  return rest.reduce<Expression>(
    (left, right) => ({ kind: 'binary', operator: '|', left, right, span: list.span }),
    first!,
  );
}

/** `fib … exists` asks whether there is a result. */
function evaluateLeft(evaluation: Evaluation, left: Expression, right: Expression): TypedExpression {
  const isTruth = right.kind === 'typed_symbol' && right.type === 'boolean';
  if (left.kind !== 'fib' || !isTruth) return evaluateExpression(evaluation, left);
  requireSelectorFamily(evaluation.family, left);
  return evaluateFib(evaluation, left, true);
}

interface Comparison {
  readonly operator: MatchOperator;
  readonly left: TypedExpression;
  readonly right: TypedExpression;
}

function evaluateRight(
  evaluation: Evaluation,
  operator: MatchOperator,
  left: TypedExpression,
  right: Expression,
  isWrittenRange: boolean,
): Comparison {
  const isClock = left.kind === 'meta' && (left.key === 'hour' || left.key === 'day');
  // A range that a variable holds is not turned round.
  if (isClock && right.kind === 'range' && isWrittenRange)
    return clockRange(operator, left, evaluateEnds(evaluation, right));
  return { operator, left, right: evaluateExpression(evaluation, right) };
}

const opposite: Readonly<Partial<Record<MatchOperator, MatchOperator>>> = {
  eq: 'neq',
  implicit: 'neq',
  neq: 'eq',
};

/** A range of hours or days may pass the end of the day or week: it is then all but the range between. */
function clockRange(operator: MatchOperator, left: TypedExpression, range: TypedRange): Comparison {
  const { from, to } = range;
  const turned = opposite[operator];
  if (from.value > to.value && turned !== undefined)
    return { operator: turned, left, right: ordered({ ...range, from: to, to: from }) };
  return { operator, left, right: ordered(range) };
}

function ordered(range: TypedRange): TypedExpression {
  if (range.from.value > range.to.value)
    fail('negative-range', 'the range ends before it begins', range.span);
  return range.from.value === range.to.value ? range.from : range;
}

function checkSides(statement: MatchStatement, left: TypedExpression, right: TypedExpression): void {
  if (!isConstant(right) && right.kind !== 'set_reference')
    fail('not-constant', 'the right-hand side of a match must be constant', statement.right.span);
  if (isConstant(left))
    fail('constant-match', 'this match does not depend on the packet', statement.left.span);
  if (!sameType(left.type, right.type))
    fail(
      'type-mismatch',
      `expected ${describeType(left.type)}, this is ${describeType(right.type)}`,
      statement.right.span,
      { notes: [{ message: `this is ${describeType(left.type)}`, span: statement.left.span }] },
    );
  if ((left.kind === 'meta' || left.kind === 'ct') && left.key === 'secmark')
    fail('secmark-constant', 'a security mark cannot be compared with a constant', statement.right.span);
}

function compare(
  evaluation: Evaluation,
  statement: MatchStatement,
  written: MatchOperator,
  left: TypedExpression,
  given: TypedExpression,
): TypedMatch {
  const { operator, right } = withoutBraces(written, left, given);
  if (operator === 'eq' || operator === 'implicit') learn(evaluation, left, right);
  if (operator === 'not') checkNegation(left, right);
  const isOrdered = operator === 'lt' || operator === 'gt' || operator === 'lte' || operator === 'gte';
  const sides = isOrdered ? orderedSides(statement, left, right) : equalitySides(evaluation, left, right);
  const moved = sides.right.kind === 'set_reference' ? sides : transfer(evaluation, sides.left, sides.right);
  return { kind: 'match', operator, ...moved, span: statement.span };
}

/** A set of one element is that element. Its flags are then compared as a whole, except of conntrack states. */
function withoutBraces(
  operator: MatchOperator,
  left: TypedExpression,
  right: TypedExpression,
): { readonly operator: MatchOperator; readonly right: TypedExpression } {
  const isEquality = operator === 'eq' || operator === 'implicit' || operator === 'neq';
  if (right.kind !== 'set_literal' || left.kind === 'concat' || !isEquality || right.elements.length !== 1)
    return { operator, right };
  const asWhole = operator === 'implicit' && isFlags(right.type) && right.type !== conntrackStateType;
  return { operator: asWhole ? 'eq' : operator, right: right.single ?? right };
}

function checkNegation(left: TypedExpression, right: TypedExpression): void {
  if (left.kind === 'binary')
    fail('invalid-negation', '`!` cannot be combined with bit operations', left.span);
  if (right.kind !== 'value' || !isFlags(right.type))
    fail('invalid-negation', '`!` takes flags; for all other values write `!=`', right.span);
}

function equalitySides(
  evaluation: Evaluation,
  left: TypedExpression,
  right: TypedExpression,
): Omit<Comparison, 'operator'> {
  switch (right.kind) {
    case 'range':
      return {
        left: inOrder(left, 'network'),
        right: { ...right, from: inValueOrder(right.from, 'network'), to: inValueOrder(right.to, 'network') },
      };
    case 'prefix':
      return { left, right: left.order === 'none' ? right : inPrefixOrder(right, left.order) };
    case 'value':
      return { left, right: left.order === 'none' ? right : inValueOrder(right, left.order) };
    case 'set_literal':
      return anonymousSet(evaluation, left, right);
    case 'set_reference':
      return namedSet(left, right);
    case 'concat':
      return fail('missing-braces', 'write a concatenation of values in braces: `{ a . b }`', right.span);
    default:
      return fail('type-mismatch', `nothing can be compared with ${describeKind(right)}`, right.span);
  }
}

type Order = 'network' | 'host';

function inValueOrder<T extends TypedExpression>(value: T, order: Order): T {
  return inOrder(value, order) as T;
}

function inPrefixOrder(
  prefix: Extract<TypedExpression, { readonly kind: 'prefix' }>,
  order: Order,
): TypedExpression {
  return { ...prefix, base: inValueOrder(prefix.base, order) };
}

function checkFamily(left: TypedExpression): void {
  if (left.kind === 'ct' && (left.key === 'src' || left.key === 'dst'))
    fail('unknown-family', 'write `ip` or `ip6` before an address that is looked up', left.span);
}

/** The kernel takes elements that are as long as the key of their set. */
function checkLength(left: TypedExpression, bits: number, span: TypedExpression['span']): void {
  const [wanted, given] = [left.bits, bits].map(each => Math.ceil(each / 8));
  if (given === wanted) return;
  fail('value-length', `the elements have ${given} bytes, but ${wanted} are looked up`, span);
}

function anonymousSet(
  evaluation: Evaluation,
  left: TypedExpression,
  literal: TypedSetLiteral,
): Omit<Comparison, 'operator'> {
  if (literal.elements.length === 0) fail('empty-set', 'the set is empty', literal.span);
  checkFamily(left);
  const { type } = left;
  const moved = literal.interval
    ? { left, right: literal.elements, bits: left.bits }
    : transferElements(evaluation, left, literal.elements, literal.bits);
  if (left.kind === 'binary') checkLength(left, moved.bits, literal.span);
  const set = makeAnonymousSet(evaluation, {
    keyType: type,
    keyParts: partsOf(left),
    elements: moved.right,
    interval: literal.interval,
    span: literal.span,
  });
  const { bits, order, span } = literal;
  return {
    left: orderedKey(moved.left, set),
    right: { kind: 'set_reference', set, type, bits, order, span },
  };
}

function namedSet(left: TypedExpression, right: TypedSetReference): Omit<Comparison, 'operator'> {
  checkFamily(left);
  return { left: orderedKey(left, right.set), right };
}

function orderedSides(
  statement: MatchStatement,
  left: TypedExpression,
  right: TypedExpression,
): Omit<Comparison, 'operator'> {
  const { operator } = statement;
  if (left.kind === 'concat') fail('unordered', `\`${operator}\` is undefined for concatenations`, left.span);
  if (!isSingleton(right)) fail('unordered', `\`${operator}\` takes a single value`, right.span);
  return { left: inOrder(left, 'network'), right: inValueOrder(right, 'network') };
}
