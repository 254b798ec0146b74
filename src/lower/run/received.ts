// What becomes of bytes before nf_tables sees them: eth_type_trans and skb_vlan_untag for a frame that arrives, ip_rcv_core
// and ip6_rcv_core in front of the IP hooks, packet_snd for one that is sent.

import type { Packet } from '../linear/eval/index.ts';

/** The parts of a packet that its bytes decide. */
export type Placed = Pick<
  Packet,
  'bytes' | 'macOffset' | 'networkOffset' | 'dataOffset' | 'protocol' | 'vlan'
>;

export const ETHERTYPE_IPV4 = 0x0800;
export const ETHERTYPE_IPV6 = 0x86dd;
const linkHeader = 14;
const tagLength = 4;
/** Below this the type field is a length (802.3). */
const smallestType = 0x600;
const ETH_P_802_3 = 1;
const ETH_P_802_2 = 4;

export function uint16At(bytes: Uint8Array, offset: number): number {
  return ((bytes[offset] ?? 0) << 8) | (bytes[offset + 1] ?? 0);
}

function isVlan(type: number): boolean {
  return type === 0x8100 || type === 0x88a8;
}

/** `eth_type_trans`: what stands behind a length tells raw 802.3 from 802.2. */
function protocolOf(type: number, payload: Uint8Array): number {
  if (type >= smallestType) return type;
  return payload.length >= 2 && uint16At(payload, 0) === 0xffff ? ETH_P_802_3 : ETH_P_802_2;
}

/** `skb_vlan_untag`: moves the outermost tag into metadata. Undefined if the frame is too short for one. */
function untag(frame: Uint8Array): Placed | undefined {
  const protocol = protocolOf(uint16At(frame, 12), frame.subarray(linkHeader));
  const offsets = { macOffset: 0, networkOffset: linkHeader, dataOffset: linkHeader };
  if (!isVlan(protocol)) return { bytes: frame, protocol, ...offsets };
  if (frame.length < linkHeader + tagLength + 2) return undefined;
  const bytes = new Uint8Array(frame.length - tagLength);
  bytes.set(frame.subarray(0, 12));
  bytes.set(frame.subarray(16), 12);
  const inner = protocolOf(uint16At(bytes, 12), bytes.subarray(linkHeader));
  return { bytes, protocol: inner, vlan: { protocol, tci: uint16At(frame, linkHeader) }, ...offsets };
}

/** A frame that arrived at a device. Undefined: it is too short to be one. */
export function arrived(frame: Uint8Array): Placed | undefined {
  return frame.length < linkHeader ? undefined : untag(frame);
}

/** A packet without a link header, from a device that has none or from this machine. */
export function withoutLink(bytes: Uint8Array): Placed {
  const protocol = (bytes[0] ?? 0) >> 4 === 6 ? ETHERTYPE_IPV6 : ETHERTYPE_IPV4;
  return { bytes, networkOffset: 0, dataOffset: 0, protocol };
}

/** A packet as a frame with blank link addresses: what programs of Ethernet devices can be shown. */
export function framed(bytes: Uint8Array): Uint8Array {
  const frame = new Uint8Array(linkHeader + bytes.length);
  new DataView(frame.buffer).setUint16(12, withoutLink(bytes).protocol);
  frame.set(bytes, linkHeader);
  return frame;
}

const maxTags = 8;

/** Where the network header of a frame to be sent begins: behind all tags, `vlan_get_protocol_and_depth`. */
function depthOf(frame: Uint8Array): number {
  let depth = linkHeader;
  for (let tags = 1; isVlan(uint16At(frame, depth - 2)); tags++) {
    if (frame.length < depth + tagLength || tags === maxTags) return linkHeader;
    depth += tagLength;
  }
  return uint16At(frame, depth - 2) === 0 ? linkHeader : depth;
}

/** A frame that is about to leave: skb->data is its link header. */
export function departing(frame: Uint8Array): Placed | undefined {
  if (frame.length < linkHeader) return undefined;
  const protocol = uint16At(frame, 12);
  return { bytes: frame, macOffset: 0, networkOffset: depthOf(frame), dataOffset: 0, protocol };
}

/** Tags that no device takes: with VLAN id 0 they are stepped over, with any other the frame is nobody's here. */
function withoutTags(placed: Placed): Placed | undefined {
  const { vlan, ...rest } = placed;
  if (vlan === undefined) return placed;
  if ((vlan.tci & 0xfff) !== 0) return undefined;
  if (!isVlan(rest.protocol)) return rest;
  const inner = untag(rest.bytes);
  return inner === undefined ? undefined : withoutTags(inner);
}

function internetSum(bytes: Uint8Array): number {
  let sum = 0;
  for (let at = 0; at < bytes.length; at += 2) sum += uint16At(bytes, at);
  while (sum > 0xffff) sum = (sum & 0xffff) + (sum >>> 16);
  return sum;
}

/** Length that `ip_rcv_core` trims to, or why it drops the packet. */
function ipv4Length(packet: Uint8Array): number | string {
  const headerLength = ((packet[0] ?? 0) & 0xf) * 4;
  const total = uint16At(packet, 2);
  if (packet.length < 20 || headerLength < 20 || packet.length < headerLength)
    return 'its IPv4 header is cut off';
  if (packet[0]! >> 4 !== 4) return 'its IP version is not 4';
  if (internetSum(packet.subarray(0, headerLength)) !== 0xffff) return 'its IPv4 header checksum is wrong';
  return total > packet.length || total < headerLength ? 'its IPv4 total length is wrong' : total;
}

const hopByHop = 0;

/** The same of `ip6_rcv_core`. A payload length of 0 with hop-by-hop options announces a jumbogram: nothing is trimmed. */
function ipv6Length(packet: Uint8Array): number | string {
  if (packet.length < 40) return 'its IPv6 header is cut off';
  if (packet[0]! >> 4 !== 6) return 'its IP version is not 6';
  const payload = uint16At(packet, 4);
  if (payload === 0 && packet[6] === hopByHop) return packet.length;
  return payload + 40 > packet.length ? 'its IPv6 payload length is wrong' : payload + 40;
}

/** What the IP hooks get of a packet: tags gone, trimmed to its own length. A text says why they get nothing. */
export function atIpHooks(placed: Placed): Placed | string {
  const untagged = withoutTags(placed);
  if (untagged === undefined) return 'no device takes its VLAN tag';
  const { bytes, networkOffset, protocol } = untagged;
  if (protocol !== ETHERTYPE_IPV4 && protocol !== ETHERTYPE_IPV6) return 'it is not an IP packet';
  const packet = bytes.subarray(networkOffset);
  const length = protocol === ETHERTYPE_IPV4 ? ipv4Length(packet) : ipv6Length(packet);
  if (typeof length === 'string') return length;
  return { ...untagged, bytes: bytes.subarray(0, networkOffset + length), dataOffset: networkOffset };
}
