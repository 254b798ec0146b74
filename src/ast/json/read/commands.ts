// Commands: a verb and an object, or an object by itself, as listings have them, which is added.

import type {
  Command,
  Declaration,
  ObjectKind,
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

type VerbReader = (reading: Reading, verb: string, object: string, value: JsonValue) => Command;

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

export function readCommand(reading: Reading, value: JsonObject): Command {
  const { name, nameSpan, value: inner } = onlyMember(value);
  const { span } = value;
  if (!Object.hasOwn(verbs, name)) {
    requireKind(name, nameSpan, [...kinds, 'meter', ...Object.keys(verbs)], 'a command or an object');
    return { ...addition(reading, 'add', name, inner, true), span };
  }
  const { name: object, value: described } = onlyMember(inner);
  return { ...verbs[name]!(reading, name, object, described), span };
}

/** The place of a name that is none of `names` cannot be found from the name: the value's is near. */
function requireKind(name: string, span: JsonValue['span'], names: readonly string[], what: string): void {
  if (!names.includes(name))
    fail('unknown-object-kind', `\`${name}\` is not ${what}`, span, quoted(name, span, names));
}

// additions

function readAddition(reading: Reading, verb: string, object: string, value: JsonValue): Command {
  return addition(reading, verb as 'add' | 'create', object, value, false);
}

function addition(
  reading: Reading,
  verb: 'add' | 'create',
  object: string,
  value: JsonValue,
  isListing: boolean,
): Command {
  requireKind(object, value.span, [...kinds, 'meter'], 'an object that can be added');
  if (object === 'rule') {
    if (verb === 'create') fail('bad-command', 'a rule is added, not created', value.span);
    return readRuleCommand(reading, 'add', value, isListing);
  }
  if (object === 'element') return readElementCommand(reading, verb, value);
  const declaration = readDeclaration(reading, object, value);
  return { kind: 'declare', verb, declaration, span: value.span };
}

const heading: readonly string[] = ['family', 'table', 'name', 'handle'];

/** nft lists a meter as one kind of set. */
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
  const handle = isListing ? undefined : fields.optionalNumber('handle');
  const index = fields.optionalNumber('index');
  if (handle !== undefined && index !== undefined)
    fail('exclusive', 'a rule is placed by handle or by index', index.span);
  const number = handle ?? index;
  return number && { kind: 'position', by: handle ? 'handle' : 'index', number, span: number.span };
}

function readPlacement(reading: Reading, verb: string, object: string, value: JsonValue): Command {
  requireKind(object, value.span, ['rule'], `what can be ${verb === 'insert' ? 'inserted' : 'replaced'}`);
  const command = readRuleCommand(reading, verb as RuleCommand['verb'], value, false);
  if (verb === 'replace' && command.position?.by !== 'handle')
    fail('missing-property', 'the `handle` of the rule to be replaced is missing', value.span);
  return command;
}

// removals

/** What else is said of the object, as in a listing, does not matter. */
function readRemoval(reading: Reading, verbText: string, object: string, value: JsonValue): Command {
  const verb = verbText as 'delete' | 'destroy';
  requireKind(object, value.span, kinds, 'an object that can be deleted');
  if (object === 'element') return readElementCommand(reading, verb, value);
  const fields = lenientFields(value);
  const reference = object === 'rule' ? ruleReference(fields) : referenceOf(fields, object as ObjectKind);
  return { kind: 'delete', verb, object: reference, span: value.span };
}

function ruleReference(fields: Fields): Extract<Command, { readonly kind: 'delete' }>['object'] {
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

function readFlush(_: Reading, __: string, object: string, value: JsonValue): Command {
  const { span } = value;
  requireKind(object, span, [...flushable, 'ruleset'], 'an object that can be flushed');
  if (object !== 'ruleset') {
    const fields = lenientFields(value);
    fields.name('name');
    return { kind: 'flush', object: referenceOf(fields, object as ObjectKind), span };
  }
  const family =
    value.kind === 'object' ? lenientFields(value).optionalChoice('family', families, 'a family') : undefined;
  return { kind: 'flush', object: 'ruleset', ...given('family', family), span };
}

function readRename(reading: Reading, _: string, object: string, value: JsonValue): Command {
  requireKind(object, value.span, ['chain'], 'an object that can be renamed');
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
const resetScopes: readonly ResetScope[] = [
  'counter',
  'counters',
  'quota',
  'quotas',
  'rule',
  'rules',
  'set',
  'map',
];

function readReset(reading: Reading, _: string, object: string, value: JsonValue): Command {
  if (object === 'element') return readElementCommand(reading, 'reset', value);
  requireKind(object, value.span, resetScopes, 'an object that can be reset');
  return { kind: 'reset', scope: object as ResetScope, span: value.span };
}

function readList(_: Reading, __: string, ___: string, value: JsonValue): Command {
  return { kind: 'inspect', verb: 'list', span: value.span };
}
