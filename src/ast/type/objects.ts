// Named objects: their kinds, and statements that refer to one, by name or through a map.

import { stringType } from '../../model/datatype.ts';
import type { MapExpression, ObjectReferenceStatement, SetExpression } from '../nodes/index.ts';
import { makeAnonymousSet } from './anonymous-set.ts';
import { partsOf } from './concat.ts';
import { fitString } from './constants.ts';
import { withArticle } from './describe.ts';
import type { Evaluation } from './evaluation.ts';
import { fail } from './failure.ts';
import { unwrap } from './list.ts';
import { evaluateMapKey, orderedKey } from './map.ts';
import { objectTypes, requireObject } from './object-types.ts';
import { evaluateSetLiteral } from './set-literal.ts';
import { evaluateSetReference, expectKey } from './set-reference.ts';
import type { TypedExpression, TypedSet, TypedStatement } from './typed.ts';
import { isCompatible } from './types.ts';

const longestObjectName = 128;

export function evaluateObjectReference(
  evaluation: Evaluation,
  statement: ObjectReferenceStatement,
): TypedStatement {
  const object = unwrap(statement.object);
  const objectType = objectTypes[statement.objectType];
  if (object.kind === 'map') return evaluateObjectMap(evaluation, statement, object, objectType);
  if (object.kind !== 'symbol' && object.kind !== 'number')
    return fail(
      'not-an-object',
      `expected the name of ${withArticle(statement.objectType)}`,
      statement.object.span,
    );
  evaluation.expect(stringType, longestObjectName * 8, 'host');
  fitString(evaluation, object.text, object.span);
  requireObject(evaluation.table, statement.objectType, object.text, object.span);
  return { kind: 'object', objectType, name: object.text, span: statement.span };
}

function evaluateObjectMap(
  evaluation: Evaluation,
  statement: ObjectReferenceStatement,
  { key: keyExpression, map }: MapExpression,
  objectType: number,
): TypedStatement {
  const key = evaluateMapKey(evaluation, keyExpression);
  const mapped = unwrap(map);
  const set =
    mapped.kind === 'set'
      ? anonymousObjectMap(evaluation, key, mapped, objectType)
      : mapped.kind === 'set_reference' && map.kind !== 'variable'
        ? evaluateSetReference(evaluation, mapped).set
        : fail('not-a-map', 'this is not a map', map.span);
  checkObjectMap(set, key, objectType, map.span);
  return { kind: 'object_map', key: orderedKey(key, set), set, span: statement.span };
}

function checkObjectMap(
  set: TypedSet,
  key: TypedExpression,
  objectType: number,
  span: ObjectReferenceStatement['span'],
): void {
  if (set.data?.kind !== 'object') fail('not-a-map', 'this is not a map to objects', span);
  if (set.data?.kind === 'object' && set.data.objectType !== objectType)
    fail('type-mismatch', 'the map gives objects of another kind', span);
  if (!isCompatible(set.keyType, key.type))
    fail(
      'type-mismatch',
      `the map has keys of type ${set.keyType.description}, the expression is of type ${key.type.description}`,
      key.span,
    );
}

function anonymousObjectMap(
  evaluation: Evaluation,
  key: TypedExpression,
  literal: SetExpression,
  objectType: number,
): TypedSet {
  const { bits, order } = evaluation.expected;
  const keyParts = key.kind === 'concat' ? partsOf(key) : [{ type: key.type, bits, order }];
  const data = { kind: 'object', objectType } as const;
  expectKey(evaluation, { keyType: key.type, keyParts });
  const { elements, interval } = evaluateSetLiteral(evaluation, literal, {
    keyType: key.type,
    data,
    ranges: true,
    isMap: true,
    statements: [],
    anonymous: true,
    dynamic: false,
  });
  return makeAnonymousSet(evaluation, {
    keyType: key.type,
    keyParts,
    data,
    elements,
    interval,
    span: literal.span,
  });
}
