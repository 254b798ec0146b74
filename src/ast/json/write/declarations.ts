// Tables and what stands in them as nft lists them in JSON: one object each, rules behind everything else of their table.

import type { Hook } from '../../../model/family.ts';
import { priorityByName } from '../../../model/hooks.ts';
import type {
  ChainDeclaration,
  Declaration,
  DeviceList,
  Expression,
  FlowtableDeclaration,
  MapDeclaration,
  ObjectDeclaration,
  Priority,
  Rule,
  SetDeclaration,
  SetFlagName,
  SetKey,
  TableDeclaration,
} from '../../nodes/index.ts';
import type { OutputOptions } from '../../print/options.ts';
import { typeofParts } from '../../type/typeof.ts';
import { elementsJson, expressionJson, secondsOf, type Writing } from './expressions.ts';
import { objectFields } from './objects.ts';
import { statefulObject } from './stateful.ts';
import { statementJson } from './statements.ts';
import type { Json } from './text.ts';

export class RulesetWriter {
  readonly #writing: Writing;

  constructor(options: OutputOptions) {
    this.#writing = { options };
  }

  *table(table: TableDeclaration): Generator<Json> {
    const { members } = table;
    const chains = members.filter(member => member.kind === 'chain');
    yield this.#tableJson(table);
    for (const chain of chains) yield this.#chain(chain);
    for (const member of members) if (member.kind === 'object') yield this.#object(member);
    for (const member of members)
      if (member.kind === 'set_declaration' || member.kind === 'map_declaration') yield this.#set(member);
    for (const member of members) if (member.kind === 'flowtable') yield this.#flowtable(member);
    for (const chain of chains) for (const rule of chain.rules) yield this.#rule(chain, rule);
  }

  #handle(node: Declaration | Rule): number | undefined {
    return this.#writing.options.handle ? node.handle : undefined;
  }

  #tableJson(table: TableDeclaration): Json {
    const { family, name } = table.table;
    const flags = table.flags.map(({ text }) => text);
    return {
      table: {
        family,
        name: name.text,
        handle: this.#handle(table),
        flags: flags.length === 0 ? undefined : flags,
        comment: table.comment?.text,
      },
    };
  }

  #chain(chain: ChainDeclaration): Json {
    const { table, name, comment, base, policy } = chain;
    const { family } = table;
    return {
      chain: {
        family,
        table: table.name.text,
        name: name.text,
        handle: this.#handle(chain),
        comment: comment?.text,
        dev: devicesJson(base?.devices),
        type: base?.type,
        hook: base?.hook.text,
        prio: base && priorityNumber(family, base.hook.text, base.priority),
        policy: base && (typeof policy?.policy === 'string' ? policy.policy : 'accept'),
      },
    };
  }

  #rule({ table, name }: ChainDeclaration, rule: Rule): Json {
    return {
      rule: {
        family: table.family,
        table: table.name.text,
        chain: name.text,
        handle: this.#handle(rule),
        comment: rule.comment?.text,
        expr: rule.statements.map(statement => statementJson(this.#writing, statement)),
      },
    };
  }

  #set(set: SetDeclaration | MapDeclaration): Json {
    const { table, name, key, comment, policy, size, timeout, gcInterval, autoMerge, elements, statements } =
      set;
    const isMap = set.kind === 'map_declaration';
    const state = { ...this.#writing.options, stateless: true };
    const listed = !this.#writing.options.terse && elements?.kind === 'set' ? elements.elements : undefined;
    return {
      [isMap ? 'map' : 'set']: {
        family: table.family,
        name: name.text,
        table: table.name.text,
        type: key && this.#keyType(key),
        handle: this.#handle(set),
        comment: comment?.text,
        map: isMap ? dataType(set) : undefined,
        policy: policy === 'memory' ? policy : undefined,
        size: size?.value,
        count: size && elementCount(set),
        flags: setFlags(set),
        timeout: timeout && secondsOf(timeout),
        'gc-interval': gcInterval && secondsOf(gcInterval),
        'auto-merge': autoMerge || undefined,
        elem: listed && listed.length > 0 ? elementsJson(this.#writing, listed) : undefined,
        stmt: statements.length === 0 ? undefined : statements.map(each => statefulObject(state, each)),
      },
    };
  }

  #keyType(key: SetKey): Json {
    return key.kind === 'typeof'
      ? { typeof: expressionJson(this.#writing, key.expression) }
      : typeNames(key.parts.map(({ text }) => text));
  }

  #flowtable(flowtable: FlowtableDeclaration): Json {
    const { table, name, hook, priority, devices } = flowtable;
    return {
      flowtable: {
        family: table.family,
        name: name.text,
        table: table.name.text,
        handle: this.#handle(flowtable),
        hook: hook?.text,
        prio: priority && priorityNumber('netdev', 'ingress', priority),
        dev: devicesJson(devices),
      },
    };
  }

  #object(object: ObjectDeclaration): Json {
    const { table, name, comment, objectType } = object;
    return {
      [objectType]: {
        family: table.family,
        name: name.text,
        table: table.name.text,
        handle: this.#handle(object),
        comment: comment?.text,
        ...objectFields(this.#writing, object),
      },
    };
  }
}

/** The kernel tells how many elements there are, the catch-all one not counted. */
function elementCount({ elements }: SetDeclaration | MapDeclaration): number | undefined {
  if (elements?.kind !== 'set') return undefined;
  const { length } = elements.elements;
  const keys = Array.from({ length }, (_, index) => elements.elements.at(index).key);
  return keys.filter(({ kind }) => kind !== 'catchall').length || undefined;
}

/** One name by itself, several as an array. */
function typeNames(names: readonly string[]): Json {
  return names.length === 1 ? names[0]! : names;
}

/** What a map gives is always listed by its type. */
function dataType({ data }: MapDeclaration): Json | undefined {
  switch (data?.kind) {
    case 'object':
      return data.objectType;
    case 'type':
      return typeNames(data.parts.map(({ text }) => text));
    case 'typeof':
      return typeNames(typeofParts(data.expression).map(({ type }) => type.name));
    default:
      return data && 'integer';
  }
}

const flagOrder: readonly SetFlagName[] = ['constant', 'interval', 'timeout', 'dynamic'];

/** Text leaves `timeout` out where the set has one. */
function setFlags({ flags, timeout }: SetDeclaration | MapDeclaration): readonly string[] | undefined {
  const given = new Set<SetFlagName>(timeout === undefined ? flags : [...flags, 'timeout']);
  return given.size === 0 ? undefined : flagOrder.filter(flag => given.has(flag));
}

function devicesJson(devices: DeviceList | undefined): Json | undefined {
  if (devices === undefined) return undefined;
  const list: readonly Expression[] = Array.isArray(devices) ? devices : [devices as Expression];
  return typeNames(list.map(device => (device.kind === 'symbol' ? device.text : '')));
}

function priorityNumber(
  family: TableDeclaration['table']['family'],
  hook: string,
  { name, offset = 0n }: Priority,
): bigint {
  const base = name === undefined ? 0 : (priorityByName(family, hook as Hook, name.text) ?? 0);
  return BigInt(base) + offset;
}
