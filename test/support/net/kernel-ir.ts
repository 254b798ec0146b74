// The rulesets that are loaded in a namespace, as register IR: what the kernel runs, whoever loaded it. With it the
// evaluator is held against nf_tables without any of our own front half between, and the front half against the bytes
// that the reference sends.

import {
  type Elements,
  type IrBaseChain,
  type IrChain,
  type IrObject,
  type IrRule,
  type IrRuleset,
  type IrSet,
  type IrTable,
  type RuleId,
  SetFlag,
  type SetId,
} from '../../../src/lower/linear/ir.ts';
import { type Family, familyNumber, type Hook } from '../../../src/model/family.ts';
import type { FileId, Span } from '../../../src/source/span.ts';
import { concatenate } from '../../model/bytes.ts';
import { readExpression, readExpressions, verdictAt } from './kernel-expression.ts';
import { Attributes, type NftMessage, type NftSocket, textAttributes } from './netlink.ts';

const GETTABLE = 1;
const GETCHAIN = 4;
const GETRULE = 7;
const GETSET = 10;
const GETSETELEM = 13;
const GETOBJ = 19;

const verdictData = 0xffffff00n;
const nowhere: Span = { file: 0 as FileId, from: 0, to: 0 };
const familyName = new Map(Object.entries(familyNumber).map(([name, number]) => [number, name as Family]));
const inetHooks: readonly Hook[] = ['prerouting', 'input', 'forward', 'output', 'postrouting', 'ingress'];
const netdevHooks: readonly Hook[] = ['ingress', 'egress'];

function listOf(list: Attributes | undefined): Attributes[] {
  return [...(list?.entries() ?? [])].map(([, bytes]) => new Attributes(bytes));
}

function deviceNames(hook: Attributes): string[] {
  const single = hook.text(3);
  const list = [...(hook.nested(4)?.entries() ?? [])].map(([, bytes]) =>
    new TextDecoder().decode(bytes).replace(/\0.*$/, ''),
  );
  return single === '' ? list : [single];
}

function baseChain({ family, attributes }: NftMessage): IrBaseChain | undefined {
  const hook = attributes.nested(4);
  if (!hook) return undefined;
  const hooks = familyName.get(family) === 'netdev' ? netdevHooks : inetHooks;
  return {
    type: attributes.text(7) as 'filter',
    hook: hooks[Number(hook.integer(1))]!,
    priority: Number(hook.integer(2)) | 0,
    devices: deviceNames(hook),
    policy: attributes.integer(5) === 0n ? 'drop' : 'accept',
  };
}

/** All of a table's messages of one kind; the table's name stands in attribute 1 of each. */
function inTable(messages: readonly NftMessage[], { family, attributes }: NftMessage): NftMessage[] {
  const table = attributes.text(1);
  return messages.filter(message => message.family === family && message.attributes.text(1) === table);
}

class TableReader {
  readonly #socket: NftSocket;
  readonly #table: NftMessage;
  readonly #setIds = new Map<string, SetId>();

  constructor(socket: NftSocket, table: NftMessage, sets: readonly NftMessage[], nextSet: () => number) {
    this.#socket = socket;
    this.#table = table;
    for (const { attributes } of sets) this.#setIds.set(attributes.text(2), nextSet() as SetId);
  }

  readonly #findSet = (name: string): SetId => {
    const id = this.#setIds.get(name);
    if (id === undefined) throw new Error(`a set that was not dumped: ${name}`);
    return id;
  };

  rule({ attributes }: NftMessage, id: number): IrRule {
    const expressions = readExpressions(attributes.nested(4), this.#findSet);
    return { id: id as RuleId, span: nowhere, expressions, origins: expressions.map(() => nowhere) };
  }

  #elements(name: string): Attributes[] {
    const request = textAttributes(
      new Map([
        [1, this.#table.attributes.text(1)],
        [2, name],
      ]),
    );
    const messages = this.#socket.dump(GETSETELEM, request, this.#table.family);
    return messages.flatMap(message => listOf(message.attributes.nested(3)));
  }

  #extras(list: readonly Attributes[]): Elements['extras'] {
    const extras = list.flatMap((element, index) => {
      const single = element.nested(7);
      const expressions = single
        ? [readExpression(single, this.#findSet)]
        : readExpressions(element.nested(11), this.#findSet);
      const timeout = element.payload(4) && { timeout: element.integer(4) };
      return expressions.length > 0 || timeout ? [[index, { expressions, ...timeout }] as const] : [];
    });
    return extras.length > 0 ? new Map(extras) : undefined;
  }

  #columns(list: readonly Attributes[], keyLength: number, hasData: boolean): Elements {
    const key = (element: Attributes, type: number) =>
      element.nested(type)?.payload(1)?.slice() ?? new Uint8Array(keyLength);
    const hasEnds = list.some(element => element.payload(10));
    const extras = this.#extras(list);
    const dataLength = list.map(element => element.nested(2)?.payload(1)?.length ?? 0);
    const longest = Math.max(0, ...dataLength);
    return {
      count: list.length,
      keys: concatenate(...list.map(element => key(element, 1))),
      ...(hasEnds && {
        keyEnds: concatenate(...list.map(element => key(element, element.payload(10) ? 10 : 1))),
      }),
      flags: Uint8Array.from(list, element => Number(element.integer(3))),
      ...(hasData && {
        data: concatenate(
          ...list.map(element => element.nested(2)?.payload(1)?.slice() ?? new Uint8Array(longest)),
        ),
      }),
      verdicts: list.map(element => verdictAt(element, 2)),
      objects: list.map(element => (element.payload(9) ? element.text(9) : undefined)),
      ...(extras && { extras }),
    };
  }

  set({ attributes }: NftMessage): IrSet {
    const name = attributes.text(2);
    const flags = Number(attributes.integer(3));
    const keyLength = Number(attributes.integer(5));
    const dataLength = Number(attributes.integer(7));
    const fields = listOf(attributes.nested(9)?.nested(2)).map(field => Number(field.integer(1)));
    const lengths = fields.length > 0 ? fields : [keyLength];
    const isMap = (flags & SetFlag.map) !== 0;
    const isValue = isMap && attributes.integer(6) !== verdictData;
    const part = { length: dataLength, order: 'network' } as const;
    const objectType = Number(attributes.integer(15));
    return {
      id: this.#findSet(name),
      name,
      span: nowhere,
      flags,
      keyLength,
      keyParts: lengths.map(length => ({ length, order: 'network' })),
      ...(isMap && {
        data: isValue ? { kind: 'value', length: dataLength, parts: [part] } : { kind: 'verdict' },
      }),
      ...((flags & SetFlag.object) !== 0 && { data: { kind: 'object', type: objectType } }),
      ...(attributes.payload(11) && { timeout: attributes.integer(11) }),
      elements: this.#columns(this.#elements(name), keyLength, isValue),
    };
  }

  object({ attributes }: NftMessage): IrObject {
    const type = Number(attributes.integer(3));
    const kind = { 1: 'counter', 2: 'quota', 4: 'limit' }[type] ?? 'other';
    // An object's data has the attributes of the expression of its kind.
    const expression = new Attributes(
      concatenate(textAttributes(new Map([[1, kind]])), nestedAttribute(2, attributes.payload(4)!)),
    );
    return {
      kind,
      type,
      name: attributes.text(2),
      span: nowhere,
      ...(kind !== 'other' && { expression: readExpression(expression, this.#findSet) }),
    };
  }
}

function nestedAttribute(type: number, payload: Uint8Array): Uint8Array {
  const length = payload.length + 4;
  return concatenate(Uint8Array.of(length & 0xff, length >> 8, type, 0), payload);
}

/** Everything but the tables named in `without`. */
export function kernelRuleset(socket: NftSocket, without: readonly string[] = []): IrRuleset {
  const [tables, chains, rules, sets, objects] = [GETTABLE, GETCHAIN, GETRULE, GETSET, GETOBJ].map(type =>
    socket.dump(type),
  ) as [NftMessage[], NftMessage[], NftMessage[], NftMessage[], NftMessage[]];
  let nextSet = 0;
  let nextRule = 0;
  const read = (table: NftMessage): IrTable => {
    const tableSets = inTable(sets, table);
    const reader = new TableReader(socket, table, tableSets, () => nextSet++);
    const tableRules = inTable(rules, table);
    const chain = (message: NftMessage): IrChain => {
      const name = message.attributes.text(3);
      const base = baseChain(message);
      const own = tableRules.filter(rule => rule.attributes.text(2) === name);
      return {
        name,
        span: nowhere,
        ...(base && { base }),
        rules: own.map(rule => reader.rule(rule, nextRule++)),
      };
    };
    return {
      family: familyName.get(table.family)!,
      name: table.attributes.text(1),
      span: nowhere,
      dormant: (table.attributes.integer(2) & 1n) !== 0n,
      chains: inTable(chains, table).map(chain),
      sets: tableSets.map(set => reader.set(set)),
      objects: inTable(objects, table).map(object => reader.object(object)),
    };
  };
  return { tables: tables.filter(table => !without.includes(table.attributes.text(1))).map(read) };
}
