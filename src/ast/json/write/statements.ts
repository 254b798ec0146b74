// Statements as nft lists them in JSON.

import type {
  AnonymousChainStatement,
  Expression,
  LogStatement,
  MatchStatement,
  MeterStatement,
  NatStatement,
  SetUpdateStatement,
  Statement,
  SynproxyArguments,
} from '../../nodes/index.ts';
import { anonymousChainText } from '../../print/declaration.ts';
import { expressionJson, keyJson, verdictJson, type Writing } from './expressions.ts';
import { statefulObject } from './stateful.ts';
import type { Json, JsonObjectOut } from './text.ts';

export function statementJson(writing: Writing, statement: Statement): Json {
  const json = (expression: Expression): Json => expressionJson(writing, expression);
  const optional = (expression: Expression | undefined): Json | undefined => expression && json(expression);
  switch (statement.kind) {
    case 'match':
      return { match: matchFields(writing, statement) };
    case 'verdict_statement':
      return verdictJson(statement.verdict);
    case 'vmap':
      return { vmap: { key: json(statement.key), data: json(statement.map) } };
    case 'anonymous_chain':
      return chainJson(writing, statement);
    case 'counter':
    case 'limit':
    case 'quota':
    case 'connlimit':
    case 'last':
      return statefulObject(writing.options, statement);
    case 'log':
      return { log: orNull(logFields(statement)) };
    case 'reject': {
      const { with: type, code } = statement;
      return { reject: orNull({ type, expr: optional(code) }) };
    }
    case 'nat':
      return { [statement.action]: orNull(natFields(writing, statement)) };
    case 'tproxy': {
      const { family, address, port } = statement;
      return { tproxy: { family, addr: optional(address), port: optional(port) } };
    }
    case 'queue': {
      const { queue, flags } = statement;
      return { queue: orNull({ num: optional(queue), flags: someOf(flags) }) };
    }
    case 'dup':
      return { dup: { addr: json(statement.to), dev: optional(statement.device) } };
    case 'fwd': {
      const { device, family, address } = statement;
      return { fwd: { dev: json(device), family, addr: optional(address) } };
    }
    case 'synproxy':
      return { synproxy: orNull(synproxyFields(statement)) };
    case 'set_update':
      return updateJson(writing, statement);
    case 'meter':
      return { meter: meterFields(writing, statement) };
    case 'assign':
      return { mangle: { key: json(statement.target), value: json(statement.value) } };
    case 'object_reference':
      return { [statement.objectType]: json(statement.object) };
    case 'flow':
      return { flow: { op: 'add', flowtable: `@${statement.flowtable.text}` } };
    case 'notrack':
      return { notrack: null };
    case 'option_strip':
      return { reset: strippedOption(json(statement.option)) };
    case 'xt':
      return { xt: { type: statement.type, name: statement.name } };
  }
}

/** nft has no JSON for a chain without a name: as much of its text as 1023 bytes hold. */
function chainJson({ options }: Writing, statement: AnonymousChainStatement): string {
  const bytes = new TextEncoder().encode(anonymousChainText(options, statement));
  return new TextDecoder().decode(bytes.subarray(0, 1023));
}

/** Operators by how text writes them; without one is `in`. */
function matchFields(writing: Writing, { operator, left, right, mask }: MatchStatement): JsonObjectOut {
  const inside: Writing = { ...writing, inMatch: true };
  const value = expressionJson(inside, left);
  return {
    op: operator === 'implicit' ? 'in' : operator,
    left: mask === undefined ? value : { '&': [value, expressionJson(inside, mask)] },
    right: expressionJson(inside, right),
  };
}

function orNull(fields: JsonObjectOut): Json {
  return Object.values(fields).some(value => value !== undefined) ? fields : null;
}

const someOf = (flags: readonly string[]): readonly string[] | undefined =>
  flags.length === 0 ? undefined : flags;

function logFields({ prefix, group, snaplen, queueThreshold, level, flags }: LogStatement): JsonObjectOut {
  return {
    prefix: prefix?.text,
    group: group?.value,
    snaplen: snaplen?.value,
    'queue-threshold': queueThreshold?.value,
    level,
    flags: someOf(flags),
  };
}

/** A prefix that is mapped to a prefix has a flag of its own, which text does not write. */
function natFields(writing: Writing, { family, form, address, port, flags }: NatStatement): JsonObjectOut {
  const isMapped = form === 'prefix';
  return {
    family,
    addr: address && expressionJson(writing, address),
    port: port && expressionJson(writing, port),
    flags: someOf(isMapped ? [...flags, 'netmap'] : flags),
    type_flags: isMapped ? ['prefix'] : undefined,
  };
}

export function synproxyFields({ mss, wscale, timestamp, sackPermitted }: SynproxyArguments): JsonObjectOut {
  const flags = [timestamp && 'timestamp', sackPermitted && 'sack-perm'].filter(flag => flag !== false);
  return { mss: mss?.value, wscale: wscale?.value, flags: someOf(flags) };
}

/** State does not belong to what a rule adds. */
function updateJson(writing: Writing, { operation, set, key, data }: SetUpdateStatement): Json {
  const stateless: Writing = { ...writing, options: { ...writing.options, stateless: true } };
  const { statements, ...rest } = key;
  const op = operation;
  const elem = keyJson(writing, { ...rest, statements: [] });
  const name = expressionJson(writing, set);
  const stmt =
    statements.length === 0
      ? undefined
      : statements.map(statement => statefulObject(stateless.options, statement));
  if (data === undefined) return { set: { op, elem, set: name, stmt } };
  return { map: { op, elem, data: keyJson(writing, data), map: name, stmt } };
}

function meterFields(writing: Writing, { name, size, key, statement }: MeterStatement): JsonObjectOut {
  const stateless: Writing = { ...writing, options: { ...writing.options, stateless: true } };
  return {
    key: keyJson(writing, key),
    stmt: statementJson(stateless, statement),
    size: size?.value ?? 0,
    name: name.text,
  };
}

/** An option without a name is listed with no bits. */
function strippedOption(option: Json): Json {
  const fields = (option as { readonly 'tcp option': JsonObjectOut })['tcp option'];
  return fields['base'] === undefined ? option : { 'tcp option': { ...fields, len: 0 } };
}
