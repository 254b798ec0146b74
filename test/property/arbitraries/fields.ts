// What a drawn rule may test, with the values that packets have there. `needs` keeps the fields of one rule
// compatible: nft refuses `tcp dport 1 udp dport 2`.

import type { Family, Hook } from '../../../src/model/family.ts';
import { type Points, points } from './values.ts';

export type NetworkLayer = 'any' | 'ip' | 'ip6' | 'arp' | 'vlan';
export type TransportLayer = 'any' | 'tcp' | 'udp' | 'icmp' | 'icmpv6';

/** How a value is written, and what may be done with it. */
export type FieldKind = 'number' | 'flags' | 'state' | 'ipv4' | 'ipv6' | 'mac' | 'name';

export interface Field {
  readonly text: string;
  readonly kind: FieldKind;
  readonly bits: number;
  readonly points: Points;
  readonly network: NetworkLayer;
  readonly transport: TransportLayer;
  /** nft's datatype, for `type` in set declarations; absent: not used in named sets. */
  readonly type?: string;
  /** It decides a protocol itself, so no field that needs one may stand beside it. */
  readonly decides?: 'network' | 'transport';
  /** nf_tables takes all its values for one in a concatenation with ranges (fact 76). */
  readonly blurred?: boolean;
  /** It asks connection tracking. */
  readonly conntrack?: boolean;
  /** Where it may be asked; absent: everywhere. */
  readonly families?: readonly Family[];
  readonly hooks?: readonly Hook[];
  /** Values that are names instead of numbers. */
  readonly names?: readonly string[];
}

type Extra = Partial<Omit<Field, 'text' | 'bits' | 'points'>>;

function field(text: string, bits: number, list: Points, extra: Extra = {}): Field {
  return { text, bits, points: list, kind: 'number', network: 'any', transport: 'any', ...extra };
}

const link: readonly Field[] = [
  field('ether saddr', 48, points.mac, { kind: 'mac', type: 'ether_addr' }),
  field('ether daddr', 48, points.mac, { kind: 'mac', type: 'ether_addr' }),
  field('ether type', 16, points.etherType, { families: ['netdev'], type: 'ether_type', decides: 'network' }),
].map(one => ({ ...one, hooks: ['ingress', 'egress', 'prerouting', 'input'] }));

/** Not tied to Ethernet: nft adds no test of the device, and without a link header the load ends the rule. */
const rawLink: readonly Field[] = [
  field('@ll,0,16', 16, points.word),
  field('@ll,96,16', 16, points.etherType),
  field('@ll,112,16', 16, points.vlanId),
];

const vlan: readonly Field[] = [
  field('vlan id', 12, points.vlanId),
  field('vlan pcp', 3, points.small),
  field('vlan dei', 1, points.small),
  field('vlan type', 16, points.etherType),
].map(one => ({ ...one, network: 'vlan', families: ['netdev'] }));

const arp: readonly Field[] = [
  field('arp htype', 16, [1n, 0n, 6n]),
  field('arp ptype', 16, points.etherType),
  field('arp hlen', 8, [6n, 0n, 8n]),
  field('arp plen', 8, [4n, 0n, 16n]),
  field('arp operation', 16, [1n, 2n, 256n]),
  field('arp saddr ether', 48, points.mac, { kind: 'mac', type: 'ether_addr' }),
  field('arp saddr ip', 32, points.ipv4, { kind: 'ipv4', type: 'ipv4_addr' }),
  field('arp daddr ether', 48, points.mac, { kind: 'mac', type: 'ether_addr' }),
  field('arp daddr ip', 32, points.ipv4, { kind: 'ipv4', type: 'ipv4_addr' }),
].map(one => ({ ...one, network: 'arp', families: ['netdev'] }));

const ip: readonly Field[] = [
  field('ip saddr', 32, points.ipv4, { kind: 'ipv4', type: 'ipv4_addr' }),
  field('ip daddr', 32, points.ipv4, { kind: 'ipv4', type: 'ipv4_addr' }),
  field('ip protocol', 8, points.protocol, { type: 'inet_proto', decides: 'transport' }),
  field('ip version', 4, [4n, 0n, 6n]),
  field('ip hdrlength', 4, [5n, 6n, 0n, 15n]),
  field('ip dscp', 6, [0n, 46n, 63n]),
  field('ip ecn', 2, points.small),
  field('ip length', 16, points.length),
  field('ip id', 16, points.word),
  field('ip frag-off', 16, points.fragment),
  field('ip ttl', 8, points.ttl),
  field('ip checksum', 16, points.word),
  field('@nh,64,8', 8, points.ttl),
  field('@nh,96,24', 24, [0x0a0000n, 0xc0a801n, 0xac1005n]),
].map(one => ({ ...one, network: 'ip', families: ['ip', 'inet', 'netdev'] }));

const ip6: readonly Field[] = [
  field('ip6 saddr', 128, points.ipv6, { kind: 'ipv6', type: 'ipv6_addr' }),
  field('ip6 daddr', 128, points.ipv6, { kind: 'ipv6', type: 'ipv6_addr' }),
  field('ip6 version', 4, [6n, 0n, 4n]),
  field('ip6 dscp', 6, [0n, 46n, 63n, 1n], { blurred: true }),
  field('ip6 ecn', 2, points.small),
  field('ip6 flowlabel', 20, [0n, 1n, 0x12345n, 0xfffffn]),
  field('ip6 length', 16, points.length),
  field('ip6 nexthdr', 8, points.protocol, { type: 'inet_proto', decides: 'transport' }),
  field('ip6 hoplimit', 8, points.ttl),
].map(one => ({ ...one, network: 'ip6', families: ['ip6', 'inet', 'netdev'] }));

const tcp: readonly Field[] = [
  field('tcp sport', 16, points.port, { type: 'inet_service' }),
  field('tcp dport', 16, points.port, { type: 'inet_service' }),
  field('tcp sequence', 32, points.double),
  field('tcp ackseq', 32, points.double),
  field('tcp doff', 4, [5n, 6n, 0n, 15n]),
  field('tcp flags', 8, points.tcpFlags, { kind: 'flags' }),
  field('tcp window', 16, points.word),
  field('tcp checksum', 16, points.word),
  field('tcp urgptr', 16, points.word),
].map(one => ({ ...one, transport: 'tcp' }));

const udp: readonly Field[] = [
  field('udp sport', 16, points.port, { type: 'inet_service' }),
  field('udp dport', 16, points.port, { type: 'inet_service' }),
  field('udp length', 16, points.length),
  field('udp checksum', 16, points.word),
].map(one => ({ ...one, transport: 'udp' }));

const icmp: readonly Field[] = [
  field('icmp type', 8, points.icmpType, { type: 'icmp_type' }),
  field('icmp code', 8, points.small),
  field('icmp checksum', 16, points.word),
].map(one => ({ ...one, network: 'ip', transport: 'icmp', families: ['ip', 'inet', 'netdev'] }));

const icmpv6: readonly Field[] = [
  field('icmpv6 type', 8, points.icmpv6Type, { type: 'icmpv6_type' }),
  field('icmpv6 code', 8, points.small),
  field('icmpv6 checksum', 16, points.word),
].map(one => ({ ...one, network: 'ip6', transport: 'icmpv6', families: ['ip6', 'inet', 'netdev'] }));

const transport: readonly Field[] = [
  field('th sport', 16, points.port, { type: 'inet_service' }),
  field('th dport', 16, points.port, { type: 'inet_service' }),
  field('@th,0,16', 16, points.port),
  field('@th,16,16', 16, points.port),
  field('@th,8,16', 16, points.port),
  field('@th,32,64', 64, [0n, 1n, 0x1234n]),
  field('@th,104,8', 8, points.tcpFlags),
];

const meta: readonly Field[] = [
  field('meta length', 32, points.length),
  field('meta protocol', 16, points.etherType, {
    families: ['netdev', 'inet'],
    type: 'ether_type',
    decides: 'network',
  }),
  field('meta l4proto', 8, points.protocol, { type: 'inet_proto', decides: 'transport' }),
  field('meta mark', 32, points.small, { type: 'mark' }),
  field('meta pkttype', 8, points.small, {
    kind: 'name',
    names: ['host', 'broadcast', 'multicast', 'other'],
  }),
  field('iifname', 128, points.small, { kind: 'name', names: ['in0', 'out0', 'in1', '"in*"', '"i*"', 'lo'] }),
  field('oifname', 128, points.small, { kind: 'name', names: ['out0', 'in0', '"out*"', 'lo'] }),
  field('iif', 32, points.small, { kind: 'name', names: ['in0', 'out0', 'lo'] }),
  field('iiftype', 16, points.small, { kind: 'name', names: ['ether', 'ether'] }),
  field('iifgroup', 32, points.small),
];

const conntrack: readonly Field[] = [
  field('ct state', 32, points.small, { kind: 'state' }),
  field('ct status', 32, points.small, { kind: 'state' }),
  field('ct mark', 32, points.small),
  field('ct direction', 8, points.small, { kind: 'name', names: ['original', 'reply'] }),
  field('ct l3proto', 8, points.small, {
    kind: 'name',
    names: ['ipv4', 'ipv6'],
    families: ['inet'],
    decides: 'network',
  }),
  field('ct protocol', 8, points.protocol, { decides: 'transport' }),
].map(one => ({ families: ['ip', 'ip6', 'inet'], ...one, conntrack: true }));

const inetOnly: readonly Field[] = [
  field('meta nfproto', 8, points.small, {
    kind: 'name',
    names: ['ipv4', 'ipv6'],
    families: ['inet'],
    decides: 'network',
  }),
];

export const fields: readonly Field[] = [
  ...link,
  ...rawLink,
  ...vlan,
  ...arp,
  ...ip,
  ...ip6,
  ...tcp,
  ...udp,
  ...icmp,
  ...icmpv6,
  ...transport,
  ...meta,
  ...inetOnly,
  ...conntrack,
];

export interface Profile {
  readonly family: Family;
  readonly hook: Hook;
  readonly network: NetworkLayer;
  readonly transport: TransportLayer;
  readonly conntrack: boolean;
}

function isCompatible(
  { decides, conntrack: asks }: Field,
  { network, transport, conntrack }: Profile,
): boolean {
  if (asks && !conntrack) return false;
  if (decides === 'network') return network === 'any' && transport === 'any';
  return decides !== 'transport' || transport === 'any';
}

/** Fields that one rule of this profile may use together. */
export function fieldsFor(profile: Profile): readonly Field[] {
  return fields.filter(
    one =>
      isCompatible(one, profile) &&
      (one.families === undefined || one.families.includes(profile.family)) &&
      (one.hooks === undefined || one.hooks.includes(profile.hook)) &&
      (one.network === 'any' || one.network === profile.network) &&
      (one.transport === 'any' || one.transport === profile.transport),
  );
}

function groups(value: bigint, count: number, bits: number): string[] {
  return Array.from({ length: count }, (_, index) => {
    const shift = BigInt((count - 1 - index) * bits);
    return Number((value >> shift) & ((1n << BigInt(bits)) - 1n)).toString(bits === 8 ? 10 : 16);
  });
}

/** A value of the field as nft text. */
export function formatValue({ kind, names }: Field, value: bigint): string {
  switch (kind) {
    case 'ipv4':
      return groups(value, 4, 8).join('.');
    case 'ipv6':
      return groups(value, 8, 16).join(':');
    case 'mac':
      return value
        .toString(16)
        .padStart(12, '0')
        .replace(/..(?=.)/g, '$&:');
    case 'name':
      return names![Number(value) % names!.length]!;
    default:
      return value.toString();
  }
}
