// Commands that add: tables and what stands in them, elements, rules.

import type { Command, Declaration, ObjectType, Rule, RuleCommand, RulePosition } from '../../nodes/index.ts';
import { fail } from '../../type/failure.ts';
import type { JsonValue } from '../value.ts';
import { chainProperties, flowtableProperties, readChain, readFlowtable, readTable } from './chains.ts';
import { readElements } from './elements.ts';
import { addable, heading, headingOf, tableOf } from './headings.ts';
import { objectProperties, readObject } from './objects.ts';
import { Fields, given, type Reading, requireItems, requireKind, type Subject } from './reading.ts';
import { readSet, setProperties } from './sets.ts';
import { readStatement } from './statements.ts';

export function readAddition(reading: Reading, verb: string, subject: Subject): Command {
  return addition(reading, verb as 'add' | 'create', subject, false);
}

export function addition(
  reading: Reading,
  verb: 'add' | 'create',
  subject: Subject,
  isListing: boolean,
): Command {
  const { name, nameSpan, value } = subject;
  requireKind(subject, addable, 'an object that can be added');
  if (name === 'rule') {
    if (verb === 'create') fail('unknown-word', 'a rule is added, not created', nameSpan);
    return readRuleCommand(reading, 'add', value, isListing);
  }
  if (name === 'element') return readElementCommand(reading, verb, value);
  return { kind: 'declare', verb, declaration: readDeclaration(reading, name, value), span: value.span };
}

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

export function readElementCommand(
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
    ...given('position', positionOf(fields, verb, isListing)),
    rule,
    span: value.span,
  };
}

function positionOf(fields: Fields, verb: RuleCommand['verb'], isListing: boolean): RulePosition | undefined {
  const written = isListing ? undefined : fields.optionalNumber('handle');
  // No rule has the handle 0: nft takes it for none.
  const handle = written?.value === 0n ? undefined : written;
  const index = fields.optionalNumber('index');
  // Of the rule that is replaced the index counts for nothing.
  if (handle !== undefined && index !== undefined && verb !== 'replace')
    fail('exclusive', 'a rule is placed by handle or by index', index.span);
  const number = handle ?? index;
  return number && { kind: 'position', by: handle ? 'handle' : 'index', number, span: number.span };
}

export function readPlacement(reading: Reading, verb: string, subject: Subject): Command {
  const { value } = subject;
  requireKind(subject, ['rule'], `what can be ${verb === 'insert' ? 'inserted' : 'replaced'}`);
  const command = readRuleCommand(reading, verb as RuleCommand['verb'], value, false);
  if (verb === 'replace' && command.position?.by !== 'handle')
    fail('missing-property', 'the `handle` of the rule to be replaced is missing', value.span);
  return command;
}
