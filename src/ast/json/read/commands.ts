// Commands: a verb and an object, or an object by itself, as listings have them, which is added.

import type {
  Command,
  Declaration,
  Name,
  ObjectKind,
  ObjectReference,
  ObjectType,
  ResetCommand,
  Rule,
  RuleCommand,
  RulePosition,
} from '../../nodes/index.ts';
import { fail } from '../../type/failure.ts';
import type { JsonObject, JsonValue } from '../value.ts';
import { readElements } from './elements.ts';
import { families, familyOf, headingOf, referenceOf, tableOf } from './headings.ts';
import {
  chainProperties,
  flowtableProperties,
  objectProperties,
  readChain,
  readFlowtable,
  readObject,
  readTable,
} from './objects.ts';
import { Fields, given, onlyMember, quoted, type Reading, requireItems } from './reading.ts';
import { objectTypes, readSet, setProperties } from './sets.ts';
import { readStatement } from './statements.ts';

/** The object that a command is about: its kind is the name of a property. */
type Subject = ReturnType<typeof onlyMember>;
type VerbReader = (reading: Reading, verb: string, subject: Subject) => Command;

const verbs: Readonly<Record<string, VerbReader>> = {
  add: readAddition,
  create: readAddition,
  insert: readPlacement,
  replace: readPlacement,
  delete: readRemoval,
  destroy: readRemoval,
  flush: readFlush,
  rename: readRename,
  reset: readReset,
  list: readList,
};

/** What can be added and deleted. */
const kinds: readonly string[] = [
  'table',
  'chain',
  'rule',
  'set',
  'map',
  'element',
  'flowtable',
  ...objectTypes,
];
/** nft lists a meter as one kind of set. */
const addable: readonly string[] = [...kinds, 'meter'];

export function readCommand(reading: Reading, value: JsonObject): Command {
  const only = onlyMember(value);
  const { span } = value;
  if (Object.hasOwn(verbs, only.name))
    return { ...verbs[only.name]!(reading, only.name, onlyMember(only.value)), span };
  requireKind(only, [...addable, ...Object.keys(verbs)], 'a command or an object');
  return { ...addition(reading, 'add', only, true), span };
}

function requireKind({ name, nameSpan }: Subject, names: readonly string[], what: string): void {
  if (!names.includes(name))
    fail('unknown-word', `\`${name}\` is not ${what}`, nameSpan, quoted(name, nameSpan, names));
}

// additions

function readAddition(reading: Reading, verb: string, subject: Subject): Command {
  return addition(reading, verb as 'add' | 'create', subject, false);
}

function addition(reading: Reading, verb: 'add' | 'create', subject: Subject, isListing: boolean): Command {
  const { name, nameSpan, value } = subject;
  requireKind(subject, addable, 'an object that can be added');
  if (name === 'rule') {
    if (verb === 'create') fail('unknown-word', 'a rule is added, not created', nameSpan);
    return readRuleCommand(reading, 'add', value, isListing);
  }
  if (name === 'element') return readElementCommand(reading, verb, value);
  return { kind: 'declare', verb, declaration: readDeclaration(reading, name, value), span: value.span };
}

const heading: readonly string[] = ['family', 'table', 'name', 'handle'];

function readDeclaration(reading: Reading, object: string, value: JsonValue): Declaration {
  const fieldsWith = (properties: readonly string[]): Fields =>
    new Fields(reading, value, [...heading, ...properties]);
  if (object === 'table')
    return readTable(new Fields(reading, value, ['family', 'name', 'handle', 'flags', 'comment']));
  if (object === 'chain') {
    const fields = fieldsWith(chainProperties);
    return readChain(headingOf(fields), fields);
  }
  if (object === 'set' || object === 'map' || object === 'meter') {
    const fields = fieldsWith(setProperties);
    return readSet(reading, headingOf(fields), fields);
  }
  if (object === 'flowtable') {
    const fields = fieldsWith(flowtableProperties);
    return readFlowtable(headingOf(fields), fields);
  }
  const type = object as ObjectType;
  const fields = fieldsWith(objectProperties(type));
  return readObject(reading, type, headingOf(fields), fields);
}

const elementVerbs = ['add', 'create', 'delete', 'destroy', 'reset'] as const;

function readElementCommand(
  reading: Reading,
  verb: (typeof elementVerbs)[number],
  value: JsonValue,
): Command {
  const fields = new Fields(reading, value, ['family', 'table', 'name', 'elem']);
  return {
    kind: 'element_command',
    verb,
    table: tableOf(fields),
    set: fields.name('name'),
    elements: readElements(reading, fields.require('elem')),
    span: value.span,
  };
}

// rules

const ruleProperties: readonly string[] = ['family', 'table', 'chain', 'handle', 'index', 'comment', 'expr'];

/** In a listing the handle says which rule it is, in a command where it is to be. */
function readRuleCommand(
  reading: Reading,
  verb: RuleCommand['verb'],
  value: JsonValue,
  isListing: boolean,
): RuleCommand {
  const fields = new Fields(reading, value, ruleProperties);
  const rule: Rule = {
    kind: 'rule',
    statements: requireItems(fields.require('expr')).map(item => readStatement(reading, item)),
    ...given('comment', fields.comment()),
    span: value.span,
  };
  return {
    kind: 'rule_command',
    verb,
    table: tableOf(fields),
    chain: fields.name('chain'),
    ...given('position', positionOf(fields, isListing)),
    rule,
    span: value.span,
  };
}

function positionOf(fields: Fields, isListing: boolean): RulePosition | undefined {
  const written = isListing ? undefined : fields.optionalNumber('handle');
  // No rule has the handle 0: nft takes it for none.
  const handle = written?.value === 0n ? undefined : written;
  const index = fields.optionalNumber('index');
  if (handle !== undefined && index !== undefined)
    fail('exclusive', 'a rule is placed by handle or by index', index.span);
  const number = handle ?? index;
  return number && { kind: 'position', by: handle ? 'handle' : 'index', number, span: number.span };
}

function readPlacement(reading: Reading, verb: string, subject: Subject): Command {
  const { value } = subject;
  requireKind(subject, ['rule'], `what can be ${verb === 'insert' ? 'inserted' : 'replaced'}`);
  const command = readRuleCommand(reading, verb as RuleCommand['verb'], value, false);
  if (verb === 'replace' && command.position?.by !== 'handle')
    fail('missing-property', 'the `handle` of the rule to be replaced is missing', value.span);
  return command;
}

// removals

/** What else is said of the object, as in a listing, does not matter. */
function readRemoval(reading: Reading, verbText: string, subject: Subject): Command {
  const verb = verbText as 'delete' | 'destroy';
  const { name, value } = subject;
  requireKind(subject, kinds, 'an object that can be deleted');
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
  const known = value.kind === 'object' ? [...value.members.keys()] : [];
  return new Fields(nobody, value, known);
}

const nobody = { diagnostics: [], warn: () => undefined } as unknown as Reading;

const flushable: readonly ObjectKind[] = ['table', 'chain', 'set', 'map', 'meter'];

function readFlush(_: Reading, __: string, subject: Subject): Command {
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

function readRename(reading: Reading, _: string, subject: Subject): Command {
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

function readReset(reading: Reading, _: string, subject: Subject): Command {
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

function readList(_: Reading, __: string, subject: Subject): Command {
  const { name, value } = subject;
  requireKind(
    subject,
    [...listable, ...listableByTable, ...listableByFamily],
    'an object that can be listed',
  );
  const { span } = value;
  const isOne = listable.some(kind => kind === name);
  const object = isOne ? namedReference(value, name as ObjectKind) : tableReference(name, value);
  return { kind: 'inspect', verb: 'list', ...given('object', object), span };
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
