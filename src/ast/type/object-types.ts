// Named objects of a table, as rules and the elements of maps refer to them.

import type { Span } from '../../source/span.ts';
import type { ObjectType } from '../nodes/index.ts';
import { fail } from './failure.ts';
import { suggest } from './literal/suggest.ts';
import type { TableScope } from './scope.ts';

/** NFT_OBJECT_* */
export const objectTypes: Readonly<Record<ObjectType, number>> = {
  counter: 1,
  quota: 2,
  'ct helper': 3,
  limit: 4,
  tunnel: 6,
  'ct timeout': 7,
  secmark: 8,
  'ct expectation': 9,
  synproxy: 10,
};

const kinds: ReadonlyMap<number, string> = new Map(
  Object.entries(objectTypes).map(([kind, type]) => [type, kind]),
);

/** The kind of object that a NFT_OBJECT_* number stands for. */
export function objectKind(type: number): ObjectType {
  const kind = kinds.get(type);
  if (kind === undefined) throw new Error(`no object of type ${type}`);
  return kind as ObjectType;
}

/** The object must have been declared. */
export function requireObject(table: TableScope, type: ObjectType, name: string, span: Span): void {
  if (table.hasObject(type, name)) return;
  fail(
    'unknown-object',
    `there is no ${type} \`${name}\` in table ${table.family} ${table.name}`,
    span,
    suggest(name, span, table.objectNames(type)),
  );
}
