// Statements of rules.

import { logLevels } from '../../../model/log-levels.ts';
import type {
  AssignStatement,
  Expression,
  FlowStatement,
  LogFlag,
  LogStatement,
  MatchOperator,
  MatchStatement,
  MeterStatement,
  ObjectReferenceStatement,
  ObjectType,
  OptionStripStatement,
  SelectorExpression,
  SetReference,
  SetUpdateStatement,
  Statement,
  SynproxyArguments,
  SynproxyStatement,
} from '../../nodes/index.ts';
import { fail } from '../../type/failure.ts';
import type { JsonString, JsonValue } from '../value.ts';
import { readKey } from './elements.ts';
import {
  anywhere,
  argument,
  readExpression,
  readMapping,
  readVerdict,
  requireNothing,
  rightSide,
  target,
  updateKey,
  verdicts,
} from './expressions.ts';
import { readStrippedOption } from './headers.ts';
import { Fields, given, nameOf, onlyMember, quoted, type Reading, textOf } from './reading.ts';
import { readDup, readFwd, readNat, readQueue, readReject, readTproxy } from './redirection.ts';
import { hasState, readStateful, readStatefulList } from './stateful.ts';

type StatementReader = (reading: Reading, value: JsonValue, name: string) => Statement;

const readers: Readonly<Record<string, StatementReader>> = {
  match: readMatch,
  counter: readStatefulOrReference,
  limit: readStatefulOrReference,
  quota: readStatefulOrReference,
  last: readOwnState,
  'ct count': readOwnState,
  mangle: readMangle,
  flow: readFlow,
  fwd: readFwd,
  notrack: readNotrack,
  dup: readDup,
  snat: readNat,
  dnat: readNat,
  masquerade: readNat,
  redirect: readNat,
  reject: readReject,
  set: readSetUpdate,
  map: readSetUpdate,
  log: readLog,
  'ct helper': readReference,
  'ct timeout': readReference,
  'ct expectation': readReference,
  secmark: readReference,
  tunnel: readReference,
  meter: readMeter,
  queue: readQueue,
  tproxy: readTproxy,
  synproxy: readSynproxy,
  reset: readReset,
  vmap: readVerdictMap,
  xt: refuseForeign,
};

export function readStatement(reading: Reading, value: JsonValue): Statement {
  const { name, nameSpan, value: inner } = onlyMember(value);
  const { span } = value;
  if (verdicts.some(verdict => verdict === name))
    return { kind: 'verdict_statement', verdict: readVerdict(reading, inner, anywhere, name), span };
  if (!Object.hasOwn(readers, name))
    fail(
      'unknown-word',
      `there is no statement \`${name}\``,
      nameSpan,
      quoted(name, nameSpan, Object.keys(readers)),
    );
  return { ...readers[name]!(reading, inner, name), span };
}

const operators: Readonly<Record<string, MatchOperator>> = {
  in: 'implicit',
  '==': '==',
  '!=': '!=',
  '<': '<',
  '>': '>',
  '<=': '<=',
  '>=': '>=',
  '!': '!',
};

function readMatch(reading: Reading, value: JsonValue): MatchStatement {
  const fields = new Fields(reading, value, ['op', 'left', 'right']);
  const operator = operators[fields.choice('op', Object.keys(operators), 'an operator')]!;
  return {
    kind: 'match',
    operator,
    left: readExpression(reading, fields.require('left'), anywhere),
    right: readExpression(reading, fields.require('right'), rightSide),
    span: value.span,
  };
}

function readVerdictMap(reading: Reading, value: JsonValue): Statement {
  return { kind: 'vmap', ...readMapping(reading, value, anywhere), span: value.span };
}

function readOwnState(reading: Reading, value: JsonValue, name: string): Statement {
  return readStateful(reading, name, value);
}

function readStatefulOrReference(reading: Reading, value: JsonValue, name: string): Statement {
  return hasState(name, value) ? readStateful(reading, name, value) : readReference(reading, value, name);
}

function readReference(reading: Reading, value: JsonValue, name: string): ObjectReferenceStatement {
  const object = readExpression(reading, value, argument);
  return { kind: 'object_reference', objectType: name as ObjectType, object, span: value.span };
}

function readMangle(reading: Reading, value: JsonValue): AssignStatement | ObjectReferenceStatement {
  const fields = new Fields(reading, value, ['key', 'value']);
  const written = fields.require('key');
  const { span } = value;
  const key = readExpression(reading, written, target);
  const given = readExpression(reading, fields.require('value'), argument);
  if (key.kind === 'ct' && key.key === 'helper')
    return { kind: 'object_reference', objectType: 'ct helper', object: given, span };
  if (!isSelector(key)) return fail('not-settable', 'this cannot be set', written.span);
  return { kind: 'assign', target: key, value: given, span };
}

function isSelector(expression: Expression): expression is SelectorExpression {
  return !['number', 'symbol', 'typed_symbol', 'catchall', 'set_reference'].includes(expression.kind);
}

/** `@name`, in a place where nothing else can stand. */
function referenceOf(string: JsonString, what: string): SetReference {
  const { text, span } = string;
  if (!text.startsWith('@')) fail('not-a-set', `a ${what} is named as \`@name\``, span);
  return { kind: 'set_reference', name: text.slice(1), span };
}

function readFlow(reading: Reading, value: JsonValue): FlowStatement {
  const fields = new Fields(reading, value, ['op', 'flowtable']);
  fields.choice('op', ['add'], 'what can be done to a flowtable');
  const { name: text, span } = referenceOf(fields.string('flowtable'), 'flowtable');
  return { kind: 'flow', flowtable: { kind: 'name', text, span }, span: value.span };
}

function readNotrack(_: Reading, value: JsonValue): Statement {
  requireNothing(value);
  return { kind: 'notrack', span: value.span };
}

/** `set` and `map`: what is added, changed or taken away by a rule. */
function readSetUpdate(reading: Reading, value: JsonValue, name: string): SetUpdateStatement {
  const isMap = name === 'map';
  const known = isMap ? ['op', 'elem', 'data', 'map', 'stmt'] : ['op', 'elem', 'set', 'stmt'];
  const fields = new Fields(reading, value, known);
  const operation = fields.choice('op', ['add', 'update', 'delete'], 'what can be done to a set');
  const key = readKey(reading, fields.require('elem'), updateKey);
  const statements = [...key.statements, ...readStatefulList(reading, fields.value('stmt'))];
  return {
    kind: 'set_update',
    operation,
    set: referenceOf(fields.string(name), name),
    key: { ...key, statements },
    ...(isMap && { data: readKey(reading, fields.require('data'), updateKey) }),
    span: value.span,
  };
}

function readMeter(reading: Reading, value: JsonValue): MeterStatement {
  const fields = new Fields(reading, value, ['name', 'key', 'stmt', 'size']);
  return {
    kind: 'meter',
    name: nameOf(fields.string('name')),
    ...given('size', fields.optionalNumber('size')),
    key: readKey(reading, fields.require('key'), updateKey),
    statement: readStatement(reading, fields.require('stmt')),
    span: value.span,
  };
}

const logFlags: readonly LogFlag[] = ['tcp sequence', 'tcp options', 'ip options', 'skuid', 'ether', 'all'];

function readLog(reading: Reading, value: JsonValue): LogStatement {
  if (value.kind === 'null') return { kind: 'log', flags: [], span: value.span };
  const known = ['prefix', 'group', 'snaplen', 'queue-threshold', 'level', 'flags'];
  const fields = new Fields(reading, value, known);
  const prefix = fields.optionalString('prefix');
  return {
    kind: 'log',
    ...given('prefix', prefix && textOf(prefix)),
    ...given('group', fields.optionalNumber('group')),
    ...given('snaplen', fields.optionalNumber('snaplen')),
    ...given('queueThreshold', fields.optionalNumber('queue-threshold')),
    ...given('level', fields.optionalChoice('level', logLevels, 'a log level')),
    flags: fields.flags('flags', logFlags),
    span: value.span,
  };
}

const synproxyProperties: readonly string[] = ['mss', 'wscale', 'flags'];

export function synproxyArguments(fields: Fields): SynproxyArguments {
  const flags = fields.flags('flags', ['timestamp', 'sack-perm']);
  return {
    ...given('mss', fields.optionalNumber('mss')),
    ...given('wscale', fields.optionalNumber('wscale')),
    timestamp: flags.includes('timestamp'),
    sackPermitted: flags.includes('sack-perm'),
  };
}

function readSynproxy(
  reading: Reading,
  value: JsonValue,
  name: string,
): SynproxyStatement | ObjectReferenceStatement {
  const { span } = value;
  if (value.kind === 'null') return { kind: 'synproxy', timestamp: false, sackPermitted: false, span };
  const isOwn = value.kind === 'object' && synproxyProperties.some(name => isGiven(value.members.get(name)));
  if (!isOwn) return readReference(reading, value, name);
  return { kind: 'synproxy', ...synproxyArguments(new Fields(reading, value, synproxyProperties)), span };
}

function isGiven(value: JsonValue | undefined): boolean {
  return value !== undefined && (value.kind !== 'array' || value.items.length > 0);
}

function readReset(reading: Reading, value: JsonValue): OptionStripStatement {
  const { name, nameSpan, value: inner } = onlyMember(value);
  if (name !== 'tcp option') fail('unknown-option', 'only a TCP option can be reset', nameSpan);
  return { kind: 'option_strip', option: readStrippedOption(reading, inner), span: value.span };
}

function refuseForeign(_: Reading, value: JsonValue): never {
  return fail('unsupported-statement', 'foreign xtables expressions cannot be loaded', value.span);
}
