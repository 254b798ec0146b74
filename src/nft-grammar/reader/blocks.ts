// Blocks: what is in the braces of tables, chains, sets and objects, line by line.

import type {
  BaseChainSpec,
  ChainDeclaration,
  ChainPolicy,
  DeviceList,
  Name,
  ObjectType,
  Rule,
  TableDeclaration,
  TableMember,
  TableReference,
  TextLiteral,
} from '../../ast/nodes/index.ts';
import type { Span } from '../../source/span.ts';
import type { BlockHeader, BlockObject } from '../build/commands.ts';
import type { CommentPart } from '../build/names.ts';
import type { Property } from '../build/properties.ts';
import type { StartSymbol } from '../earley.ts';
import { type Body, readBody } from './body.ts';
import {
  declareFlowtable,
  declareMap,
  declareObject,
  declareSet,
  type Heading,
  Properties,
} from './declare.ts';
import type { LineReader } from './line-reader.ts';
import { Scope } from './scope.ts';

/** Runs a block in a scope of its own. */
function inScope<T>(reader: LineReader, run: () => T): T {
  const { session } = reader;
  const outer = session.scope;
  session.scope = new Scope(outer);
  try {
    return run();
  } finally {
    session.scope = outer;
  }
}

interface TableContents {
  readonly flags: Name[];
  readonly members: TableMember[];
  comment: TextLiteral | undefined;
}

const tableFlags: ReadonlySet<string> = new Set(['dormant', 'owner', 'persist']);

class TableBody implements Body {
  readonly context = 'table';
  readonly start = 'table_line';
  readonly contents: TableContents = { flags: [], members: [], comment: undefined };
  private readonly table: TableReference;

  constructor(table: TableReference) {
    this.table = table;
  }

  take(name: string, item: unknown, reader: LineReader): void {
    if (name === 'comment') this.takeComment((item as CommentPart).comment, reader);
    else if (name === 'tableFlags')
      for (const flag of (item as { flags: Name[] }).flags) this.takeFlag(flag, reader);
    else this.takeMember(item as BlockHeader, reader);
  }

  private takeComment(comment: TextLiteral, { session }: LineReader): void {
    if (this.contents.comment) {
      session.error('given-twice', 'a comment can be given once', comment.span);
    }
    this.contents.comment = comment;
  }

  private takeFlag(flag: Name, { session }: LineReader): void {
    if (tableFlags.has(flag.text)) this.contents.flags.push(flag);
    else {
      const notes = [{ message: `tables have the flags ${[...tableFlags].join(', ')}` }];
      session.error('unknown-flag', `unknown flag '${flag.text}'`, flag.span, { notes });
    }
  }

  private takeMember({ object, name, span }: BlockHeader, reader: LineReader): void {
    const member = readBlock(reader, object, { table: this.table, name, span });
    if (member.kind !== 'table') this.contents.members.push(member);
  }
}

class ChainBody implements Body {
  readonly context = 'chain';
  readonly start = 'chain_line';
  readonly rules: Rule[] = [];
  base: BaseChainSpec | undefined;
  policy: ChainPolicy | undefined;
  comment: TextLiteral | undefined;
  devices: DeviceList | undefined;
  offload = false;
  private readonly reader: LineReader;

  constructor(reader: LineReader) {
    this.reader = reader;
  }

  take(name: string, item: unknown): void {
    if (name === 'rule') this.rules.push(item as Rule);
    else if (name === 'baseChain') this.base = item as BaseChainSpec;
    else if (name === 'policy') this.policy = this.once(this.policy, item as ChainPolicy, "a chain's policy");
    else if (name === 'comment') {
      this.comment = this.once(this.comment, (item as CommentPart).comment, 'a comment');
    } else if (name === 'offload') this.offload = true;
    else this.devices = joinDevices(this.devices, item as DeviceList);
  }

  private once<T extends { readonly span: Span }>(before: T | undefined, now: T, what: string): T {
    if (before === undefined) return now;
    const notes = [{ message: 'given here first', span: before.span }];
    this.reader.session.error('given-twice', `${what} can be given once`, now.span, { notes });
    return before;
  }
}

/** Lines of devices add up. A variable cannot be joined: the later line holds. */
function joinDevices(before: DeviceList | undefined, now: DeviceList): DeviceList {
  return Array.isArray(before) && Array.isArray(now) ? [...before, ...now] : now;
}

/** The rules of a chain without a name. */
export class RulesBody implements Body {
  readonly context = 'rules';
  readonly start = 'rule_line';
  readonly rules: Rule[] = [];

  take(_: string, item: unknown): void {
    this.rules.push(item as Rule);
  }
}

/** The block of a set or map, line by line, or of an object, which is short and parsed as a whole. */
class PropertiesBody implements Body {
  readonly context: 'set' | 'map' | 'object';
  readonly start: StartSymbol;
  readonly properties: Property[] = [];

  constructor(object: BlockObject) {
    this.context = object === 'set' || object === 'map' ? object : 'object';
    this.start = propertyStarts[object]!;
  }

  take(_: string, item: unknown): void {
    this.properties.push(...(item as readonly Property[]));
  }
}

const propertyStarts: Readonly<Record<string, StartSymbol>> = {
  set: 'set_line',
  map: 'map_line',
  flowtable: 'flowtable_block',
  counter: 'counter_block',
  quota: 'quota_block',
  limit: 'limit_block',
  secmark: 'secmark_block',
  synproxy: 'synproxy_block',
  'ct helper': 'helper_block',
  'ct timeout': 'timeout_block',
  'ct expectation': 'expectation_block',
  tunnel: 'tunnel_block',
};

export function readChain(reader: LineReader, heading: Heading): ChainDeclaration {
  const body = new ChainBody(reader);
  inScope(reader, () => readBody(reader, body, heading.span));
  const { base, policy, devices, comment, offload, rules } = body;
  return {
    kind: 'chain',
    ...heading,
    block: true,
    ...(base === undefined ? {} : { base }),
    ...(policy === undefined ? {} : { policy }),
    offload,
    ...(devices === undefined ? {} : { devices }),
    ...(comment === undefined ? {} : { comment }),
    rules,
  };
}

export function readTable(reader: LineReader, table: TableReference, span: Span): TableDeclaration {
  const body = new TableBody(table);
  inScope(reader, () => readBody(reader, body, span));
  const { flags, members, comment } = body.contents;
  return {
    kind: 'table',
    table,
    span,
    flags,
    ...(comment === undefined ? {} : { comment }),
    block: true,
    members,
  };
}

/** Reads the block of anything that stands in a table; the brace is open. */
export function readBlock(
  reader: LineReader,
  object: BlockObject,
  heading: Heading,
): TableMember | TableDeclaration {
  if (object === 'table') return readTable(reader, heading.table, heading.span);
  if (object === 'chain') return readChain(reader, heading);
  const body = new PropertiesBody(object);
  readBody(reader, body, heading.span);
  const properties = new Properties(body.properties);
  if (object === 'set') return declareSet(reader.session, heading, properties);
  if (object === 'map') return declareMap(reader.session, heading, properties);
  if (object === 'flowtable') return declareFlowtable(heading, properties);
  return declareObject(reader.session, heading, object as ObjectType, properties);
}
