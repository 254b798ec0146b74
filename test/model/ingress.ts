// How a frame from the wire becomes a Packet at the hooks of a receiving machine: eth_type_trans and the start of
// __netif_receive_skb_core (net/core/dev.c) for netdev and inet ingress, ip_rcv and ipv6_rcv for prerouting.

import type { Device, Packet } from '../../src/lower/linear/eval/index.ts';
import { concatenate, internetChecksum, toHex } from './bytes.ts';

/** A network device of the machine, with its link address (48 bits, as 12 hex digits). */
export interface LinkDevice extends Device {
  readonly address: string;
}

export interface Arrival {
  readonly frame: Uint8Array;
  readonly device: LinkDevice;
  readonly clock?: { readonly realtime: bigint; readonly monotonic: bigint };
}

const HOST = 0;
const BROADCAST = 1;
const MULTICAST = 2;
const OTHER_HOST = 3;
const ethernetLength = 14;

export function readUint16(bytes: Uint8Array, offset: number): number {
  return ((bytes[offset] ?? 0) << 8) | (bytes[offset + 1] ?? 0);
}

export function isVlanType(type: number): boolean {
  return type === 0x8100 || type === 0x88a8;
}

/** `eth_type_trans`: below 0x600 the field is a length, and what follows tells 802.2 (4) from raw 802.3 (1). */
function protocolOf(typeField: number, payload: Uint8Array): number {
  if (typeField >= 0x600) return typeField;
  return readUint16(payload, 0) === 0xffff && payload.length >= 2 ? 1 : 4;
}

function packetType(frame: Uint8Array, device: LinkDevice): number {
  const destination = toHex(frame.subarray(0, 6));
  if (destination === 'ffffffffffff') return BROADCAST;
  if ((frame[0]! & 1) === 1) return MULTICAST;
  return destination === device.address ? HOST : OTHER_HOST;
}

interface Untagged {
  readonly bytes: Uint8Array;
  readonly protocol: number;
  readonly vlan?: { readonly protocol: number; readonly tci: number };
}

/** `skb_vlan_untag`: a tag moves into metadata. Nothing if the frame is too short for it, which drops it. */
function untag(bytes: Uint8Array, protocol: number): Untagged | undefined {
  if (!isVlanType(protocol)) return { bytes, protocol };
  const tagLength = 4;
  if (bytes.length < ethernetLength + tagLength + 2) return undefined;
  const rest = bytes.subarray(ethernetLength + tagLength);
  return {
    // The type of what the tag carries takes the place of the tag's own.
    bytes: concatenate(bytes.subarray(0, 12), bytes.subarray(16, 18), rest),
    protocol: protocolOf(readUint16(bytes, 16), rest),
    vlan: { protocol, tci: readUint16(bytes, ethernetLength) },
  };
}

/** A frame at netdev and inet ingress. Nothing: it never gets there. */
export function packetAtIngress({ frame, device, clock }: Arrival): Packet | undefined {
  if (frame.length < ethernetLength) return undefined;
  const untagged = untag(frame, protocolOf(readUint16(frame, 12), frame.subarray(ethernetLength)));
  if (!untagged) return undefined;
  return {
    ...untagged,
    macOffset: 0,
    networkOffset: ethernetLength,
    dataOffset: ethernetLength,
    packetType: packetType(frame, device),
    mark: 0,
    priority: 0,
    input: device,
    device,
    conntrack: 'none',
    socket: 'none',
    securityPath: false,
    ...(clock && { clock }),
  };
}

/** What the stack does with tags that no device takes: those with id 0 go, any other makes the frame someone else's. */
function withoutTag(packet: Packet): Packet | undefined {
  const { vlan, ...rest } = packet;
  if (!vlan) return packet;
  if ((vlan.tci & 0xfff) !== 0) return undefined;
  if (!isVlanType(rest.protocol)) return rest;
  const inner = untag(rest.bytes, rest.protocol);
  return inner && withoutTag({ ...rest, ...inner });
}

function trimmed(packet: Packet, length: number): Packet {
  return { ...packet, bytes: packet.bytes.subarray(0, packet.networkOffset + length) };
}

/** `ip_rcv_core`. */
function received4(packet: Packet): Packet | undefined {
  const header = packet.bytes.subarray(packet.networkOffset);
  if (header.length < 20) return undefined;
  const headerLength = (header[0]! & 0xf) * 4;
  if (header[0]! >> 4 !== 4 || headerLength < 20 || header.length < headerLength) return undefined;
  if (internetChecksum(header.subarray(0, headerLength)) !== 0) return undefined;
  const totalLength = readUint16(header, 2);
  if (totalLength > header.length || totalLength < headerLength) return undefined;
  return trimmed(packet, totalLength);
}

function isLoopback(address: Uint8Array): boolean {
  return toHex(address) === '00000000000000000000000000000001';
}

/** Sources and destinations that `ip6_rcv_core` refuses on a device that is not the loopback. */
function hasBadAddresses(source: Uint8Array, destination: Uint8Array): boolean {
  if (isLoopback(source) || isLoopback(destination) || source[0] === 0xff) return true;
  const scope = destination[1]! & 0xf;
  return destination[0] === 0xff && (scope === 0 || scope === 1);
}

/** `ip6_rcv_core`; hop-by-hop options, which it parses, are taken to be well-formed. */
function received6(packet: Packet): Packet | undefined {
  const header = packet.bytes.subarray(packet.networkOffset);
  if (header.length < 40 || header[0]! >> 4 !== 6) return undefined;
  if (hasBadAddresses(header.subarray(8, 24), header.subarray(24, 40))) return undefined;
  const payloadLength = readUint16(header, 4);
  if (payloadLength === 0 && header[6] === 0) return packet;
  return payloadLength + 40 > header.length ? undefined : trimmed(packet, payloadLength + 40);
}

/** A frame at prerouting: which list of chains it meets there, and as what. Nothing: the stack drops it before. */
export function packetAtPrerouting(
  arrival: Arrival,
): { readonly list: 'ip' | 'ip6'; readonly packet: Packet } | undefined {
  const ingress = packetAtIngress(arrival);
  const packet = ingress && withoutTag(ingress);
  if (!packet || packet.packetType === OTHER_HOST) return undefined;
  if (packet.protocol === 0x0800) {
    const received = received4(packet);
    return received && { list: 'ip', packet: received };
  }
  const received = packet.protocol === 0x86dd ? received6(packet) : undefined;
  return received && { list: 'ip6', packet: received };
}
