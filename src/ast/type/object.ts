// The typed form of a named object.

import type { ObjectDeclaration } from '../nodes/index.ts';
import { objectTypes } from './object-types.ts';
import type { TableScope } from './scope.ts';
import { evaluateLimit, evaluateQuota } from './stateful.ts';
import type { TypedObject, TypedStateful } from './typed.ts';

export function typedObject(table: TableScope, object: ObjectDeclaration): TypedObject {
  const { objectType: kind, name, span } = object;
  const facts = { kind, type: objectTypes[kind], name: name.text, span };
  const state = stateOf(table, object);
  return state === undefined ? facts : { ...facts, state };
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
