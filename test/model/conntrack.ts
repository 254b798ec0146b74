// What connection tracking makes of a packet that belongs to no connection yet: a new entry, nothing (which reads as
// invalid), or the untracked mark. nf_conntrack_in and what it calls, by protocol; there is no entry before it, so
// answers, errors about other packets and everything else that needs one are invalid.
//
// Fragments are not modelled: where connections are tracked, they are put together before.

import type { ConntrackEntry, ConntrackTuple, Packet } from '../../src/lower/linear/eval/index.ts';
import { type WalkGoal, walkExtensionHeaders } from '../../src/lower/linear/eval/ipv6-walk.ts';
import { kernelBehaviour } from '../../src/lower/linear/eval/kernel-behaviour.ts';
import { concatenate, header, internetChecksum } from './bytes.ts';
import { readUint16 } from './ingress.ts';
import type { InternetPacket } from './prerouting.ts';

type Tracked = ConntrackEntry | 'none' | 'untracked';

interface Segment {
  readonly list: 'ip' | 'ip6';
  readonly protocol: number;
  /** From the transport header to the end of the packet. */
  readonly bytes: Uint8Array;
  readonly source: Uint8Array;
  readonly destination: Uint8Array;
}

const TCP = 6;
const UDP = 17;
const ICMP = 1;
const ICMPV6 = 58;
/** UDP-Lite, SCTP, DCCP and GRE have rules of their own. */
const unmodelled = new Set([136, 132, 33, 47]);

function segment4({ bytes, networkOffset }: Packet): Segment | undefined {
  const start = networkOffset + (bytes[networkOffset]! & 0xf) * 4;
  if (start > bytes.length) return undefined;
  const address = (offset: number) => bytes.slice(networkOffset + offset, networkOffset + offset + 4);
  return {
    list: 'ip',
    protocol: bytes[networkOffset + 9]!,
    bytes: bytes.subarray(start),
    source: address(12),
    destination: address(16),
  };
}

/** `ipv6_skip_exthdr` goes through AH as well, and gives up where no header follows. */
function segment6(packet: Packet): Segment | undefined {
  const behaviour = kernelBehaviour({ major: 6, minor: 18 });
  const walk = walkExtensionHeaders(packet, { stopAtAuthentication: false }, behaviour);
  if (walk.kind !== 'found' || walk.offset === undefined || walk.protocol === 59) return undefined;
  const address = (offset: number) =>
    packet.bytes.slice(packet.networkOffset + offset, packet.networkOffset + offset + 16);
  return {
    list: 'ip6',
    protocol: walk.protocol,
    bytes: packet.bytes.subarray(walk.offset),
    source: address(8),
    destination: address(24),
  };
}

/** `nf_checksum`: over the transport part and, but for ICMP, the addresses. */
export function hasGoodChecksum({ list, protocol, bytes, source, destination }: Segment): boolean {
  const pseudo = concatenate(source, destination, header([bytes.length, 4], [protocol, 4]));
  const isPlain = list === 'ip' && protocol === ICMP;
  return internetChecksum(...(isPlain ? [] : [pseudo]), bytes) === 0;
}

/** The combinations of SYN, ACK, RST, FIN and URG that `tcp_valid_flags` lists. */
const validTcpFlags = new Set([0x02, 0x22, 0x12, 0x04, 0x14, 0x11, 0x31, 0x10, 0x30]);

/** `tcp_error` and `tcp_new`: a connection starts with SYN, or is picked up at an ACK (tcp_loose). */
function startsTcp({ bytes }: Segment): boolean {
  const headerLength = (bytes[12] ?? 0) >> 4;
  if (bytes.length < 20 || headerLength < 5 || headerLength * 4 > bytes.length) return false;
  const flags = bytes[13]! & 0x37;
  const isStart = flags === 0x02 || flags === 0x22;
  const isPickedUp = flags === 0x10 || flags === 0x30;
  return validTcpFlags.has(flags) && (isStart || isPickedUp);
}

/** `udp_error`: the length fits. A checksum of 0 means none. */
function startsUdp({ bytes }: Segment): boolean {
  const length = readUint16(bytes, 4);
  return bytes.length >= 8 && length >= 8 && length <= bytes.length;
}

/** Requests that have an answer. */
const startingTypes: Readonly<Record<number, readonly number[]>> = {
  [ICMP]: [8, 13, 15, 17],
  [ICMPV6]: [128, 139],
};

/** Neighbour discovery, multicast listeners and routers are never tracked (`noct_valid_new`). */
const untrackedTypes: readonly number[] = [130, 131, 132, 133, 134, 135, 136, 143, 151, 152];

function trackIcmp(segment: Segment): 'none' | 'untracked' | 'new' {
  const type = segment.bytes[0]!;
  if (segment.bytes.length < 8) return 'none';
  if (segment.protocol === ICMPV6 && untrackedTypes.includes(type)) return 'untracked';
  return startingTypes[segment.protocol]!.includes(type) ? 'new' : 'none';
}

function hasChecksum({ protocol, bytes }: Segment): boolean {
  if (protocol === UDP) return readUint16(bytes, 6) !== 0;
  return protocol === TCP || protocol === ICMP || protocol === ICMPV6;
}

function classify(segment: Segment, checksChecksum: boolean): 'none' | 'untracked' | 'new' {
  const { protocol, list } = segment;
  const isIcmp = protocol === ICMP || protocol === ICMPV6;
  // ICMP of the other version starts nothing (`nf_conntrack_icmp_packet`).
  if (isIcmp && protocol !== (list === 'ip' ? ICMP : ICMPV6)) return 'none';
  if (protocol === TCP && !startsTcp(segment)) return 'none';
  if (protocol === UDP && !startsUdp(segment)) return 'none';
  if (checksChecksum && hasChecksum(segment) && !hasGoodChecksum(segment)) return 'none';
  return isIcmp ? trackIcmp(segment) : 'new';
}

function tuples({
  protocol,
  bytes,
  source,
  destination,
}: Segment): Pick<ConntrackEntry, 'original' | 'reply'> {
  const hasPorts = protocol === TCP || protocol === UDP;
  const sourcePort = hasPorts ? readUint16(bytes, 0) : 0;
  const destinationPort = hasPorts ? readUint16(bytes, 2) : 0;
  const original: ConntrackTuple = { source, destination, sourcePort, destinationPort };
  const reply: ConntrackTuple = {
    source: destination,
    destination: source,
    sourcePort: destinationPort,
    destinationPort: sourcePort,
  };
  return { original, reply };
}

/** The entry of a connection's first packet, not confirmed. */
function newEntry(segment: Segment): ConntrackEntry {
  return {
    state: 'new',
    direction: 'original',
    status: 0,
    mark: 0,
    l3protocol: segment.list === 'ip' ? 2 : 10,
    protocol: segment.protocol,
    ...tuples(segment),
  };
}

function isFragment({ list, packet }: InternetPacket): boolean {
  if (list === 'ip') return (readUint16(packet.bytes, packet.networkOffset + 6) & 0x3fff) !== 0;
  const behaviour = kernelBehaviour({ major: 6, minor: 18 });
  const walk = (goal: WalkGoal) => walkExtensionHeaders(packet, goal, behaviour).kind;
  // What breaks off may do so in a Fragment header, and is dropped then.
  return (
    walk({ target: 44, stopAtAuthentication: false }) === 'found' ||
    walk({ stopAtAuthentication: false }) === 'failed'
  );
}

/**
 * The packet with what conntrack attaches to it. `hook` decides whether checksums are looked at. Nothing: it is a fragment,
 * or of a protocol that is not modelled.
 */
export function tracked(at: InternetPacket, hook: 'prerouting' | 'output'): InternetPacket | undefined {
  if (isFragment(at)) return undefined;
  const segment = at.list === 'ip' ? segment4(at.packet) : segment6(at.packet);
  const conntrack = segment ? trackSegment(segment, hook === 'prerouting') : 'none';
  return conntrack && { list: at.list, packet: { ...at.packet, conntrack, conntrackFrom: -200 } };
}

function trackSegment(segment: Segment, checksChecksum: boolean): Tracked | undefined {
  if (unmodelled.has(segment.protocol)) return undefined;
  const kind = classify(segment, checksChecksum);
  return kind === 'new' ? newEntry(segment) : kind;
}
