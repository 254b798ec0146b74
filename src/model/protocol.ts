// Protocol headers: their fields, and which value of which field says what comes next. Offsets and lengths are in bits,
// counted as on the wire (bit 0 is the most significant of byte 0); all fields are big-endian.

import type { Datatype } from './datatype.ts';
import * as types from './datatype.ts';

/** Where a header starts. `inner`: payload of the transport header (tunnel headers stand there). */
export type HeaderBase = 'link' | 'network' | 'transport' | 'inner';

/** Fields of ICMP that exist in messages of some types only; each asks for a test of the type. */
export type IcmpMessage =
  | 'icmp_echo'
  | 'icmp_mtu'
  | 'icmp_redirect'
  | 'icmpv6_mtu'
  | 'icmpv6_parameter_problem'
  | 'icmpv6_echo'
  | 'icmpv6_listener_query'
  | 'icmpv6_target_address'
  | 'icmpv6_redirect';

/**
 * A rule that has no test of the message type yet gets one for `implied`: a comparison with one value, a look-up in an
 * anonymous set of several, in this order. A type tested before must be one of `accepts`, else the rule is refused.
 */
export interface IcmpMessageFacts {
  readonly implied: readonly number[];
  readonly accepts: readonly number[];
}

export const icmpMessages: Readonly<Record<IcmpMessage, IcmpMessageFacts>> = {
  icmp_echo: { implied: [8, 0], accepts: [8, 0] },
  icmp_mtu: { implied: [3], accepts: [3] },
  icmp_redirect: { implied: [5], accepts: [5] },
  icmpv6_mtu: { implied: [2], accepts: [2] },
  icmpv6_parameter_problem: { implied: [4], accepts: [4] },
  icmpv6_echo: { implied: [128, 129], accepts: [128, 129] },
  icmpv6_listener_query: { implied: [130], accepts: [130] },
  icmpv6_target_address: {
    implied: [130, 131, 132, 135, 136, 137],
    accepts: [130, 131, 132, 135, 136, 137],
  },
  icmpv6_redirect: { implied: [137], accepts: [137] },
};

export interface HeaderField {
  /** As nft reads it; `saddr ip` and the like are two words. It prints `param-problem` as `parameter-problem`. */
  readonly name: string;
  readonly offset: number;
  readonly length: number;
  readonly type: Datatype;
  /** Set on fields that only messages of some types have. */
  readonly message?: IcmpMessage;
}

/** What a write to a header must keep right (NFT_PAYLOAD_CSUM_*). */
export interface ChecksumFacts {
  readonly type: 'inet' | 'sctp';
  /** Name of the field. */
  readonly field: string;
}

export interface Protocol {
  readonly name: string;
  readonly base: HeaderBase;
  readonly fields: ReadonlyMap<string, HeaderField>;
  /** Field that names the next protocol. A `meta …` key stands for a header that the family does not have. */
  readonly next?: string;
  /** In order of preference: the first entry for a protocol is the number that an implicit test uses. */
  readonly upper: readonly (readonly [number: number, protocol: string])[];
  /** Length in bits, of link layer headers: a stacked header begins where the one below ends. */
  readonly length?: number;
  readonly checksum?: ChecksumFacts;
  /** Fields that are part of the transport checksum's pseudo header. */
  readonly pseudoHeader?: readonly string[];
  readonly tunnel?: TunnelFacts;
}

/** Facts of the `inner` expression: NFT_INNER_* type and flags, and the tunnel header's length in bytes. */
export interface TunnelFacts {
  readonly type: number;
  readonly headerLength: number;
  /** HDRSIZE 1, LL 2, NH 4, TH 8. */
  readonly flags: number;
}

type FieldRow = readonly [
  name: string,
  offset: number,
  length: number,
  type?: Datatype,
  message?: IcmpMessage,
];

function fields(...rows: readonly FieldRow[]): ReadonlyMap<string, HeaderField> {
  return new Map(
    rows.map(([name, offset, length, type = types.integerType, message]) => [
      name,
      message === undefined ? { name, offset, length, type } : { name, offset, length, type, message },
    ]),
  );
}

/** IPPROTO_* of the protocols that nft knows headers of. */
export const ipProtocolNumbers = {
  icmp: 1,
  igmp: 2,
  tcp: 6,
  udp: 17,
  dccp: 33,
  gre: 47,
  gretap: 47,
  esp: 50,
  ah: 51,
  icmpv6: 58,
  comp: 108,
  sctp: 132,
  udplite: 136,
} as const;

function transports(
  ...names: readonly (keyof typeof ipProtocolNumbers)[]
): readonly (readonly [number, string])[] {
  return names.map(name => [ipProtocolNumbers[name], name]);
}

const commonTransports = ['esp', 'ah', 'comp', 'udp', 'udplite', 'tcp', 'dccp', 'sctp'] as const;

const networkProtocols: readonly (readonly [number, string])[] = [
  [0x0800, 'ip'],
  [0x0806, 'arp'],
  [0x86dd, 'ip6'],
  [0x8100, 'vlan'],
];
const linkProtocols: readonly (readonly [number, string])[] = [...networkProtocols, [0x88a8, 'vlan']];

const ports: readonly FieldRow[] = [
  ['sport', 0, 16, types.inetServiceType],
  ['dport', 16, 16, types.inetServiceType],
];

const list: readonly Protocol[] = [
  {
    name: 'ether',
    base: 'link',
    length: 112,
    next: 'type',
    upper: linkProtocols,
    fields: fields(
      ['daddr', 0, 48, types.etherAddressType],
      ['saddr', 48, 48, types.etherAddressType],
      ['type', 96, 16, types.etherTypeType],
    ),
  },
  {
    name: 'vlan',
    base: 'link',
    length: 32,
    next: 'type',
    upper: linkProtocols,
    fields: fields(
      ['pcp', 0, 3],
      ['dei', 3, 1],
      ['cfi', 3, 1],
      ['id', 4, 12],
      ['type', 16, 16, types.etherTypeType],
    ),
  },
  {
    name: 'arp',
    base: 'network',
    upper: [],
    fields: fields(
      ['htype', 0, 16],
      ['ptype', 16, 16, types.etherTypeType],
      ['hlen', 32, 8],
      ['plen', 40, 8],
      ['operation', 48, 16, types.arpOperationType],
      ['saddr ether', 64, 48, types.etherAddressType],
      ['saddr ip', 112, 32, types.ipv4AddressType],
      ['daddr ether', 144, 48, types.etherAddressType],
      ['daddr ip', 192, 32, types.ipv4AddressType],
    ),
  },
  {
    name: 'ip',
    base: 'network',
    next: 'protocol',
    upper: transports('icmp', 'igmp', 'icmpv6', ...commonTransports, 'gre', 'gretap'),
    checksum: { type: 'inet', field: 'checksum' },
    pseudoHeader: ['saddr', 'daddr', 'protocol', 'length'],
    fields: fields(
      ['version', 0, 4],
      ['hdrlength', 4, 4],
      ['dscp', 8, 6, types.dscpType],
      ['ecn', 14, 2, types.ecnType],
      ['length', 16, 16],
      ['id', 32, 16],
      ['frag-off', 48, 16],
      ['ttl', 64, 8],
      ['protocol', 72, 8, types.inetProtocolType],
      ['checksum', 80, 16],
      ['saddr', 96, 32, types.ipv4AddressType],
      ['daddr', 128, 32, types.ipv4AddressType],
    ),
  },
  {
    name: 'ip6',
    base: 'network',
    next: 'nexthdr',
    upper: transports(...commonTransports, 'icmp', 'igmp', 'icmpv6', 'gre', 'gretap'),
    pseudoHeader: ['saddr', 'daddr', 'nexthdr', 'length'],
    fields: fields(
      ['version', 0, 4],
      ['dscp', 4, 6, types.dscpType],
      ['ecn', 10, 2, types.ecnType],
      ['flowlabel', 12, 20],
      ['length', 32, 16],
      ['nexthdr', 48, 8, types.inetProtocolType],
      ['hoplimit', 56, 8],
      ['saddr', 64, 128, types.ipv6AddressType],
      ['daddr', 192, 128, types.ipv6AddressType],
    ),
  },
  {
    name: 'icmp',
    base: 'transport',
    upper: [],
    checksum: { type: 'inet', field: 'checksum' },
    fields: fields(
      ['type', 0, 8, types.icmpTypeType],
      ['code', 8, 8, types.icmpCodeType],
      ['checksum', 16, 16],
      ['id', 32, 16, types.integerType, 'icmp_echo'],
      ['sequence', 48, 16, types.integerType, 'icmp_echo'],
      ['gateway', 32, 32, types.integerType, 'icmp_redirect'],
      ['mtu', 48, 16, types.integerType, 'icmp_mtu'],
    ),
  },
  {
    name: 'icmpv6',
    base: 'transport',
    upper: [],
    checksum: { type: 'inet', field: 'checksum' },
    fields: fields(
      ['type', 0, 8, types.icmpv6TypeType],
      ['code', 8, 8, types.icmpv6CodeType],
      ['checksum', 16, 16],
      ['param-problem', 32, 32, types.integerType, 'icmpv6_parameter_problem'],
      ['mtu', 32, 32, types.integerType, 'icmpv6_mtu'],
      ['id', 32, 16, types.integerType, 'icmpv6_echo'],
      ['sequence', 48, 16, types.integerType, 'icmpv6_echo'],
      ['max-delay', 32, 16, types.integerType, 'icmpv6_listener_query'],
      ['taddr', 64, 128, types.ipv6AddressType, 'icmpv6_target_address'],
      ['daddr', 192, 128, types.ipv6AddressType, 'icmpv6_redirect'],
    ),
  },
  {
    name: 'igmp',
    base: 'transport',
    upper: [],
    checksum: { type: 'inet', field: 'checksum' },
    fields: fields(
      ['type', 0, 8, types.igmpTypeType],
      ['mrt', 8, 8],
      ['checksum', 16, 16],
      ['group', 32, 32],
    ),
  },
  {
    name: 'ah',
    base: 'transport',
    next: 'nexthdr',
    upper: transports(...commonTransports),
    fields: fields(
      ['nexthdr', 0, 8, types.inetProtocolType],
      ['hdrlength', 8, 8],
      ['reserved', 16, 16],
      ['spi', 32, 32],
      ['sequence', 64, 32],
    ),
  },
  { name: 'esp', base: 'transport', upper: [], fields: fields(['spi', 0, 32], ['sequence', 32, 32]) },
  {
    name: 'comp',
    base: 'transport',
    next: 'nexthdr',
    upper: transports(...commonTransports),
    fields: fields(
      ['nexthdr', 0, 8, types.inetProtocolType],
      ['flags', 8, 8, types.bitmaskType],
      ['cpi', 16, 16],
    ),
  },
  {
    name: 'udp',
    base: 'transport',
    upper: [
      [0, 'vxlan'],
      [0, 'geneve'],
    ],
    fields: fields(...ports, ['length', 32, 16], ['checksum', 48, 16]),
  },
  {
    name: 'udplite',
    base: 'transport',
    upper: [],
    fields: fields(...ports, ['csumcov', 32, 16], ['checksum', 48, 16]),
  },
  {
    name: 'tcp',
    base: 'transport',
    upper: [],
    checksum: { type: 'inet', field: 'checksum' },
    fields: fields(
      ...ports,
      ['sequence', 32, 32],
      ['ackseq', 64, 32],
      ['doff', 96, 4],
      ['reserved', 100, 4],
      ['flags', 104, 8, types.tcpFlagType],
      ['window', 112, 16],
      ['checksum', 128, 16],
      ['urgptr', 144, 16],
    ),
  },
  {
    name: 'dccp',
    base: 'transport',
    upper: [],
    fields: fields(...ports, ['type', 67, 4, types.dccpPacketTypeType]),
  },
  {
    name: 'sctp',
    base: 'transport',
    upper: [],
    checksum: { type: 'sctp', field: 'checksum' },
    fields: fields(...ports, ['vtag', 32, 32], ['checksum', 64, 32]),
  },
  { name: 'th', base: 'transport', upper: [], fields: fields(...ports) },
  {
    name: 'gre',
    base: 'transport',
    upper: [],
    next: 'meta l4proto',
    tunnel: { type: 3, headerLength: 4, flags: 4 | 8 },
    fields: fields(['flags', 0, 5], ['version', 13, 3], ['protocol', 16, 16, types.etherTypeType]),
  },
  {
    name: 'gretap',
    base: 'transport',
    upper: [],
    next: 'meta l4proto',
    tunnel: { type: 4, headerLength: 4, flags: 2 | 4 | 8 },
    fields: fields(),
  },
  {
    name: 'vxlan',
    base: 'inner',
    upper: networkProtocols,
    tunnel: { type: 1, headerLength: 8, flags: 1 | 2 | 4 | 8 },
    fields: fields(['flags', 0, 8, types.bitmaskType], ['vni', 32, 24]),
  },
  {
    name: 'geneve',
    base: 'inner',
    upper: networkProtocols,
    tunnel: { type: 2, headerLength: 8, flags: 1 | 2 | 4 | 8 },
    fields: fields(['type', 16, 16, types.etherTypeType], ['vni', 32, 24]),
  },
  // What stands below the first header of a family, where no header tells the protocol but a meta key does.
  {
    name: 'inet',
    base: 'link',
    next: 'meta nfproto',
    upper: [
      [2, 'ip'],
      [10, 'ip6'],
    ],
    fields: fields(),
  },
  { name: 'netdev', base: 'link', next: 'meta protocol', upper: linkProtocols, fields: fields() },
  {
    name: 'inet-service',
    base: 'network',
    next: 'meta l4proto',
    upper: transports(...commonTransports, 'icmp', 'igmp', 'icmpv6', 'gre', 'gretap'),
    fields: fields(),
  },
];

/** By name. `inet`, `netdev` and `inet-service` are stand-ins without fields. */
export const protocols: ReadonlyMap<string, Protocol> = new Map(
  list.map(protocol => [protocol.name, protocol]),
);

/** The number that says "`upper` follows" in `lower`, or `undefined`. */
export function protocolLink(lower: Protocol, upper: string): number | undefined {
  return lower.upper.find(([, name]) => name === upper)?.[0];
}

/** The protocol that a number announces, or `undefined`. */
export function upperProtocol(lower: Protocol, number: number): Protocol | undefined {
  const name = lower.upper.find(([value]) => value === number)?.[1];
  return name === undefined ? undefined : protocols.get(name);
}
