// A literal or symbol becomes a number once the type that is wanted is known.

import type { Datatype, LiteralSyntax } from '../../../model/datatype.ts';
import { protocolNumbers, servicePorts } from '../../../model/service-names.ts';
import type { Span } from '../../../source/span.ts';
import { describeType } from '../describe.ts';
import { fail } from '../failure.ts';
import type { EvaluateOptions, MachineNames } from '../options.ts';
import { isConcatenation } from '../types.ts';
import { parseIpv4, parseIpv6, parseLinkLayerAddress, parseMapped } from './address.ts';
import { leadingNumber, parseDecimal, parseNumber } from './number.ts';
import { suggest } from './suggest.ts';
import { parseDate, parseDuration, parseHour } from './time.ts';

export interface Literal {
  readonly text: string;
  readonly span: Span;
}

type Reader = (literal: Literal, type: Datatype, options: EvaluateOptions) => bigint;

/** The value of `literal` as a value of `type`. Not for strings, whose characters are the value. */
export function readLiteral(literal: Literal, type: Datatype, options: EvaluateOptions): bigint {
  const symbol = type.literal === 'boolean' ? undefined : type.symbols?.get(literal.text);
  return symbol ?? readers[type.literal](literal, type, options);
}

function cannotRead(literal: Literal, type: Datatype, names: Iterable<string> = []): never {
  const { text, span } = literal;
  const known = [...(type.symbols?.keys() ?? []), ...names];
  return fail('unknown-symbol', `\`${text}\` is not ${describeType(type)}`, span, suggest(text, span, known));
}

function outOfRange(literal: Literal, type: Datatype, maximum: bigint): never {
  return fail(
    'value-out-of-range',
    `${literal.text} exceeds the range of ${describeType(type)}, 0-${maximum}`,
    literal.span,
  );
}

type NameTable = Exclude<keyof MachineNames, 'hosts' | 'cgroups'>;

function ownName(table: Readonly<Record<string, number>> | undefined, name: string): bigint | undefined {
  return table !== undefined && Object.hasOwn(table, name) ? BigInt(table[name]!) : undefined;
}

function namesOf(options: EvaluateOptions, table: NameTable): readonly string[] {
  return Object.keys(options.names?.[table] ?? {});
}

/** A name of the machine, else a number. */
function named(table: NameTable, parse: (text: string) => bigint | undefined, maximum?: bigint): Reader {
  return (literal, type, options) => {
    const value = ownName(options.names?.[table], literal.text) ?? parse(literal.text);
    if (value === undefined) return cannotRead(literal, type, namesOf(options, table));
    if (maximum !== undefined && value > maximum) return outOfRange(literal, type, maximum);
    return value;
  };
}

/** A name that is built in, else a number within range. */
function wellKnown(names: ReadonlyMap<string, number>, maximum: bigint): Reader {
  return (literal, type) => {
    const number = type.literal === 'service' ? parsePort(literal.text) : parseNumber(literal.text);
    if (number !== undefined && number > maximum) return outOfRange(literal, type, maximum);
    if (number !== undefined) return number;
    const value = names.get(literal.text);
    return value === undefined ? cannotRead(literal, type, names.keys()) : BigInt(value);
  };
}

function address(parse: (text: string) => bigint | undefined): Reader {
  return (literal, type, options) => {
    const direct = parse(literal.text);
    if (direct !== undefined) return direct;
    const hosts = options.names?.hosts;
    const listed = hosts !== undefined && Object.hasOwn(hosts, literal.text) ? hosts[literal.text]! : [];
    const values = new Set(listed.map(parse).filter(value => value !== undefined));
    const [value] = values;
    if (values.size > 1)
      return fail('ambiguous-host', `\`${literal.text}\` stands for several addresses`, literal.span);
    return value ?? cannotRead(literal, type, Object.keys(hosts ?? {}));
  };
}

function plain(parse: (text: string, options: EvaluateOptions) => bigint | undefined): Reader {
  return (literal, type, options) => parse(literal.text, options) ?? cannotRead(literal, type);
}

const unsigned32 = 0xffff_ffffn;

/** `major:minor` in hexadecimal. Of other texts nft takes the number that they begin with, even if they have none. */
function parseClassid(text: string): bigint | undefined {
  if (text === 'root') return unsigned32;
  if (text === 'none') return 0n;
  if (!text.includes(':')) return BigInt.asUintN(32, leadingNumber(text));
  const parts = /^([0-9a-fA-F]*):([0-9a-fA-F]*)$/.exec(text);
  if (parts === null) return undefined;
  const [, major = '', minor = ''] = parts;
  if (major === '') return undefined;
  return BigInt.asUintN(32, (BigInt(`0x${major}`) << 16n) | BigInt(`0x${minor || '0'}`));
}

/** An empty text is read as 0 by some of nft's parsers. */
function emptyOrNumber(text: string): bigint | undefined {
  return text === '' ? 0n : parseNumber(text);
}

/** What is no number in C may be a decimal one with zeros before it. */
function parsePort(text: string): bigint | undefined {
  return emptyOrNumber(text) ?? parseDecimal(text);
}

const readLabel: Reader = (literal, type, options) => {
  const bit = ownName(options.names?.labels, literal.text) ?? emptyOrNumber(literal.text);
  if (bit === undefined) return cannotRead(literal, type, namesOf(options, 'labels'));
  return bit > 127n ? outOfRange(literal, type, 127n) : 1n << bit;
};

const readDuration: Reader = (literal, type) => {
  const value = parseDuration(literal.text) ?? cannotRead(literal, type);
  return value > unsigned32 ? outOfRange(literal, type, unsigned32) : value;
};

const readCgroup: Reader = (literal, type, options) => {
  const cgroups = options.names?.cgroups;
  if (cgroups !== undefined && Object.hasOwn(cgroups, literal.text)) return cgroups[literal.text]!;
  return parseNumber(literal.text) ?? cannotRead(literal, type, Object.keys(cgroups ?? {}));
};

const noLiteral: Reader = (literal, type) => {
  if (type.literal === 'verdict') {
    const hint = `to jump to a chain, write \`jump ${literal.text}\``;
    return fail('unknown-symbol', `\`${literal.text}\` is not a verdict`, literal.span, {
      notes: [{ message: hint }],
    });
  }
  if (isConcatenation(type))
    return fail('type-mismatch', `expected ${describeType(type)}, not a single value`, literal.span);
  return fail('untyped-literal', `what \`${literal.text}\` means here is not known`, literal.span);
};

const readers: Readonly<Record<LiteralSyntax, Reader>> = {
  number: plain(parseNumber),
  boolean: plain(text => {
    const number = parseNumber(text);
    return number === undefined ? undefined : number === 0n ? 0n : 1n;
  }),
  string: noLiteral,
  ipv4: address(text => parseIpv4(text) ?? parseMapped(text)),
  ipv6: address(parseIpv6),
  link_layer_address: plain(parseLinkLayerAddress),
  protocol: wellKnown(protocolNumbers, 0xffn),
  service: wellKnown(servicePorts, 0xffffn),
  mark: named('marks', parseNumber),
  realm: named('realms', parseNumber),
  device_group: named('deviceGroups', parseNumber),
  interface_index: named('interfaces', text => (text === '' ? 0n : parseDecimal(text)), 0x7fff_ffffn),
  user: named('users', parseDecimal, unsigned32),
  group: named('groups', parseNumber, unsigned32),
  label: readLabel,
  classid: plain(parseClassid),
  duration: readDuration,
  date: plain((text, options) => parseDate(text, options.timeZoneOffset ?? 0)),
  hour: plain((text, options) => parseHour(text, options.timeZoneOffset ?? 0)),
  cgroup: readCgroup,
  verdict: noLiteral,
  none: noLiteral,
};
