// What nf_tables works out about a packet before a base chain runs (`struct nft_pktinfo`), by family and hook: section
// 1 of docs/semantics.md; nf_tables_ipv4.h, nf_tables_ipv6.h and nft_chain_filter.c in the kernel.

import type { Family, Hook } from '../../../model/family.ts';
import { walkExtensionHeaders } from './ipv6-walk.ts';
import type { KernelBehaviour } from './kernel-behaviour.ts';
import { type Packet, packetLength, readBytes, readUint16 } from './packet.ts';

export const ETHERTYPE_IPV4 = 0x0800;
export const ETHERTYPE_IPV6 = 0x86dd;

/** Offsets are into the packet's bytes. */
export interface PacketInfo {
  /** NFPROTO_* number that `meta nfproto` shows. */
  readonly nfproto: number;
  /** Absent: the l4 protocol is not known, and transport loads end the rule. */
  readonly l4?: {
    readonly protocol: number;
    readonly transportOffset: number;
    /** Not 0 in later fragments; its unit does not matter. */
    readonly fragmentOffset: number;
  };
}

export type SetUp =
  | { readonly kind: 'run'; readonly info: PacketInfo }
  /** The chain is not run at all (inet ingress). */
  | { readonly kind: 'skip'; readonly verdict: 'accept' | 'drop' }
  | { readonly kind: 'not_evaluable'; readonly reason: string };

type L4 = PacketInfo['l4'];
type L4Result = L4 | { readonly unknown: string };

const nfprotoOf = { ip: 2, arp: 3, netdev: 5, bridge: 7, ip6: 10 } as const;

/** `nft_set_pktinfo_ipv4`: nothing is checked, the stack did. */
function trustedIpv4(packet: Packet): L4 {
  const start = packet.networkOffset;
  const first = packet.bytes[start] ?? 0;
  return {
    protocol: packet.bytes[start + 9] ?? 0,
    transportOffset: start + (first & 0xf) * 4,
    fragmentOffset: (readUint16(packet, start + 6) ?? 0) & 0x1fff,
  };
}

/** `nft_set_pktinfo_ipv4_validate` (fact 1). */
function checkedIpv4(packet: Packet): L4 {
  const start = packet.networkOffset;
  if (readBytes(packet, start, 20) === undefined) return undefined;
  const first = packet.bytes[start]!;
  const headerLength = (first & 0xf) * 4;
  const totalLength = readUint16(packet, start + 2)!;
  if (first >> 4 !== 4 || headerLength < 20) return undefined;
  if (totalLength > packet.bytes.length - start || totalLength < headerLength) return undefined;
  return trustedIpv4(packet);
}

/** `nft_set_pktinfo_ipv6`: the walk may still fail. */
function trustedIpv6(packet: Packet, behaviour: KernelBehaviour): L4Result {
  const walk = walkExtensionHeaders(packet, { stopAtAuthentication: true }, behaviour);
  if (walk.kind === 'unknown') return { unknown: walk.reason };
  if (walk.kind === 'failed') return undefined;
  // In a later fragment the kernel leaves the transport offset at 0, which is skb->data (fact 3).
  const transportOffset = walk.offset ?? packet.dataOffset;
  if (transportOffset - packet.dataOffset > 0xffff) return undefined;
  return { protocol: walk.protocol, transportOffset, fragmentOffset: walk.fragmentOffset };
}

/** `nft_set_pktinfo_ipv6_validate` (fact 2). */
function checkedIpv6(packet: Packet, behaviour: KernelBehaviour): L4Result {
  const start = packet.networkOffset;
  if (readBytes(packet, start, 40) === undefined) return undefined;
  const payloadLength = readUint16(packet, start + 4)!;
  if (packet.bytes[start]! >> 4 !== 6 || payloadLength + 40 > packet.bytes.length - start) return undefined;
  return trustedIpv6(packet, behaviour);
}

function checkedByProtocol(packet: Packet, protocol: number, behaviour: KernelBehaviour): L4Result {
  if (protocol === ETHERTYPE_IPV4) return checkedIpv4(packet);
  if (protocol === ETHERTYPE_IPV6) return checkedIpv6(packet, behaviour);
  return undefined;
}

function run(nfproto: number, l4: L4Result): SetUp {
  if (l4 === undefined) return { kind: 'run', info: { nfproto } };
  return 'unknown' in l4
    ? { kind: 'not_evaluable', reason: l4.unknown }
    : { kind: 'run', info: { nfproto, l4 } };
}

/** `nft_do_chain_inet_ingress` (fact 7): malformed is dropped, not IP is accepted, both without the chain. */
function inetIngress(packet: Packet, behaviour: KernelBehaviour): SetUp {
  if (packet.protocol !== ETHERTYPE_IPV4 && packet.protocol !== ETHERTYPE_IPV6)
    return { kind: 'skip', verdict: 'accept' };
  const l4 = checkedByProtocol(packet, packet.protocol, behaviour);
  if (l4 === undefined) return { kind: 'skip', verdict: 'drop' };
  return run(packet.protocol === ETHERTYPE_IPV4 ? nfprotoOf.ip : nfprotoOf.ip6, l4);
}

/** The list of hooks that a packet runs through: inet chains stand in those of ip and ip6, or of a device. */
export type HookList = Exclude<Family, 'inet'>;

/** Sets up for a base chain of `family` that is met in the hook list `list`. */
export function setUpPacket(
  family: Family,
  list: HookList,
  hook: Hook,
  packet: Packet,
  behaviour: KernelBehaviour,
): SetUp {
  if (packetLength(packet) < 0) return { kind: 'not_evaluable', reason: 'the packet starts past its end' };
  if (family === 'inet' && hook === 'ingress') return inetIngress(packet, behaviour);
  switch (list) {
    case 'ip':
      return run(nfprotoOf.ip, trustedIpv4(packet));
    case 'ip6':
      return run(nfprotoOf.ip6, trustedIpv6(packet, behaviour));
    case 'netdev':
      return run(nfprotoOf.netdev, checkedByProtocol(packet, packet.protocol, behaviour));
    case 'bridge': {
      const etherType = readUint16(packet, (packet.macOffset ?? 0) + 12) ?? 0;
      return run(nfprotoOf.bridge, checkedByProtocol(packet, etherType, behaviour));
    }
    case 'arp':
      return run(nfprotoOf.arp, undefined);
  }
}
