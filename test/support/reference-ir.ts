// Register IR from what the reference prints: `nft --debug=netlink -c` read back. With it the evaluator can be held
// against nf_tables without any of our own front half in between.
//
// The print does not say which values are in host order; that follows from where a value came from: what the payload,
// a string or a `hton` gave is in network order, meta keys are in host order. It has no base chains either: their
// declarations are taken from the ruleset's text, one on a line, as test/property's arbitraries write them.

import { spawnSync } from 'node:child_process';
import {
  type Elements,
  type Expression,
  type IrBaseChain,
  type IrChain,
  type IrRule,
  type IrRuleset,
  type IrSet,
  type IrTable,
  type Register,
  type RuleId,
  SetFlag,
  type SetId,
  type Value,
  type ValuePart,
  type Verdict,
} from '../../src/lower/linear/ir.ts';
import { type Family, familyNumber, type Hook } from '../../src/model/family.ts';
import type { FileId, Span } from '../../src/source/span.ts';
import { concatenate } from '../model/bytes.ts';
import { nftPath } from './requirements.ts';

type Order = 'network' | 'host';

const nowhere: Span = { file: 0 as FileId, from: 0, to: 0 };
const secondsOf: Readonly<Record<string, bigint>> = {
  second: 1n,
  minute: 60n,
  hour: 3600n,
  day: 86_400n,
  week: 604_800n,
};
const networkKeys = new Set(['protocol', 'iifname', 'oifname', 'iifkind', 'oifkind']);

function registerOf(text: string): Register {
  const number = Number(text);
  return (number < 8 ? (number - 1) * 4 : number - 8) as Register;
}

function padded(length: number): number {
  return (length + 3) & ~3;
}

/** One part's groups of digits (`fd000000 00000001`) as bytes, most significant first. */
function partBytes(text: string): Uint8Array {
  const digits = text.replace(/0x|\s/g, '');
  return Uint8Array.from({ length: digits.length / 2 }, (_, index) =>
    Number.parseInt(digits.slice(index * 2, index * 2 + 2), 16),
  );
}

/** A value of several parts; `orderAt` tells the byte order of the part at a word. */
function readValue(text: string, orderAt: (word: number) => Order): Value {
  const texts = text.split(' . ');
  const parts: ValuePart[] = [];
  const chunks: Uint8Array[] = [];
  let word = 0;
  for (const one of texts) {
    const bytes = partBytes(one);
    const order = orderAt(word);
    parts.push({ length: bytes.length, order });
    const memory = order === 'host' ? bytes.reverse() : bytes;
    const whole = new Uint8Array(texts.length > 1 ? padded(bytes.length) : bytes.length);
    whole.set(memory);
    chunks.push(whole);
    word += padded(bytes.length) / 4;
  }
  return { bytes: concatenate(...chunks), parts };
}

function verdictOf(text: string): Verdict {
  const [kind, , chain] = text.trim().split(' ');
  return (chain === undefined ? { kind } : { kind, chain }) as Verdict;
}

/** The printed set, whose key order is not known before a rule looks it up. */
interface PrintedSet {
  readonly id: SetId;
  readonly name: string;
  readonly family: number;
  readonly table: string;
  readonly flags: number;
  elements: string[];
  keyOrder?: (word: number) => Order;
  dataOrder?: Order;
}

interface PrintedElement {
  readonly key: string;
  readonly keyEnd: string | undefined;
  readonly data: string | undefined;
  readonly flags: number;
}

function splitElement(text: string): PrintedElement {
  const [, rest = '', flags] = /^(.*?)(?: flags (\d+))?(?: +userdata .*)?$/.exec(text)!;
  const [, keys = '', data] = /^(.*?)(?: ?: (.*))?$/.exec(rest)!;
  const [key = '', keyEnd] = keys.trim().split(' - ');
  return { key, keyEnd, data, flags: Number(flags ?? 0) };
}

function columns(
  printed: PrintedSet,
  list: readonly PrintedElement[],
  keyLength: number,
  dataLength: number,
): Elements {
  const order = printed.keyOrder ?? (() => 'network' as const);
  const keyOf = (text: string) => (text === '' ? new Uint8Array(keyLength) : readValue(text, order).bytes);
  const hasEnds = list.some(({ keyEnd }) => keyEnd !== undefined);
  const dataOrder = printed.dataOrder ?? 'network';
  return {
    count: list.length,
    keys: concatenate(...list.map(({ key }) => keyOf(key))),
    ...(hasEnds && { keyEnds: concatenate(...list.map(({ key, keyEnd }) => keyOf(keyEnd ?? key))) }),
    flags: Uint8Array.from(list, ({ flags }) => flags),
    ...(dataLength > 0 && {
      data: concatenate(
        ...list.map(({ data }) =>
          data === undefined ? new Uint8Array(dataLength) : readValue(data, () => dataOrder).bytes,
        ),
      ),
    }),
    ...(dataLength === 0 && { verdicts: list.map(({ data }) => (data ? verdictOf(data) : undefined)) }),
  };
}

function finishSet(printed: PrintedSet): IrSet {
  const list = printed.elements.map(splitElement);
  const sample = list.find(({ key }) => key !== '')?.key ?? '00000000';
  const key = readValue(sample, printed.keyOrder ?? (() => 'network'));
  const data = list.find(({ data }) => data !== undefined)?.data;
  const isMap = (printed.flags & SetFlag.map) !== 0;
  const isValue = isMap && data !== undefined && /^[0-9a-f ]+$/.test(data);
  const dataLength = isValue ? readValue(data, () => 'network').bytes.length : 0;
  const part = { length: dataLength, order: printed.dataOrder ?? 'network' } as const;
  return {
    id: printed.id,
    name: printed.name,
    span: nowhere,
    flags: printed.flags,
    keyLength: key.bytes.length,
    keyParts: key.parts,
    ...(isMap && {
      data: isValue ? { kind: 'value', length: dataLength, parts: [part] } : { kind: 'verdict' },
    }),
    elements: columns(printed, list, key.bytes.length, dataLength),
  };
}

/** Reads the lines of one rule; keeps track of the byte order of what registers hold. */
class RuleReader {
  readonly expressions: Expression[] = [];
  readonly #orders = new Map<number, Order>();
  readonly #findSet: (name: string) => PrintedSet;
  /** The register that a value went to whose order only its use will tell. */
  #pending: { readonly register: Register; readonly settle: (order: Order) => void } | undefined;

  constructor(findSet: (name: string) => PrintedSet) {
    this.#findSet = findSet;
  }

  #orderFrom(register: Register): (word: number) => Order {
    const orders = new Map(this.#orders);
    return word => orders.get(register + word) ?? 'network';
  }

  #value(text: string, register: Register): Value {
    return readValue(text, this.#orderFrom(register));
  }

  #put(expression: Expression): void {
    this.expressions.push(expression);
  }

  #load(dest: Register, order: Order, expression: Expression): void {
    this.#orders.set(dest, order);
    this.#put(expression);
  }

  /** What stands between the brackets. */
  read(text: string): void {
    for (const [pattern, use] of this.#forms) {
      const found = pattern.exec(text);
      if (!found) continue;
      use.call(this, found as unknown as string[]);
      return;
    }
    throw new Error(`an expression that is not read: ${text}`);
  }

  readonly #forms: readonly (readonly [RegExp, (this: RuleReader, groups: string[]) => void])[] = [
    [
      /^payload load (\d+)b @ (\w+) header \+ (\d+) => reg (\d+)$/,
      ([, length, base, offset, reg]) => {
        const dest = registerOf(reg!);
        this.#load(dest, 'network', {
          op: 'payload',
          base: base as 'link',
          offset: Number(offset),
          length: Number(length),
          dest,
        });
      },
    ],
    [
      /^meta load (\w+) => reg (\d+)$/,
      ([, key, reg]) => {
        const dest = registerOf(reg!);
        this.#load(dest, networkKeys.has(key!) ? 'network' : 'host', { op: 'meta', key: key!, dest });
      },
    ],
    [
      /^meta set (\w+) with reg (\d+)$/,
      ([, key, reg]) => {
        this.#pending?.settle('host');
        this.#put({ op: 'meta_set', key: key!, source: registerOf(reg!) });
      },
    ],
    [
      /^cmp (\w+) reg (\d+) (.*)$/,
      ([, operator, reg, value]) => {
        const source = registerOf(reg!);
        this.#put({ op: 'cmp', operator: operator as 'eq', source, value: this.#value(value!, source) });
      },
    ],
    [
      /^range (eq|neq) reg (\d+) (.*)$/,
      ([, sign, reg, values]) => {
        const source = registerOf(reg!);
        const groups = values!.split(' ');
        const half = groups.length / 2;
        const from = this.#value(groups.slice(0, half).join(' '), source);
        const to = this.#value(groups.slice(half).join(' '), source);
        this.#put({ op: 'range', invert: sign === 'neq', source, from, to });
      },
    ],
    [
      /^bitwise reg (\d+) = \( reg (\d+) & (.*) \) \^ (.*)$/,
      ([, to, from, mask, xor]) => {
        const source = registerOf(from!);
        const dest = registerOf(to!);
        const value = this.#value(mask!, source);
        this.#load(dest, this.#orders.get(source) ?? 'network', {
          op: 'bitwise',
          source,
          dest,
          length: value.bytes.length,
          mask: value,
          xor: this.#value(xor!, source),
        });
      },
    ],
    [
      /^bitwise reg (\d+) = \( reg (\d+) (<<|>>) 0x(\w+) \)$/,
      ([, to, from, sign, shift]) => {
        const source = registerOf(from!);
        const dest = registerOf(to!);
        this.#load(dest, this.#orders.get(source) ?? 'network', {
          op: 'bitwise_shift',
          direction: sign === '<<' ? 'left' : 'right',
          source,
          dest,
          length: 4,
          shift: Number.parseInt(shift!, 16),
        });
      },
    ],
    [
      /^byteorder reg (\d+) = (hton|ntoh)\(reg (\d+), (\d+), (\d+)\)$/,
      ([, to, direction, from, size, length]) => {
        const dest = registerOf(to!);
        this.#load(dest, direction === 'hton' ? 'network' : 'host', {
          op: 'byteorder',
          direction: direction as 'hton',
          source: registerOf(from!),
          dest,
          size: Number(size) as 4,
          length: Number(length),
        });
      },
    ],
    [
      /^lookup reg (\d+) set (\S+)(?: dreg (\d+))?( 0x1)?$/,
      ([, reg, name, dreg, inverted]) => {
        const source = registerOf(reg!);
        const set = this.#findSet(name!);
        set.keyOrder ??= this.#orderFrom(source);
        const dest = dreg === undefined ? undefined : dreg === '0' ? 'verdict' : registerOf(dreg);
        if (typeof dest === 'number') {
          this.#pending = {
            register: dest,
            settle: order => {
              set.dataOrder = order;
            },
          };
        }
        this.#put({
          op: 'lookup',
          source,
          set: set.id,
          invert: inverted !== undefined,
          ...(dest !== undefined && { dest }),
        });
      },
    ],
    [/^immediate reg 0 (.*)$/, ([, verdict]) => this.#put({ op: 'verdict', verdict: verdictOf(verdict!) })],
    [
      /^immediate reg (\d+) (.*)$/,
      ([, reg, value]) => {
        const dest = registerOf(reg!);
        // Constants of drawn rules go into marks only.
        this.#load(dest, 'host', { op: 'immediate', dest, value: readValue(value!, () => 'host') });
      },
    ],
    [
      /^limit rate (\d+)\/(\w+) burst (\d+) type (packets|bytes) flags 0x(\d)$/,
      ([, rate, unit, burst, type, flags]) =>
        this.#put({
          op: 'limit',
          rate: BigInt(rate!),
          unit: secondsOf[unit!]!,
          burst: Number(burst),
          type: type as 'packets',
          over: flags === '1',
        }),
    ],
    [
      /^quota bytes (\d+) consumed (\d+) flags (\d)$/,
      ([, bytes, consumed, flags]) =>
        this.#put({ op: 'quota', bytes: BigInt(bytes!), consumed: BigInt(consumed!), over: flags === '1' }),
    ],
    [
      /^numgen reg (\d+) = inc mod (\d+)(?: offset (\d+))?$/,
      ([, reg, modulus, offset]) => {
        const dest = registerOf(reg!);
        this.#load(dest, 'host', {
          op: 'numgen',
          mode: 'inc',
          modulus: Number(modulus),
          offset: Number(offset ?? 0),
          dest,
        });
      },
    ],
    [
      /^hash reg (\d+) = jhash\(reg (\d+), (\d+), 0x(\w+)\) % mod (\d+)(?: offset (\d+))?$/,
      ([, to, from, length, seed, modulus, offset]) => {
        const dest = registerOf(to!);
        this.#load(dest, 'host', {
          op: 'hash',
          type: 'jenkins',
          source: registerOf(from!),
          length: Number(length),
          seed: Number.parseInt(seed!, 16),
          modulus: Number(modulus),
          offset: Number(offset ?? 0),
          dest,
        });
      },
    ],
    [
      /^exthdr load (ipv6|tcpopt) (\d+)b @ (\d+) \+ (\d+)( present)? => reg (\d+)$/,
      ([, header, length, type, offset, present, reg]) => {
        const dest = registerOf(reg!);
        this.#load(dest, 'network', {
          op: 'exthdr',
          header: header as 'ipv6',
          type: Number(type),
          offset: Number(offset),
          length: Number(length),
          present: present !== undefined,
          dest,
        });
      },
    ],
    [
      /^ct load (\w+) => reg (\d+)(?: , dir (original|reply))?$/,
      ([, key, reg, direction]) => {
        const dest = registerOf(reg!);
        this.#load(dest, 'host', {
          op: 'ct',
          key: key!,
          ...(direction !== undefined && { direction: direction as 'reply' }),
          dest,
        });
      },
    ],
    [
      /^counter pkts (\d+) bytes (\d+)$/,
      ([, packets, bytes]) => this.#put({ op: 'counter', packets: BigInt(packets!), bytes: BigInt(bytes!) }),
    ],
  ];
}

const familyName = new Map(Object.entries(familyNumber).map(([name, number]) => [number, name as Family]));

/** Base chains as the text declares them, by `table chain`. */
function baseChains(text: string): Map<string, IrBaseChain> {
  const found = new Map<string, IrBaseChain>();
  let table = '';
  let chain = '';
  for (const line of text.split('\n')) {
    table = /^\s*table \w+ (\w+)/.exec(line)?.[1] ?? table;
    chain = /^\s*chain (\w+)/.exec(line)?.[1] ?? chain;
    const base = /type (\w+) hook (\w+) (?:device "?(\w+)"? )?priority (-?\d+); policy (\w+);/.exec(line);
    if (!base) continue;
    found.set(`${table} ${chain}`, {
      type: base[1] as 'filter',
      hook: base[2] as Hook,
      devices: base[3] === undefined ? [] : [base[3]],
      priority: Number(base[4]),
      policy: base[5] as 'accept',
    });
  }
  return found;
}

/** Tables and chains in the order of the text. */
function declaredChains(text: string): { family: Family; table: string; chains: string[] }[] {
  const tables: { family: Family; table: string; chains: string[] }[] = [];
  for (const line of text.split('\n')) {
    const table = /^\s*table (\w+) (\w+)/.exec(line);
    if (table) tables.push({ family: table[1] as Family, table: table[2]!, chains: [] });
    const chain = /^\s*chain (\w+)/.exec(line);
    if (chain) tables.at(-1)?.chains.push(chain[1]!);
  }
  return tables;
}

class OutputReader {
  readonly sets: PrintedSet[] = [];
  readonly rules: { place: string; reader: RuleReader }[] = [];
  /** Anonymous sets that no rule has looked up yet. */
  #unused: PrintedSet[] = [];

  read(output: string): void {
    for (const line of output.split('\n')) this.#line(line);
  }

  #line(line: string): void {
    const set = /^family (\d+) (\S+) (\S+) ([0-9a-f]+)/.exec(line);
    if (set) this.#declare(set as unknown as string[]);
    else if (line.startsWith('\telement')) {
      this.sets.at(-1)!.elements = line
        .trim()
        .split(/\t?element /)
        .slice(1)
        .map(text => text.trimEnd());
    } else if (/^\w+ \S+ \S+$/.test(line)) this.#startRule(line);
    else if (line.startsWith('  [ ')) this.rules.at(-1)!.reader.read(line.slice(4, -2));
  }

  #declare([, family, name, table, flags]: string[]): void {
    const isMine = (one: PrintedSet) =>
      one.name === name && one.table === table && one.family === Number(family);
    const declared = this.sets.filter(isMine).at(-1);
    // The header of the elements: they belong to the set declared by this name last.
    if (flags === '0' && declared) {
      this.sets.splice(this.sets.indexOf(declared), 1);
      this.sets.push(declared);
      return;
    }
    const set: PrintedSet = {
      id: this.sets.length as SetId,
      name: name!,
      family: Number(family),
      table: table!,
      flags: Number.parseInt(flags!, 16),
      elements: [],
    };
    this.sets.push(set);
    if ((set.flags & SetFlag.anonymous) !== 0) this.#unused.push(set);
  }

  #startRule(place: string): void {
    const [family, table] = place.split(' ');
    const mine = this.#unused;
    this.#unused = [];
    const find = (name: string): PrintedSet => {
      const index = mine.findIndex(one => one.name === name);
      const set =
        index >= 0
          ? mine.splice(index, 1)[0]
          : this.sets.find(
              one => one.name === name && one.table === table && familyName.get(one.family) === family,
            );
      if (!set) throw new Error(`a set that was not printed: ${name}`);
      return set;
    };
    this.rules.push({ place, reader: new RuleReader(find) });
  }
}

function assemble(text: string, reader: OutputReader): IrRuleset {
  const bases = baseChains(text);
  const rules = reader.rules.map(({ place, reader: { expressions } }, index) => ({
    place,
    rule: {
      id: index as RuleId,
      span: nowhere,
      expressions,
      origins: expressions.map(() => nowhere),
    } as IrRule,
  }));
  const sets = reader.sets.map(printed => ({ printed, set: finishSet(printed) }));
  const tables = declaredChains(text).map(({ family, table, chains }): IrTable => {
    const toChain = (name: string): IrChain => {
      const base = bases.get(`${table} ${name}`);
      const own = rules.filter(({ place }) => place === `${family} ${table} ${name}`).map(({ rule }) => rule);
      return { name, span: nowhere, rules: own, ...(base && { base }) };
    };
    const isOwn = (set: PrintedSet) => set.table === table && familyName.get(set.family) === family;
    return {
      family,
      name: table,
      span: nowhere,
      dormant: false,
      chains: chains.map(toChain),
      sets: sets.filter(({ printed }) => isOwn(printed)).map(({ set }) => set),
      objects: [],
    };
  });
  return { tables };
}

/** The register IR that the reference makes of a ruleset. `devices` must exist for it; throws with nft's message. */
export function referenceIr(text: string, devices: readonly string[] = ['in0', 'out0']): IrRuleset {
  const links = devices.map(name => `ip tuntap add ${name} mode tap`).join('; ');
  const command = `${links}; exec ${nftPath} --debug=netlink -c -f -`;
  const { status, stdout, stderr } = spawnSync('unshare', ['-n', 'sh', '-c', command], {
    input: text,
    encoding: 'utf8',
    maxBuffer: 1 << 28,
  });
  if (status !== 0) throw new Error(stderr);
  const reader = new OutputReader();
  reader.read(stdout);
  return assemble(text, reader);
}
