// Tables as `nft list ruleset` lists them.

import type {
  AnonymousChainStatement,
  ChainDeclaration,
  Declaration,
  DeviceList,
  Expression,
  FlowtableDeclaration,
  MapDeclaration,
  Priority,
  Rule,
  SetDeclaration,
  Statement,
  TableDeclaration,
  TableMember,
} from '../nodes/index.ts';
import { expressionText } from './expression.ts';
import { objectLines } from './object.ts';
import type { OutputOptions } from './options.ts';
import { setLines } from './set.ts';
import { statementText } from './statement.ts';

/** A line's comment with the handle, if handles are listed. */
function handleText(options: OutputOptions, { handle }: Declaration | Rule): string {
  return options.handle && handle !== undefined ? ` # handle ${handle}` : '';
}

export function* tableLines(options: OutputOptions, table: TableDeclaration): Generator<string> {
  const { family, name } = table.table;
  yield `table ${family} ${name.text} {${handleText(options, table)}`;
  if (table.flags.length > 0) yield `\tflags ${table.flags.map(flag => flag.text).join(',')}`;
  if (table.comment !== undefined) yield `\tcomment "${table.comment.text}"`;
  let isFirst = table.flags.length === 0;
  for (const member of table.members) {
    if (!isFirst) yield '';
    isFirst = false;
    yield* memberLines(options, member);
  }
  yield '}';
}

function* memberLines(options: OutputOptions, member: TableMember): Generator<string> {
  const handle = handleText(options, member);
  switch (member.kind) {
    case 'chain':
      yield* chainLines(options, member, handle);
      return;
    case 'set_declaration':
    case 'map_declaration':
      yield* blockLines(`${setWord(member)} ${member.name.text}`, handle, setLines(member, options));
      return;
    case 'flowtable':
      yield* blockLines(`flowtable ${member.name.text}`, handle, flowtableLines(member));
      return;
    case 'object':
      yield* blockLines(`${member.objectType} ${member.name.text}`, handle, objectLines(member, options));
  }
}

const setWord = ({ kind }: SetDeclaration | MapDeclaration): string =>
  kind === 'set_declaration' ? 'set' : 'map';

function* blockLines(head: string, handle: string, lines: Iterable<string>): Generator<string> {
  yield `\t${head} {${handle}`;
  for (const line of lines) yield `\t\t${line}`;
  yield '\t}';
}

function priorityText({ name, offset = 0n }: Priority): string {
  if (name === undefined) return String(offset);
  if (offset === 0n) return name.text;
  return `${name.text} ${offset < 0n ? '-' : '+'} ${offset < 0n ? -offset : offset}`;
}

function deviceNames(devices: DeviceList | undefined): readonly string[] {
  if (devices === undefined) return [];
  const list: readonly Expression[] = Array.isArray(devices) ? devices : [devices as Expression];
  return list.map(device => expressionText(device, {}));
}

const deviceSetText = (names: readonly string[]): string => `devices = { ${names.join(', ')} }`;

function* chainLines(options: OutputOptions, chain: ChainDeclaration, handle: string): Generator<string> {
  yield `\tchain ${chain.name.text} {${handle}`;
  if (chain.comment !== undefined) yield `\t\tcomment "${chain.comment.text}"`;
  if (chain.base !== undefined) yield `\t\t${baseText(chain)}`;
  for (const rule of chain.rules) yield `\t\t${ruleText(options, rule)}`;
  yield '\t}';
}

function baseText({ base, policy, offload }: ChainDeclaration): string {
  if (base === undefined) return '';
  const names = deviceNames(base.devices);
  const devices =
    names.length === 0 ? '' : names.length === 1 ? ` device ${names[0]}` : ` ${deviceSetText(names)}`;
  const rest = [
    `priority ${priorityText(base.priority)};`,
    policy !== undefined &&
      `policy ${typeof policy.policy === 'string' ? policy.policy : `$${policy.policy.name}`};`,
    offload && 'flags offload;',
  ];
  return `type ${base.type} hook ${base.hook.text}${devices} ${rest.filter(Boolean).join(' ')}`;
}

/** A rule without its indentation; a chain without a name in it has lines of its own. */
export function ruleText(options: OutputOptions, rule: Rule): string {
  const comment = rule.comment === undefined ? '' : ` comment "${rule.comment.text}"`;
  const statements = rule.statements.map(statement => ruleStatementText(options, statement)).join(' ');
  return `${statements}${comment}${handleText(options, rule)}`;
}

function ruleStatementText(options: OutputOptions, statement: Statement): string {
  if (statement.kind !== 'anonymous_chain') return statementText(statement, options);
  return anonymousChainText(options, statement);
}

export function anonymousChainText(options: OutputOptions, statement: AnonymousChainStatement): string {
  const inner: OutputOptions = { ...options, handle: false };
  const rules = statement.rules.map(rule => `\t\t\t${ruleText(inner, rule)}\n`);
  return `${statement.verdict} {\n${rules.join('')}\t\t}`;
}

function* flowtableLines({
  hook,
  priority,
  devices,
  offload,
  counter,
}: FlowtableDeclaration): Generator<string> {
  if (hook !== undefined && priority !== undefined)
    yield `hook ${hook.text} priority ${priorityText(priority)}`;
  const names = deviceNames(devices);
  if (names.length > 0) yield deviceSetText(names);
  if (offload) yield 'flags offload';
  if (counter) yield 'counter';
}
