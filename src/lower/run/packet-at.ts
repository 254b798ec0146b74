// Bytes and what is known beside them -> the packet that nf_tables would see at a hook. The register IR's evaluator and
// the programs are given the same packet.

import type { Family, Hook } from '../../model/family.ts';
import type { ConntrackEntry, ConntrackTuple, HookPoint, Packet } from '../linear/eval/index.ts';
import { kernelBehaviour } from '../linear/eval/kernel-behaviour.ts';
import { setUpPacket } from '../linear/eval/packet-info.ts';
import {
  arrived,
  atIpHooks,
  departing,
  ETHERTYPE_IPV6,
  framed,
  type Placed,
  uint16At,
  withoutLink,
} from './received.ts';

/** Where a packet is shown to a ruleset. */
export interface PacketPlace {
  readonly family: Family;
  readonly hook: Hook;
}

export type ConntrackState = 'new' | 'established' | 'related' | 'invalid' | 'untracked';

/** What belongs to a packet but is not in its bytes. Everything has a default. */
export interface PacketContext
  extends Partial<
    Pick<Packet, 'input' | 'output' | 'mark' | 'priority' | 'packetType' | 'vlan' | 'socket' | 'clock'>
  > {
  /**
   * Whether the bytes begin with an Ethernet header (default) or with the IP header. At ingress and egress, where only
   * Ethernet devices are translated for, an IP packet gets an Ethernet header with blank addresses.
   */
  readonly from?: 'l2' | 'l3';
  /** A state, whose entry is made up from the packet's addresses and ports; or an entry. Default `invalid`: no entry. */
  readonly conntrack?: ConntrackState | ConntrackEntry;
}

export type PacketAt =
  | { readonly kind: 'packet'; readonly packet: Packet; readonly point: HookPoint }
  /** The stack drops it, or takes it elsewhere, before it gets to the hook. */
  | { readonly kind: 'not_delivered'; readonly reason: string };

const BROADCAST = 1;
const MULTICAST = 2;
const HOST = 0;

/** Unicast counts as addressed to this machine; give `packetType` for anything else. */
function packetTypeOf({ bytes, macOffset }: Placed, isSent: boolean): number {
  if (macOffset === undefined || isSent) return HOST;
  const destination = bytes.subarray(macOffset, macOffset + 6);
  if (destination.every(byte => byte === 0xff)) return BROADCAST;
  return ((destination[0] ?? 0) & 1) === 1 ? MULTICAST : HOST;
}

function placeBytes(bytes: Uint8Array, hook: Hook, context: PacketContext): Placed | undefined {
  const isDevice = hook === 'ingress' || hook === 'egress';
  if (context.from === 'l3' && !isDevice) return withoutLink(bytes);
  const frame = context.from === 'l3' ? framed(bytes) : bytes;
  return hook === 'egress' ? departing(frame) : arrived(frame);
}

function isIpHook({ hook, family }: PacketPlace): boolean {
  return hook !== 'ingress' && hook !== 'egress' && family !== 'arp' && family !== 'bridge';
}

function listOf({ family, hook }: PacketPlace, { protocol }: Placed): HookPoint['list'] {
  if (hook === 'ingress' || hook === 'egress') return 'netdev';
  if (family === 'arp' || family === 'bridge') return family;
  return protocol === ETHERTYPE_IPV6 ? 'ip6' : 'ip';
}

/** IPS_* bits that entries in these states have at least. */
const usualStatus = { new: 0, established: 0xe, related: 0x1 } as const;

const ports: ReadonlySet<number> = new Set([6, 17, 33, 132, 136]);

/** Ports, or for ICMP the id and type and code, as conntrack keeps them. */
function portsOf(protocol: number, segment: Uint8Array): [source: number, destination: number] {
  if (ports.has(protocol)) return [uint16At(segment, 0), uint16At(segment, 2)];
  const isIcmp = protocol === 1 || protocol === 58;
  return isIcmp ? [uint16At(segment, 4), uint16At(segment, 0)] : [0, 0];
}

function entryFor(
  state: 'new' | 'established' | 'related',
  packet: Packet,
  list: 'ip' | 'ip6',
): ConntrackEntry {
  const setUp = setUpPacket(list, list, 'prerouting', packet, kernelBehaviour({ major: 6, minor: 18 }));
  const l4 = setUp.kind === 'run' ? setUp.info.l4 : undefined;
  const header = packet.bytes.subarray(packet.networkOffset);
  const [sourceAt, length] = list === 'ip' ? [12, 4] : [8, 16];
  const segment = packet.bytes.subarray(l4?.transportOffset ?? packet.bytes.length);
  const [sourcePort, destinationPort] = portsOf(l4?.protocol ?? 0, segment);
  const original: ConntrackTuple = {
    source: header.slice(sourceAt, sourceAt + length),
    destination: header.slice(sourceAt + length, sourceAt + 2 * length),
    sourcePort,
    destinationPort,
  };
  const reply: ConntrackTuple = {
    source: original.destination,
    destination: original.source,
    sourcePort: destinationPort,
    destinationPort: sourcePort,
  };
  const l3protocol = list === 'ip' ? 2 : 10;
  const fixed = { direction: 'original', status: usualStatus[state], mark: 0, expiration: 30_000 } as const;
  return { state, ...fixed, l3protocol, protocol: l4?.protocol ?? 0, original, reply };
}

function conntrackOf(
  given: PacketContext['conntrack'],
  packet: Packet,
  { list }: HookPoint,
): NonNullable<Packet['conntrack']> {
  if (given === undefined || given === 'invalid') return 'none';
  if (given === 'untracked' || typeof given === 'object') return given;
  return list === 'ip' || list === 'ip6' ? entryFor(given, packet, list) : 'none';
}

/** The packet that a ruleset sees at a place, or why it sees none. */
export function packetAt(place: PacketPlace, bytes: Uint8Array, context: PacketContext = {}): PacketAt {
  const placed = placeBytes(bytes, place.hook, context);
  if (placed === undefined) return { kind: 'not_delivered', reason: 'it is shorter than an Ethernet header' };
  const received = isIpHook(place) ? atIpHooks(placed) : placed;
  if (typeof received === 'string') return { kind: 'not_delivered', reason: received };
  const { input, output, vlan, socket = 'none', clock } = context;
  const isSent = place.hook === 'egress' || place.hook === 'output';
  const device = isSent || place.hook === 'postrouting' ? output : input;
  const packet: Packet = {
    ...received,
    packetType: context.packetType ?? packetTypeOf(received, isSent),
    mark: context.mark ?? 0,
    priority: context.priority ?? 0,
    socket,
    securityPath: false,
    cpu: 0,
    ...(vlan && { vlan }),
    ...(input && { input }),
    ...(output && { output }),
    ...(device && { device }),
    ...(clock && { clock }),
  };
  const point: HookPoint = {
    list: listOf(place, received),
    hook: place.hook,
    ...(device && { device: device.name }),
  };
  return {
    kind: 'packet',
    packet: { ...packet, conntrack: conntrackOf(context.conntrack, packet, point) },
    point,
  };
}
