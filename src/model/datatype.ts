// nft's datatypes: what a value is, how wide, in which byte order it stands in registers, which names it has and how
// a literal of it is read. These are facts; what they do to an expression is decided in ast/type.

import type { SymbolTable } from './symbols.ts';
import * as symbols from './symbols.ts';

/**
 * Byte order of a value of this type in registers. `none`: the type does not say, the expression that is compared
 * with does (`icmp type`'s field is big-endian, `meta l4proto` a single byte, …).
 */
export type ByteOrder = 'network' | 'host' | 'none';

/**
 * How a literal that is none of the symbols is read. Where names belong to a machine (interfaces, users, groups,
 * iproute2 tables, connlabel.conf, cgroups) they are looked up in what the caller gave, first.
 *
 * - `number`: C syntax (decimal, 0x, leading 0 octal).
 * - `boolean`: as `number`; anything but 0 is 1.
 * - `string`: the text, then a zero byte.
 * - `ipv4`, `ipv6`, `link_layer_address`: addresses (a host name, where nft would ask the resolver).
 * - `protocol`, `service`: a number within range, else a name of /etc/protocols, /etc/services.
 * - `mark`, `realm`, `device_group`: a name of iproute2's rt_marks, rt_realms, group, else `number`.
 * - `interface_index`: an interface's name, else decimal.
 * - `user`, `group`: a name, else decimal (group: `number`).
 * - `label`: a name of connlabel.conf, else a bit number below 128; the value is that bit.
 * - `classid`: `root`, `none`, hexadecimal `major:minor`, else `number`.
 * - `duration`: `1d2h3m4s5ms`, or seconds; the value is in milliseconds.
 * - `date`: `YYYY-MM-DD[ HH:MM[:SS]]` in local time, or seconds since 1970; the value is in nanoseconds.
 * - `hour`: `HH:MM[:SS]` in local time, or seconds; the value is in seconds since midnight UTC.
 * - `cgroup`: a path below the cgroup root; the value is its inode number.
 * - `verdict`, `none`: no literal form.
 */
export type LiteralSyntax =
  | 'number'
  | 'boolean'
  | 'string'
  | 'ipv4'
  | 'ipv6'
  | 'link_layer_address'
  | 'protocol'
  | 'service'
  | 'mark'
  | 'realm'
  | 'device_group'
  | 'interface_index'
  | 'user'
  | 'group'
  | 'label'
  | 'classid'
  | 'duration'
  | 'date'
  | 'hour'
  | 'cgroup'
  | 'verdict'
  | 'none';

/** What may be done with values: a bitmask has `flag,flag` and implicit "any of" matching, a string wildcards. */
export type DatatypeClass = 'integer' | 'bitmask' | 'string' | 'verdict' | 'invalid';

export interface Datatype {
  readonly name: string;
  readonly description: string;
  /** Width in bits; 0: that of the expression it stands with. */
  readonly bits: number;
  readonly order: ByteOrder;
  /** Type whose literals and operations it shares; `undefined` at the root of the tree. */
  readonly base?: Datatype;
  readonly class: DatatypeClass;
  readonly symbols?: SymbolTable;
  readonly literal: LiteralSyntax;
}

type Facts = Partial<Pick<Datatype, 'order' | 'symbols' | 'literal'>>;

function root(name: string, description: string, of: DatatypeClass, literal: LiteralSyntax): Datatype {
  return { name, description, bits: 0, order: of === 'string' ? 'host' : 'none', class: of, literal };
}

function derive(
  base: Datatype,
  name: string,
  description: string,
  bits: number,
  facts: Facts = {},
): Datatype {
  return { name, description, bits, base, class: base.class, order: 'none', literal: base.literal, ...facts };
}

export const invalidType: Datatype = root('invalid', 'invalid', 'invalid', 'none');
export const verdictType: Datatype = root('verdict', 'netfilter verdict', 'verdict', 'verdict');
export const integerType: Datatype = root('integer', 'integer', 'integer', 'number');
export const stringType: Datatype = root('string', 'string', 'string', 'string');
export const bitmaskType: Datatype = {
  ...derive(integerType, 'bitmask', 'bitmask', 0),
  class: 'bitmask',
};

const network = (symbolTable?: SymbolTable): Facts =>
  symbolTable === undefined ? { order: 'network' } : { order: 'network', symbols: symbolTable };
const host = (symbolTable?: SymbolTable): Facts =>
  symbolTable === undefined ? { order: 'host' } : { order: 'host', symbols: symbolTable };

export const linkLayerAddressType: Datatype = derive(integerType, 'll_addr', 'link layer address', 0, {
  order: 'network',
  literal: 'link_layer_address',
});
export const ipv4AddressType: Datatype = derive(integerType, 'ipv4_addr', 'IPv4 address', 32, {
  order: 'network',
  literal: 'ipv4',
});
export const ipv6AddressType: Datatype = derive(integerType, 'ipv6_addr', 'IPv6 address', 128, {
  order: 'network',
  literal: 'ipv6',
});
export const etherAddressType: Datatype = derive(
  linkLayerAddressType,
  'ether_addr',
  'Ethernet address',
  48,
  network(),
);
export const netfilterProtocolType: Datatype = derive(integerType, 'nf_proto', 'netfilter protocol', 8, {
  symbols: symbols.netfilterProtocolSymbols,
});
export const etherTypeType: Datatype = derive(
  integerType,
  'ether_type',
  'Ethernet protocol',
  16,
  network(symbols.etherTypeSymbols),
);
export const arpOperationType: Datatype = derive(
  integerType,
  'arp_op',
  'ARP operation',
  16,
  network(symbols.arpOperationSymbols),
);
export const inetProtocolType: Datatype = derive(integerType, 'inet_proto', 'Internet protocol', 8, {
  literal: 'protocol',
});
export const inetServiceType: Datatype = derive(integerType, 'inet_service', 'internet network service', 16, {
  order: 'network',
  literal: 'service',
});
export const icmpTypeType: Datatype = derive(
  integerType,
  'icmp_type',
  'ICMP type',
  8,
  network(symbols.icmpTypeSymbols),
);
export const icmpCodeType: Datatype = derive(
  integerType,
  'icmp_code',
  'icmp code',
  8,
  network(symbols.icmpCodeSymbols),
);
export const icmpv6TypeType: Datatype = derive(
  integerType,
  'icmpv6_type',
  'ICMPv6 type',
  8,
  network(symbols.icmpv6TypeSymbols),
);
export const icmpv6CodeType: Datatype = derive(
  integerType,
  'icmpv6_code',
  'icmpv6 code',
  8,
  network(symbols.icmpv6CodeSymbols),
);
export const icmpxCodeType: Datatype = derive(
  integerType,
  'icmpx_code',
  'icmpx code',
  8,
  network(symbols.icmpxCodeSymbols),
);
export const igmpTypeType: Datatype = derive(
  integerType,
  'igmp_type',
  'IGMP type',
  8,
  network(symbols.igmpTypeSymbols),
);
export const tcpFlagType: Datatype = derive(
  bitmaskType,
  'tcp_flag',
  'TCP flag',
  8,
  network(symbols.tcpFlagSymbols),
);
export const dccpPacketTypeType: Datatype = derive(integerType, 'dccp_pkttype', 'DCCP packet type', 4, {
  symbols: symbols.dccpPacketTypeSymbols,
});
export const mobilityHeaderTypeType: Datatype = derive(
  integerType,
  'mh_type',
  'Mobility Header Type',
  8,
  network(symbols.mobilityHeaderTypeSymbols),
);
/** Of `tcp option mptcp subtype` only; prints as `integer`. */
export const mptcpSubtypeType: Datatype = derive(integerType, 'integer', 'mptcp option subtype', 4, {
  symbols: symbols.mptcpSubtypeSymbols,
});
export const dscpType: Datatype = derive(
  integerType,
  'dscp',
  'Differentiated Services Code Point',
  6,
  network(symbols.dscpSymbols),
);
export const ecnType: Datatype = derive(
  integerType,
  'ecn',
  'Explicit Congestion Notification',
  2,
  network(symbols.ecnSymbols),
);
/** A duration (`ct expiration`); shares its name with dateType, but `type time` in a declaration means this one. */
export const durationType: Datatype = derive(integerType, 'time', 'relative time', 32, {
  order: 'host',
  literal: 'duration',
});
export const markType: Datatype = derive(integerType, 'mark', 'packet mark', 32, {
  order: 'host',
  literal: 'mark',
});
export const interfaceIndexType: Datatype = derive(
  integerType,
  'iface_index',
  'network interface index',
  32,
  { order: 'host', literal: 'interface_index' },
);
export const interfaceTypeType: Datatype = derive(
  integerType,
  'iface_type',
  'network interface type',
  16,
  host(symbols.interfaceTypeSymbols),
);
export const interfaceNameType: Datatype = derive(
  stringType,
  'ifname',
  'network interface name',
  128,
  host(),
);
export const realmType: Datatype = derive(integerType, 'realm', 'routing realm', 32, {
  order: 'host',
  literal: 'realm',
});
export const classidType: Datatype = derive(integerType, 'classid', 'TC classid', 32, {
  order: 'host',
  literal: 'classid',
});
export const userType: Datatype = derive(integerType, 'uid', 'user ID', 32, {
  order: 'host',
  literal: 'user',
});
export const groupType: Datatype = derive(integerType, 'gid', 'group ID', 32, {
  order: 'host',
  literal: 'group',
});
export const packetTypeType: Datatype = derive(
  integerType,
  'pkt_type',
  'packet type',
  8,
  host(symbols.packetTypeSymbols),
);
export const deviceGroupType: Datatype = derive(integerType, 'devgroup', 'devgroup name', 32, {
  order: 'host',
  literal: 'device_group',
});
export const dateType: Datatype = derive(integerType, 'time', 'Relative time of packet reception', 64, {
  order: 'host',
  literal: 'date',
});
export const hourType: Datatype = derive(integerType, 'hour', 'Hour of day of packet reception', 32, {
  order: 'host',
  literal: 'hour',
});
export const dayType: Datatype = derive(
  integerType,
  'day',
  'Day of week of packet reception',
  8,
  host(symbols.daySymbols),
);
export const cgroupType: Datatype = derive(integerType, 'cgroupsv2', 'cgroupsv2 path', 64, {
  order: 'host',
  literal: 'cgroup',
});
export const addressTypeType: Datatype = derive(
  integerType,
  'fib_addrtype',
  'fib address type',
  32,
  host(symbols.addressTypeSymbols),
);
export const booleanType: Datatype = derive(integerType, 'boolean', 'boolean type', 1, {
  order: 'host',
  symbols: symbols.booleanSymbols,
  literal: 'boolean',
});
export const conntrackStateType: Datatype = derive(
  bitmaskType,
  'ct_state',
  'conntrack state',
  32,
  host(symbols.conntrackStateSymbols),
);
export const conntrackDirectionType: Datatype = derive(integerType, 'ct_dir', 'conntrack direction', 8, {
  symbols: symbols.conntrackDirectionSymbols,
});
export const conntrackStatusType: Datatype = derive(
  bitmaskType,
  'ct_status',
  'conntrack status',
  32,
  host(symbols.conntrackStatusSymbols),
);
export const conntrackEventType: Datatype = derive(
  bitmaskType,
  'ct_event',
  'conntrack event bits',
  32,
  host(symbols.conntrackEventSymbols),
);
export const conntrackLabelType: Datatype = derive(bitmaskType, 'ct_label', 'conntrack label', 128, {
  order: 'host',
  literal: 'label',
});

/**
 * The types that a declaration may name (`type ipv4_addr . inet_service`), by name. Those of 0 bits are known by name
 * but have no width, so a set of them is refused.
 */
export const datatypes: ReadonlyMap<string, Datatype> = new Map(
  [
    invalidType,
    verdictType,
    netfilterProtocolType,
    bitmaskType,
    integerType,
    stringType,
    linkLayerAddressType,
    ipv4AddressType,
    ipv6AddressType,
    etherAddressType,
    etherTypeType,
    arpOperationType,
    inetProtocolType,
    inetServiceType,
    icmpTypeType,
    tcpFlagType,
    dccpPacketTypeType,
    mobilityHeaderTypeType,
    markType,
    interfaceIndexType,
    interfaceTypeType,
    realmType,
    classidType,
    userType,
    groupType,
    conntrackStateType,
    conntrackDirectionType,
    conntrackStatusType,
    icmpv6TypeType,
    conntrackLabelType,
    packetTypeType,
    icmpCodeType,
    icmpv6CodeType,
    icmpxCodeType,
    deviceGroupType,
    dscpType,
    ecnType,
    addressTypeType,
    booleanType,
    conntrackEventType,
    interfaceNameType,
    igmpTypeType,
    durationType,
    hourType,
    dayType,
    cgroupType,
  ].map(type => [type.name, type]),
);

/** nft has two types by the name of `time`, and a kind of `integer` with symbols. */
const ownNames: ReadonlyMap<Datatype, string> = new Map([
  [dateType, 'date'],
  [mptcpSubtypeType, 'mptcp_subtype'],
]);

/** A name that no other type has: nft's, but `date` for points in time and `mptcp_subtype`. */
export function uniqueName(type: Datatype): string {
  return ownNames.get(type) ?? type.name;
}

/** The type that `uniqueName` gives this name. */
export function datatypeByName(name: string): Datatype | undefined {
  for (const [type, own] of ownNames) if (own === name) return type;
  return datatypes.get(name);
}
