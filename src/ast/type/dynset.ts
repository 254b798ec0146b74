// Rules that change sets: `add @set { … }`, `update`, `delete`, and the older `meter`.

import { SetFlag } from '../../model/set-flags.ts';
import type { Element, Expression, MeterStatement, SetUpdateStatement } from '../nodes/index.ts';
import { asArgument, evaluateArgument, type Wanted } from './argument.ts';
import { partsOf } from './concat.ts';
import { isConstant } from './constants.ts';
import { checkCounting } from './element-state.ts';
import type { Evaluation } from './evaluation.ts';
import { evaluateExpression } from './expression.ts';
import { fail } from './failure.ts';
import { unwrap } from './list.ts';
import { lowBits } from './low-bits.ts';
import type { OpenSet } from './scope.ts';
import { evaluateSetReference, keyBits } from './set-reference.ts';
import { isChangeable } from './set-structure.ts';
import { evaluateStateful } from './stateful.ts';
import type { TypedExpression, TypedStateful, TypedStatement } from './typed.ts';

export function evaluateSetUpdate(evaluation: Evaluation, statement: SetUpdateStatement): TypedStatement {
  const { operation, key, data, span } = statement;
  const set = requireSet(evaluation, statement.set);
  const typedKey = evaluateKey(evaluation, set, key.key);
  checkElement(evaluation, key);
  const statements = key.statements.map(each => evaluateStateful(evaluation.table, each));
  const timeout = timeoutOf(key);
  checkChangeable(set, statement, statements);
  const facts = { kind: 'dynset', operation, set, key: typedKey, ...timeout, statements, span } as const;
  if (data === undefined) {
    set.flags |= SetFlag.eval;
    return facts;
  }
  return { ...facts, data: evaluateData(evaluation, set, data) };
}

function requireSet(evaluation: Evaluation, expression: Expression): OpenSet {
  const reference = unwrap(expression);
  if (reference.kind !== 'set_reference') return fail('not-a-set', 'this is not a set', expression.span);
  evaluateSetReference(evaluation, reference);
  return evaluation.table.requireSet(reference.name, reference.span);
}

/** Of maps nft does not tell the kernel that there is more than one, which then refuses them. */
const mostStatements = { set: 2, map: 1 } as const;

/** What the kernel refuses when a rule is to change a set. */
function checkChangeable(
  set: OpenSet,
  { key, data, set: { span } }: SetUpdateStatement,
  statements: readonly TypedStateful[],
): void {
  const { name, flags } = set;
  if ((flags & SetFlag.interval) !== 0)
    fail('not-changeable', `\`${name}\` is a set of intervals, which rules cannot change`, span);
  if ((flags & SetFlag.constant) !== 0) fail('not-changeable', `\`${name}\` is constant`, span);
  if (set.data?.kind === 'object')
    fail('not-changeable', `\`${name}\` gives objects, which rules cannot add`, span);
  if (set.settledFlags !== undefined && !isChangeable({ ...set, flags: set.settledFlags }))
    fail('not-changeable', `\`${name}\` was declared without the flag dynamic`, span);
  const isFixed = (flags & (SetFlag.eval | SetFlag.timeout)) === 0;
  if (set.data !== undefined && set.size !== undefined && isFixed)
    fail('not-changeable', `\`${name}\` has a size, but lacks the flag dynamic`, span);
  if (statements.length > 0 && set.data !== undefined && (flags & SetFlag.eval) === 0)
    fail(
      'not-changeable',
      `\`${name}\` lacks the flag dynamic, so that its elements have no statements`,
      span,
    );
  if (set.data !== undefined && data === undefined)
    fail('missing-data', `\`${name}\` is a map and needs a value`, key.span);
  if (key.timeout !== undefined && (flags & SetFlag.timeout) === 0)
    fail('unexpected-timeout', `\`${name}\` lacks the flag timeout`, key.timeout.span);
  const most = mostStatements[set.data === undefined ? 'set' : 'map'];
  if (statements.length > most)
    fail(
      'too-many-statements',
      `an element that a rule adds has at most ${most} statement${most === 1 ? '' : 's'}`,
      key.span,
    );
  checkCounting(statements, hasTimeouts(set), key.span);
  const kinds = (list: readonly TypedStateful[]): string => list.map(each => each.kind).join(', ');
  if (statements.length > 0 && set.statements.length > 0 && kinds(statements) !== kinds(set.statements))
    fail(
      'type-mismatch',
      `the elements of \`${name}\` have other statements: ${kinds(set.statements)}`,
      key.span,
    );
}

const hasTimeouts = ({ flags }: OpenSet): boolean => (flags & SetFlag.timeout) !== 0;

function wantedKey(set: OpenSet): Wanted {
  const [first] = set.keyParts;
  const order = set.keyParts.length === 1 && first!.order === 'host' ? 'host' : 'network';
  return { type: set.keyType, bits: keyBits(set.keyParts), order };
}

function evaluateKey(evaluation: Evaluation, set: OpenSet, key: Expression): TypedExpression {
  return asArgument(evaluateExpression(evaluation, key), wantedKey(set), key.span);
}

/** nft takes a time of expiry here, but the kernel has no place for it. */
function checkElement({ table }: Evaluation, { comment, expires }: Element): void {
  if (comment !== undefined) fail('unexpected-comment', 'no comment can stand here', comment.span);
  if (expires !== undefined)
    table.warn('unused-expires', 'elements that rules add expire after their timeout only', expires.span);
}

function timeoutOf({ timeout }: Element): { readonly timeout?: bigint } {
  if (timeout === undefined) return {};
  const { milliseconds } = timeout;
  if (milliseconds === 'never') return fail('invalid-timeout', '`never` cannot stand here', timeout.span);
  return milliseconds > 0n ? { timeout: milliseconds } : {};
}

function evaluateData(evaluation: Evaluation, set: OpenSet, element: Element): TypedExpression {
  const { data } = set;
  if (data === undefined)
    return fail('unexpected-data', `\`${set.name}\` is a set and has no values`, element.span);
  if (data.kind !== 'value')
    return fail('type-mismatch', `\`${set.name}\` gives no values that a rule can add`, element.span);
  checkElement(evaluation, element);
  if (element.timeout !== undefined)
    fail('unexpected-timeout', 'the timeout stands behind the key', element.timeout.span);
  const order = data.order === 'host' ? 'host' : 'network';
  const bits = data.interval ? 2 * data.bits : data.bits;
  const typed = evaluateArgument(evaluation, element.key, { type: data.type, bits, order });
  if (data.interval && (data.parts.length > 1 || Math.ceil(typed.bits / 32) < Math.ceil(bits / 32)))
    fail(
      'value-too-short',
      `\`${set.name}\` gives ranges: the value must be as long as both ends`,
      element.span,
    );
  return typed;
}

export function evaluateMeter(evaluation: Evaluation, statement: MeterStatement): TypedStatement {
  const { name, key, span } = statement;
  evaluation.expect(undefined, 0);
  const typedKey = evaluateExpression(evaluation, key.key);
  if (isConstant(typedKey)) fail('constant-key', 'the key of a meter cannot be constant', key.span);
  checkElement(evaluation, key);
  const timeout = timeoutOf(key);
  const existing = evaluation.table.findSet(name.text);
  const set =
    existing === undefined
      ? makeMeter(evaluation, statement, typedKey, timeout.timeout !== undefined)
      : existingMeter(existing, statement, timeout.timeout !== undefined);
  const statements = [statefulOf(evaluation, statement)];
  checkCounting(statements, hasTimeouts(set), statement.statement.span);
  const operation = timeout.timeout === undefined ? 'add' : 'update';
  return { kind: 'dynset', operation, set, key: typedKey, ...timeout, statements, span };
}

function statefulOf({ table }: Evaluation, { statement }: MeterStatement): TypedStateful {
  switch (statement.kind) {
    case 'counter':
    case 'limit':
    case 'quota':
    case 'connlimit':
    case 'last':
      return evaluateStateful(table, statement);
    default:
      return fail('not-stateful', 'a meter takes a statement that keeps state', statement.span);
  }
}

function makeMeter(
  evaluation: Evaluation,
  { name, size, span }: MeterStatement,
  key: TypedExpression,
  hasTimeout: boolean,
): OpenSet {
  const most = size === undefined ? 0 : Number(lowBits(evaluation.table, size.value, 32, size.span));
  const set: OpenSet = {
    id: evaluation.table.ordinals.set(),
    name: name.text,
    span,
    keyType: key.type,
    keyParts: partsOf(key),
    flags: SetFlag.eval | (hasTimeout ? SetFlag.timeout : 0),
    autoMerge: false,
    ...(most > 0 && { size: most }),
    statements: [],
    elements: [],
  };
  evaluation.table.addNamed(set);
  return set;
}

function existingMeter(set: OpenSet, { name, size }: MeterStatement, hasTimeout: boolean): OpenSet {
  if (set.data !== undefined || (set.flags & SetFlag.eval) === 0)
    fail('name-taken', `\`${name.text}\` is the name of a set or map that is no meter`, name.span);
  if (((set.flags & SetFlag.timeout) !== 0) !== hasTimeout)
    fail('type-mismatch', `\`${name.text}\` ${hasTimeout ? 'lacks' : 'has'} the flag timeout`, name.span);
  if (size !== undefined && size.value > 0n && BigInt(set.size ?? 0) !== size.value)
    fail('type-mismatch', `\`${name.text}\` has another size`, size.span);
  return set;
}
