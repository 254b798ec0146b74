// What objects begin with: their family, table and name.

import type { Family } from '../../../model/family.ts';
import type { Span } from '../../../source/span.ts';
import type {
  Name,
  NumberLiteral,
  ObjectKind,
  ObjectReference,
  ObjectType,
  TableReference,
} from '../../nodes/index.ts';
import { type Fields, given, nameOf } from './reading.ts';

export const families: readonly Family[] = ['ip', 'ip6', 'inet', 'arp', 'bridge', 'netdev'];

export const objectTypes: readonly ObjectType[] = [
  'counter',
  'quota',
  'ct helper',
  'limit',
  'ct timeout',
  'secmark',
  'ct expectation',
  'synproxy',
  'tunnel',
];

/** What can be deleted. */
export const deletable: readonly string[] = [
  'table',
  'chain',
  'rule',
  'set',
  'map',
  'element',
  'flowtable',
  ...objectTypes,
];
/** What can be added: nft lists a meter as one kind of set. */
export const addable: readonly string[] = [...deletable, 'meter'];

/** Properties that say which object it is. */
export const heading: readonly string[] = ['family', 'table', 'name', 'handle'];

export interface Heading {
  readonly table: TableReference;
  readonly name: Name;
  readonly span: Span;
}

export function familyOf(fields: Fields): Family {
  return fields.choice('family', families, 'a family');
}

/** Of a table itself `property` is `name`. */
export function tableOf(fields: Fields, property = 'table'): TableReference {
  const name = fields.name(property);
  return { kind: 'table_reference', family: familyOf(fields), name, span: name.span };
}

export function headingOf(fields: Fields): Heading {
  return { table: tableOf(fields), name: fields.name('name'), span: fields.span };
}

/** By name or, where there is none, by handle. */
function nameOrHandle(fields: Fields): { readonly name?: Name; readonly handle?: NumberLiteral } {
  const name = fields.optionalString('name');
  return name === undefined ? { handle: fields.number('handle') } : { name: nameOf(name) };
}

export function referenceOf(fields: Fields, object: ObjectKind): ObjectReference {
  const { span } = fields;
  const family = familyOf(fields);
  const named = nameOrHandle(fields);
  if (object !== 'table')
    return { kind: 'object_name', object, family, table: fields.name('table'), ...named, span };
  const { name: table, handle } = named;
  return { kind: 'object_name', object, family, ...given('table', table), ...given('handle', handle), span };
}
