// `key map { … }`: a value, or a verdict, that depends on a key.

import { SetFlag } from '../../model/set-flags.ts';
import type { Span } from '../../source/span.ts';
import type { Expression, MapExpression } from '../nodes/index.ts';
import { makeAnonymousSet } from './anonymous-set.ts';
import { inOrder } from './byteorder.ts';
import { partsOf } from './concat.ts';
import { isConstant } from './constants.ts';
import { isFamilylessAddress } from './ct.ts';
import type { Evaluation, Expected } from './evaluation.ts';
import { evaluateExpression } from './expression.ts';
import { fail } from './failure.ts';
import { unwrap } from './list.ts';
import type { OpenSet } from './scope.ts';
import { evaluateSetLiteral } from './set-literal.ts';
import { evaluateSetReference, expectKey } from './set-reference.ts';
import { requireWidth, transferElements } from './transfer.ts';
import type { TypedExpression, TypedMap, TypedMapData, TypedPart, TypedSetLiteral } from './typed.ts';
import { isCompatible, isConcatenation, isPlainInteger } from './types.ts';

/** `expected` when a map is met is what it is to give. */
export function evaluateMap(evaluation: Evaluation, expression: MapExpression): TypedMap {
  const { key, map, span } = expression;
  return evaluateMapOf(evaluation, key, map, span);
}

/** The map of a key through an anonymous or named map. */
export function evaluateMapOf(
  evaluation: Evaluation,
  keyExpression: Expression,
  mapExpression: Expression,
  span: Span,
): TypedMap {
  const wanted = evaluation.expected;
  if (isFamilylessAddress(keyExpression))
    fail('unknown-family', 'write `ip` or `ip6` before an address that is looked up', keyExpression.span);
  const key = evaluateMapKey(evaluation, keyExpression);
  evaluation.statementBits = 0;
  const mapped = unwrap(mapExpression);
  if (mapped.kind === 'set') {
    const data = wantedData(wanted, span);
    return anonymousMap(evaluation, key, data, span, () =>
      evaluateSetLiteral(evaluation, mapped, {
        keyType: key.type,
        data,
        ranges: true,
        isMap: true,
        statements: [],
        anonymous: true,
        dynamic: false,
      }),
    );
  }
  // A variable may hold the elements of a map, but not the name of one.
  if (mapped.kind !== 'set_reference' || mapExpression.kind === 'variable')
    return fail('not-a-map', 'this is not a map', mapExpression.span);
  const { set } = evaluateSetReference(evaluation, mapped);
  if (set.data === undefined || set.data.kind === 'object')
    return fail('not-a-map', `\`${set.name}\` is not a map to values or verdicts`, mapped.span);
  return finish(key, set as OpenSet, span);
}

/** The key of a map: anything that is not constant. */
export function evaluateMapKey(evaluation: Evaluation, expression: Expression): TypedExpression {
  evaluation.expect(undefined, 0);
  const key = evaluateExpression(evaluation, expression);
  if (isConstant(key)) fail('constant-key', 'the key of a map cannot be constant', expression.span);
  return key;
}

/** A key that is looked up in intervals is compared as a big-endian number. */
export function orderedKey(key: TypedExpression, set: { readonly flags: number }): TypedExpression {
  return (set.flags & SetFlag.interval) === 0 ? key : inOrder(key, 'network');
}

function finish(key: TypedExpression, set: OpenSet, span: Span): TypedMap {
  if (!isCompatible(set.keyType, key.type))
    fail(
      'type-mismatch',
      `the map has keys of type ${set.keyType.description}, the expression is of type ${key.type.description}`,
      key.span,
    );
  const { data } = set;
  if (data === undefined || data.kind === 'object') return fail('not-a-map', 'this is not a map', span);
  const bits = data.kind === 'value' ? data.bits : 0;
  return { kind: 'map', key: orderedKey(key, set), set, type: data.type, bits, order: 'none', span };
}

/** What an anonymous map is to give: what is expected where it stands. */
function wantedData(wanted: Expected, span: Span): Exclude<TypedMapData, { readonly kind: 'object' }> {
  const { type, bits } = wanted;
  if (type === undefined) return fail('untyped-map', 'what this map is to give is not known', span);
  if (type.class === 'verdict') return { kind: 'verdict', type };
  const order = isPlainInteger(type) ? wanted.order : type.order;
  return { kind: 'value', type, bits, order, parts: dataParts(type, bits, order), interval: true };
}

function dataParts(
  type: NonNullable<Expected['type']>,
  bits: number,
  order: Expected['order'],
): readonly TypedPart[] {
  if (!isConcatenation(type)) return [{ type, bits, order }];
  return type.parts.map(part => ({ type: part, bits: part.bits, order: part.order }));
}

/** Makes the map of an anonymous set whose elements `read` gives. */
function anonymousMap(
  evaluation: Evaluation,
  key: TypedExpression,
  data: Exclude<TypedMapData, { readonly kind: 'object' }>,
  span: Span,
  read: () => TypedSetLiteral,
): TypedMap {
  const { type, bits, order } = evaluation.expected;
  const parts = key.kind === 'concat' ? partsOf(key) : [{ type: key.type, bits, order }];
  expectParts(evaluation, key, parts);
  const literal = read();
  if (key.kind === 'binary' && type !== undefined && !isCompatible(type, key.type))
    fail('type-mismatch', `the map has keys of type ${type.description}, this is a plain integer`, key.span);
  expectParts(evaluation, key, parts);
  const moved = literal.interval
    ? { left: key, right: literal.elements }
    : transferElements(evaluation, key, literal.elements, bits);
  if (!literal.interval) requireWidth(evaluation, key, literal.elements, bits);
  if (key.kind === 'binary') checkLoaded(key, evaluation.expected.bits);
  const set = makeAnonymousSet(evaluation, {
    keyType: key.type,
    keyParts: parts.length > 1 ? parts : [{ ...parts[0]!, bits: evaluation.expected.bits }],
    data: narrowed(data, moved.right),
    elements: moved.right,
    interval: literal.interval,
    span: literal.span,
  });
  return finish(moved.left, set, span);
}

/** Elements that were shifted back may be longer than the key; the kernel reads no register that was not written. */
function checkLoaded(key: TypedExpression, bits: number): void {
  if (Math.ceil(bits / 32) > Math.ceil(key.bits / 32))
    fail('value-too-long', `the keys of the map have ${bits} bits, this has ${key.bits}`, key.span);
}

function expectParts(evaluation: Evaluation, key: TypedExpression, parts: readonly TypedPart[]): void {
  expectKey(evaluation, { keyType: key.type, keyParts: parts });
}

/** An anonymous map gives ranges if one of its elements does. */
function narrowed<Data extends TypedMapData>(data: Data, elements: TypedSetLiteral['elements']): Data {
  if (data.kind !== 'value') return data;
  const interval = elements.some(element => element.data?.kind === 'value' && element.data.interval);
  return { ...data, interval };
}
