// Commands about what is there: delete, destroy, flush, rename, reset, list.

import type { Command, Name, ObjectKind, ObjectReference, ResetCommand } from '../../nodes/index.ts';
import type { JsonValue } from '../value.ts';
import { readElementCommand } from './additions.ts';
import { deletable, families, familyOf, heading, referenceOf, tableOf } from './headings.ts';
import { Fields, given, Reading, requireKind, type Subject } from './reading.ts';

/** What else is said of the object, as in a listing, does not matter. */
export function readRemoval(reading: Reading, verbText: string, subject: Subject): Command {
  const verb = verbText as 'delete' | 'destroy';
  const { name, value } = subject;
  requireKind(subject, deletable, 'an object that can be deleted');
  if (name === 'element') return readElementCommand(reading, verb, value);
  const fields = lenientFields(value);
  const object = name === 'rule' ? ruleReference(fields) : referenceOf(fields, name as ObjectKind);
  return { kind: 'delete', verb, object, span: value.span };
}

function ruleReference(fields: Fields): ObjectReference {
  return {
    kind: 'object_name',
    object: 'rule',
    family: familyOf(fields),
    table: fields.name('table'),
    name: fields.name('chain'),
    handle: fields.number('handle'),
    span: fields.span,
  };
}

/** Asks of an object what a reference needs and does not look at the rest. */
function lenientFields(value: JsonValue): Fields {
  return new Fields(new Reading(), value, []);
}

const flushable: readonly ObjectKind[] = ['table', 'chain', 'set', 'map', 'meter'];

export function readFlush(_: Reading, __: string, subject: Subject): Command {
  const { name, value } = subject;
  const { span } = value;
  requireKind(subject, [...flushable, 'ruleset'], 'an object that can be flushed');
  if (name === 'ruleset') return flushRuleset(value);
  return { kind: 'flush', object: namedReference(value, name as ObjectKind), span };
}

function flushRuleset(value: JsonValue): Command {
  const family =
    value.kind === 'object' ? lenientFields(value).optionalChoice('family', families, 'a family') : undefined;
  return { kind: 'flush', object: 'ruleset', ...given('family', family), span: value.span };
}

export function readRename(reading: Reading, _: string, subject: Subject): Command {
  const { value } = subject;
  requireKind(subject, ['chain'], 'an object that can be renamed');
  const fields = new Fields(reading, value, [...heading, 'newname']);
  return {
    kind: 'rename',
    table: tableOf(fields),
    chain: fields.name('name'),
    newName: fields.name('newname'),
    span: value.span,
  };
}

// what shows, and sets back

type ResetScope = ResetCommand['scope'];

/** What names the objects of each scope: properties that must be there, and those that may. */
const resetScopes: Readonly<Record<ResetScope, readonly [needed: string, optional: string]>> = {
  counter: ['family table name', ''],
  counters: ['', 'family table'],
  quota: ['family table name', ''],
  quotas: ['', 'family'],
  rule: ['family table chain handle', ''],
  rules: ['', 'family table chain'],
  set: ['family table name', ''],
  map: ['family table name', ''],
};

export function readReset(reading: Reading, _: string, subject: Subject): Command {
  const { name, value } = subject;
  if (name === 'element') return readElementCommand(reading, 'reset', value);
  requireKind(subject, Object.keys(resetScopes), 'an object that can be reset');
  const scope = name as ResetScope;
  const [needed, optional] = resetScopes[scope];
  const properties = `${needed} ${optional}`.split(' ');
  const fields = optionalFields(value);
  for (const property of needed.split(' ').filter(Boolean)) fields.require(property);
  const nameIn = (property: string): Name | undefined =>
    properties.includes(property) && fields.has(property) ? fields.name(property) : undefined;
  return {
    kind: 'reset',
    scope,
    ...given('family', fields.has('family') ? familyOf(fields) : undefined),
    ...given('table', nameIn('table')),
    ...given('name', nameIn('name') ?? nameIn('chain')),
    ...given('handle', scope === 'rule' ? fields.number('handle') : undefined),
    span: value.span,
  };
}

/** `{ "ruleset": null }` has no properties. */
function optionalFields(value: JsonValue): Fields {
  const none: JsonValue = { kind: 'object', members: new Map(), names: new Map(), span: value.span };
  return lenientFields(value.kind === 'null' ? none : value);
}

const listable: readonly ObjectKind[] = [
  'table',
  'chain',
  'set',
  'map',
  'meter',
  'counter',
  'quota',
  'ct helper',
  'ct timeout',
  'ct expectation',
  'tunnel',
  'limit',
  'secmark',
];
/** All of a kind; of these with a property `table` those of one table only. */
const listableByTable: readonly string[] = ['sets', 'counters', 'ct helpers', 'tunnels'];
const listableByFamily: readonly string[] = [
  'tables,chains,maps,quotas,limits,ruleset,meters,flowtables,secmarks',
].flatMap(names => names.split(','));

export function readList(_: Reading, __: string, subject: Subject): Command {
  const { name, value } = subject;
  requireKind(
    subject,
    [...listable, ...listableByTable, ...listableByFamily],
    'an object that can be listed',
  );
  const { span } = value;
  const isOne = listable.some(kind => kind === name);
  const object = isOne ? namedReference(value, name as ObjectKind) : tableReference(name, value);
  return { kind: 'inspect', verb: 'list', scope: name, ...given('object', object), span };
}

function namedReference(value: JsonValue, kind: ObjectKind): ObjectReference {
  const fields = lenientFields(value);
  fields.name('name');
  return referenceOf(fields, kind);
}

function tableReference(name: string, value: JsonValue): ObjectReference | undefined {
  const fields = optionalFields(value);
  const family = fields.has('family') ? familyOf(fields) : undefined;
  if (name === 'ct helpers') fields.require('table');
  if (!listableByTable.includes(name) || !fields.has('table')) return undefined;
  const { span } = fields;
  return {
    kind: 'object_name',
    object: 'table',
    family: family ?? familyOf(fields),
    table: fields.name('table'),
    span,
  };
}
