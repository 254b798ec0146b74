// Declarations of tables, chains and flowtables.

import type {
  BaseChainSpec,
  ChainDeclaration,
  FlowtableDeclaration,
  Priority,
  SymbolExpression,
  TableDeclaration,
} from '../../nodes/index.ts';
import type { JsonString } from '../value.ts';
import { type Heading, tableOf } from './headings.ts';
import { type Fields, given, stringsOf } from './reading.ts';

export function readTable(fields: Fields): TableDeclaration {
  const flags = fields.value('flags');
  return {
    kind: 'table',
    table: tableOf(fields, 'name'),
    flags: flags === undefined ? [] : tableFlags(fields),
    ...given('comment', fields.comment()),
    block: true,
    members: [],
    span: fields.span,
  };
}

function tableFlags(fields: Fields): TableDeclaration['flags'] {
  const { span } = fields.require('flags');
  return fields.flags('flags', ['dormant', 'owner', 'persist']).map(text => ({ kind: 'name', text, span }));
}

export const chainProperties: readonly string[] = ['type', 'hook', 'prio', 'dev', 'policy', 'comment'];
const baseProperties: readonly string[] = ['type', 'hook', 'prio', 'dev', 'policy'];

/** Type, hook and priority make a base chain; without one of them nft would pass over the others. */
export function readChain(heading: Heading, fields: Fields): ChainDeclaration {
  const isBase = baseProperties.some(property => fields.isGiven(property));
  const policy = fields.optionalString('policy');
  return {
    kind: 'chain',
    ...heading,
    block: true,
    ...(isBase && { base: baseChain(fields) }),
    ...(policy !== undefined && { policy: chainPolicy(fields, policy) }),
    offload: false,
    ...given('comment', fields.comment()),
    rules: [],
  };
}

function chainPolicy(fields: Fields, { span }: JsonString): NonNullable<ChainDeclaration['policy']> {
  return { kind: 'policy', policy: fields.choice('policy', ['accept', 'drop'], 'a policy'), span };
}

function baseChain(fields: Fields): BaseChainSpec {
  return {
    kind: 'base_chain',
    type: fields.choice('type', ['filter', 'nat', 'route'], 'a type of chain'),
    hook: fields.name('hook'),
    priority: priorityIn(fields),
    ...given('devices', devicesIn(fields)),
    span: fields.span,
  };
}

/** A number: names of priorities are for text. */
function priorityIn(fields: Fields): Priority {
  const { value, span } = fields.integer('prio');
  return { kind: 'priority', offset: value, span };
}

function devicesIn(fields: Fields): readonly SymbolExpression[] | undefined {
  const value = fields.value('dev');
  return value && stringsOf(value).map(({ text, span }) => ({ kind: 'symbol', text, form: 'quoted', span }));
}

export const flowtableProperties: readonly string[] = ['hook', 'prio', 'dev'];

export function readFlowtable(heading: Heading, fields: Fields): FlowtableDeclaration {
  return {
    kind: 'flowtable',
    ...heading,
    hook: fields.name('hook'),
    priority: priorityIn(fields),
    ...given('devices', devicesIn(fields)),
    counter: false,
    offload: false,
  };
}
