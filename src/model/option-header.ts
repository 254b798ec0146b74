// Headers that are found by walking: IPv6 extension headers, TCP and IPv4 options, SCTP chunks, DCCP options. The kernel
// searches for `type` and loads at an offset within what it found. Offsets and lengths are in bits; big-endian.

import type { Datatype } from './datatype.ts';
import * as types from './datatype.ts';
import type { HeaderField } from './protocol.ts';

export type OptionSpace = 'ipv6' | 'tcpopt' | 'ipv4' | 'sctp' | 'dccp';

export interface OptionHeader {
  readonly space: OptionSpace;
  /** As nft prints it. */
  readonly name: string;
  /** IPv6 next header, TCP option kind, IPv4 option type, SCTP chunk type. */
  readonly type: number;
  readonly fields: ReadonlyMap<string, HeaderField>;
  /** Fields `name[i]`, i from 1 to 2 (nft knows no more): the first one; the other follows directly. */
  readonly array?: { readonly name: string; readonly field: HeaderField };
}

type FieldRow = readonly [name: string, offset: number, length: number, type?: Datatype];

function fields(...rows: readonly FieldRow[]): ReadonlyMap<string, HeaderField> {
  return new Map(
    rows.map(([name, offset, length, type = types.integerType]) => [name, { name, offset, length, type }]),
  );
}

function header(space: OptionSpace, name: string, type: number, ...rows: readonly FieldRow[]): OptionHeader {
  return { space, name, type, fields: fields(...rows) };
}

const addresses = (name: string): NonNullable<OptionHeader['array']> => ({
  name,
  field: { name, offset: 64, length: 128, type: types.ipv6AddressType },
});

const nextHeader: FieldRow = ['nexthdr', 0, 8, types.inetProtocolType];
const headerLength: FieldRow = ['hdrlength', 8, 8];

/** `rt0`, `rt2` and `srh` are forms of the routing header: the kernel looks for type 43 only. */
const ipv6Headers: readonly OptionHeader[] = [
  header('ipv6', 'hbh', 0, nextHeader, headerLength),
  header('ipv6', 'rt', 43, nextHeader, headerLength, ['type', 16, 8], ['seg-left', 24, 8]),
  { ...header('ipv6', 'rt0', 43), array: addresses('addr') },
  header('ipv6', 'rt2', 43, ['addr', 64, 128, types.ipv6AddressType]),
  {
    ...header('ipv6', 'srh', 43, ['last-entry', 32, 8], ['flags', 40, 8], ['tag', 48, 16]),
    array: addresses('sid'),
  },
  header(
    'ipv6',
    'frag',
    44,
    nextHeader,
    ['reserved', 8, 8],
    ['frag-off', 16, 13],
    ['reserved2', 29, 2],
    ['more-fragments', 31, 1],
    ['id', 32, 32],
  ),
  header('ipv6', 'dst', 60, nextHeader, headerLength),
  header(
    'ipv6',
    'mh',
    135,
    nextHeader,
    headerLength,
    ['type', 16, 8, types.mobilityHeaderTypeType],
    ['reserved', 24, 8],
    ['checksum', 32, 16],
  ),
];

const kind: FieldRow = ['kind', 0, 8];
const optionLength: FieldRow = ['length', 8, 8];

/** `sack1` … `sack3` are the second to fourth block of the sack option. */
function sack(name: string, block: number): OptionHeader {
  const left = 16 + 64 * block;
  return header('tcpopt', name, 5, kind, optionLength, ['left', left, 32], ['right', left + 32, 32]);
}

const tcpOptions: readonly OptionHeader[] = [
  header('tcpopt', 'eol', 0, kind),
  header('tcpopt', 'nop', 1, kind),
  header('tcpopt', 'maxseg', 2, kind, optionLength, ['size', 16, 16]),
  header('tcpopt', 'window', 3, kind, optionLength, ['count', 16, 8]),
  header('tcpopt', 'sack-perm', 4, kind, optionLength),
  sack('sack', 0),
  sack('sack0', 0),
  sack('sack1', 1),
  sack('sack2', 2),
  sack('sack3', 3),
  // 8, not the 6 of RFC 1072: nft 1.1.7 takes `echo` for the timestamp option's kind.
  header('tcpopt', 'echo', 8, kind, optionLength),
  header('tcpopt', 'timestamp', 8, kind, optionLength, ['tsval', 16, 32], ['tsecr', 48, 32]),
  header('tcpopt', 'md5sig', 19, kind, optionLength),
  header('tcpopt', 'mptcp', 30, kind, optionLength, ['subtype', 16, 4, types.mptcpSubtypeType]),
  header('tcpopt', 'fastopen', 34, kind, optionLength),
];

/** A TCP option given by number: only its presence and length have names. */
export function numberedTcpOption(number: number): OptionHeader {
  return header('tcpopt', String(number), number, kind, optionLength);
}

/** Spellings of TCP options that nft reads beside the ones it prints. */
export const tcpOptionAliases: ReadonlyMap<string, string> = new Map([
  ['mss', 'maxseg'],
  ['noop', 'nop'],
  ['sack-permitted', 'sack-perm'],
]);

const type: FieldRow = ['type', 0, 8];
const pointer: FieldRow = ['ptr', 16, 8];
const address: FieldRow = ['addr', 24, 32, types.ipv4AddressType];

const ipv4Options: readonly OptionHeader[] = [
  header('ipv4', 'rr', 7, type, optionLength, pointer, address),
  header('ipv4', 'lsrr', 131, type, optionLength, pointer, address),
  header('ipv4', 'ssrr', 137, type, optionLength, pointer, address),
  header('ipv4', 'ra', 148, type, optionLength, ['value', 16, 16]),
];

function chunk(name: string, number: number, ...rows: readonly FieldRow[]): OptionHeader {
  return header('sctp', name, number, type, ['flags', 8, 8], ['length', 16, 16], ...rows);
}

const initFields: readonly FieldRow[] = [
  ['init-tag', 32, 32],
  ['a-rwnd', 64, 32],
  ['num-outbound-streams', 96, 16],
  ['num-inbound-streams', 112, 16],
  ['initial-tsn', 128, 32],
];

const sctpChunks: readonly OptionHeader[] = [
  chunk('data', 0, ['tsn', 32, 32], ['stream', 64, 16], ['ssn', 80, 16], ['ppid', 96, 32]),
  chunk('init', 1, ...initFields),
  chunk('init-ack', 2, ...initFields),
  chunk(
    'sack',
    3,
    ['cum-tsn-ack', 32, 32],
    ['a-rwnd', 64, 32],
    ['num-gap-ack-blocks', 96, 16],
    ['num-dup-tsns', 112, 16],
  ),
  chunk('heartbeat', 4),
  chunk('heartbeat-ack', 5),
  chunk('abort', 6),
  chunk('shutdown', 7, ['cum-tsn-ack', 32, 32]),
  chunk('shutdown-ack', 8),
  chunk('error', 9),
  chunk('cookie-echo', 10),
  chunk('cookie-ack', 11),
  chunk('ecne', 12, ['lowest-tsn', 32, 32]),
  chunk('cwr', 13, ['lowest-tsn', 32, 32]),
  chunk('shutdown-complete', 14),
  chunk('asconf-ack', 128, ['seqno', 32, 32]),
  chunk('forward-tsn', 192, ['new-cum-tsn', 32, 32]),
  chunk('asconf', 193, ['seqno', 32, 32]),
];

/** A DCCP option is written as a number and tested for presence only. */
export function dccpOption(number: number): OptionHeader {
  return header('dccp', String(number), number, type);
}

function byName(list: readonly OptionHeader[]): ReadonlyMap<string, OptionHeader> {
  return new Map(list.map(option => [option.name, option]));
}

/** Those that have names, by space and name. */
export const optionHeaders: Readonly<
  Record<Exclude<OptionSpace, 'dccp'>, ReadonlyMap<string, OptionHeader>>
> = {
  ipv6: byName(ipv6Headers),
  tcpopt: byName(tcpOptions),
  ipv4: byName(ipv4Options),
  sctp: byName(sctpChunks),
};

/** The field `name[index]` of an array of addresses; `index` is 1 or 2. */
export function arrayField(of: OptionHeader, index: number): HeaderField | undefined {
  if (of.array === undefined || (index !== 1 && index !== 2)) return undefined;
  const { name, field } = of.array;
  return { ...field, name: `${name}[${index}]`, offset: field.offset + (index - 1) * field.length };
}
