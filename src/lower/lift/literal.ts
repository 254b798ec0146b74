// Values as literals: a name, an address, a number in the base that nft lists for its type.

import type { NumberLiteral, SymbolExpression } from '../../ast/nodes/index.ts';
import type { OutputOptions } from '../../ast/print/options.ts';
import type { MachineNames } from '../../ast/type/options.ts';
import {
  bitmaskType,
  type Datatype,
  dscpType,
  ecnType,
  etherTypeType,
  icmpCodeType,
  icmpv6CodeType,
  icmpxCodeType,
  invalidType,
  markType,
} from '../../model/datatype.ts';
import { protocolNames, serviceNames } from '../../model/service-names.ts';
import type { Span } from '../../source/span.ts';
import { ipv4Text, ipv6Text, linkLayerText } from './address-text.ts';
import { lowestOne } from './bits.ts';
import { durationText } from './duration.ts';
import { numberNode, symbolNode } from './make.ts';
import type { LiftOptions } from './options.ts';
import type { Shape } from './tree.ts';
import { rawType } from './types.ts';

export type Literal = NumberLiteral | SymbolExpression;

interface TypedNumber extends Shape {
  readonly value: bigint;
}

export type Writer = (value: TypedNumber, options: OutputOptions, span: Span) => Literal;

/** Least number of hexadecimal digits; types that are not here are listed in decimal. */
const hexDigits: ReadonlyMap<Datatype, number> = new Map([
  [rawType, 1],
  [bitmaskType, 1],
  [ecnType, 1],
  [dscpType, 2],
  [etherTypeType, 4],
  [markType, 8],
]);

function digitsOf(type: Datatype): number | undefined {
  for (let each: Datatype | undefined = type; each !== undefined; each = each.base) {
    const digits = hexDigits.get(each);
    if (digits !== undefined) return digits;
  }
  return undefined;
}

const plainNumber: Writer = ({ value, type }, _options, span) => {
  if (type === invalidType) return numberNode(value, span, `0x${value.toString(16)} [invalid type]`);
  const digits = digitsOf(type);
  return numberNode(
    value,
    span,
    digits === undefined ? undefined : `0x${value.toString(16).padStart(digits, '0')}`,
  );
};

/** Their symbols are read everywhere, but listed behind `reject` only. */
const answerCodes: ReadonlySet<Datatype> = new Set([icmpCodeType, icmpv6CodeType, icmpxCodeType]);

export const symbolic: Writer = (number, options, span) =>
  answerCodes.has(number.type) ? plainNumber(number, options, span) : symbolOf(number, options, span);

/** The symbol of a value, else its number. Where the byte order was changed to compare, nft finds no symbol. */
export const symbolOf: Writer = (number, options, span) => {
  const { value, type, bits, order } = number;
  const tableOrder = type.bits > 8 && type.order === 'network' ? 'network' : 'host';
  const isReadable = bits <= 8 || order === 'none' || order === tableOrder;
  const found = options.numeric || !isReadable ? undefined : nameOf(type.symbols ?? new Map(), value);
  if (found === undefined) return plainNumber(number, options, span);
  return symbolNode(found, span, type.name === 'day' ? 'quoted' : 'plain');
};

function nameOf(names: ReadonlyMap<string, bigint>, value: bigint): string | undefined {
  for (const [name, number] of names) if (number === value) return name;
  return undefined;
}

type NameTable = Exclude<keyof MachineNames, 'hosts'>;

export function machineName(options: OutputOptions, table: NameTable, value: bigint): string | undefined {
  const names = Object.entries(options.names?.[table] ?? {});
  return names.find(([, number]) => BigInt(number) === value)?.[0];
}

/** A name of the machine in quotes, else a number. `isShown`: whether names are wanted. */
function named(table: NameTable, isShown: (options: OutputOptions) => boolean): Writer {
  return (number, options, span) => {
    const name = isShown(options) ? machineName(options, table, number.value) : undefined;
    return name === undefined ? plainNumber(number, options, span) : symbolNode(name, span, 'quoted');
  };
}

const text =
  (
    write: (value: TypedNumber, options: OutputOptions) => string,
    form: SymbolExpression['form'] = 'plain',
  ): Writer =>
  (value, options, span) =>
    symbolNode(write(value, options), span, form);

const protocol: Writer = (number, options, span) => {
  const isName = !options.numeric && !options.numericProtocol;
  const name = isName ? protocolNames.get(Number(number.value)) : undefined;
  return name === undefined ? plainNumber(number, options, span) : symbolNode(name, span);
};

const service: Writer = (number, options, span) => {
  const name = options.service ? serviceNames.get(Number(number.value)) : undefined;
  return name === undefined ? plainNumber(number, options, span) : symbolNode(name, span, 'quoted');
};

const rootHandle = 0xffff_ffffn;

function classidText({ value }: TypedNumber): string {
  if (value === 0n) return 'none';
  if (value === rootHandle) return 'root';
  return `${(value >> 16n).toString(16)}:${(value & 0xffffn).toString(16)}`;
}

const label: Writer = ({ value }, options, span) => {
  const bit = lowestOne(value);
  const name = machineName(options, 'labels', BigInt(bit));
  return name === undefined ? numberNode(bit, span) : symbolNode(name, span, 'quoted');
};

const twoDigits = (number: number): string => String(number).padStart(2, '0');

function dateText({ value }: TypedNumber, { timeZoneOffset = 0 }: OutputOptions): string {
  const seconds = Number(value / 1_000_000_000n) + timeZoneOffset * 60;
  const date = new Date(seconds * 1000);
  if (Number.isNaN(date.getTime())) return 'Error converting timestamp to printed time';
  const day = `${date.getUTCFullYear()}-${twoDigits(date.getUTCMonth() + 1)}-${twoDigits(date.getUTCDate())}`;
  return `${day} ${twoDigits(date.getUTCHours())}:${twoDigits(date.getUTCMinutes())}:${twoDigits(date.getUTCSeconds())}`;
}

const secondsOfDay = 86_400;

function hourText({ value }: TypedNumber, { timeZoneOffset = 0 }: OutputOptions): string {
  let local = Number(value) + timeZoneOffset * 60;
  if (local < 0) local += secondsOfDay;
  else if (local >= secondsOfDay) local -= secondsOfDay;
  const seconds = local % 60;
  const minutes = Math.floor(local / 60);
  const clock = `${twoDigits(Math.floor(minutes / 60))}:${twoDigits(minutes % 60)}`;
  return seconds === 0 ? clock : `${clock}:${twoDigits(seconds)}`;
}

const writers: Readonly<Record<Datatype['literal'], Writer>> = {
  number: symbolic,
  boolean: symbolic,
  string: plainNumber,
  ipv4: text(({ value }) => ipv4Text(value)),
  ipv6: text(({ value }) => ipv6Text(value)),
  link_layer_address: text(({ value, bits }) => linkLayerText(value, Math.ceil(bits / 8))),
  protocol,
  service,
  mark: named('marks', ({ numeric }) => numeric !== true),
  realm: named('realms', ({ numeric }) => numeric !== true),
  device_group: named('deviceGroups', ({ numeric }) => numeric !== true),
  interface_index: named('interfaces', () => true),
  user: named('users', ({ guid }) => guid === true),
  group: named('groups', ({ guid }) => guid === true),
  label,
  classid: text(classidText),
  duration: text(({ value }, { numeric, numericTime }) => durationText(value, numeric || numericTime)),
  date: text(dateText, 'quoted'),
  hour: text(hourText, 'quoted'),
  cgroup: named('cgroups', () => true),
  verdict: plainNumber,
  none: plainNumber,
};

/** The literal that nft lists for a value of this type. */
export function literalOf(value: TypedNumber, options: OutputOptions, span: Span): Literal {
  return writers[value.type.literal](value, options, span);
}

/** Options for the ends of ranges, which text lists as numbers. */
export function inRange(options: LiftOptions): LiftOptions {
  if (options.format === 'json') return { ...options, service: false, numericProtocol: true };
  return { ...options, numeric: true, service: false, guid: false };
}
