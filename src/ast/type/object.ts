// The typed form of a named object.

import type { ObjectDeclaration } from '../nodes/index.ts';
import { objectProperties } from './object-state.ts';
import { objectTypes } from './object-types.ts';
import type { EvaluateOptions } from './options.ts';
import type { TableScope } from './scope.ts';
import { evaluateLimit, evaluateQuota } from './stateful.ts';
import type { TypedObject, TypedStateful } from './typed.ts';

export function typedObject(
  table: TableScope,
  object: ObjectDeclaration,
  options: EvaluateOptions,
): TypedObject {
  const { objectType: kind, name, span, comment } = object;
  const state = stateOf(table, object);
  const properties = objectProperties(object, table, options);
  return {
    kind,
    type: objectTypes[kind],
    name: name.text,
    span,
    ...(state !== undefined && { state }),
    ...(properties !== undefined && { properties }),
    ...(comment !== undefined && { comment: comment.text }),
  };
}

/** State of the objects that can also stand in a rule. */
function stateOf(table: TableScope, object: ObjectDeclaration): TypedStateful | undefined {
  const { span } = object;
  switch (object.objectType) {
    case 'counter':
      return {
        kind: 'counter',
        packets: object.packets?.value ?? 0n,
        bytes: object.bytes?.value ?? 0n,
        span,
      };
    case 'quota':
      return object.quota === undefined ? undefined : evaluateQuota(table, object.quota, span);
    case 'limit':
      return object.limit === undefined ? undefined : evaluateLimit(table, object.limit, span);
    default:
      return undefined;
  }
}
