// How a packet that ingress let through becomes one at prerouting, as ip_rcv and ipv6_rcv leave it, and at input.

import type { Packet } from '../../src/lower/linear/eval/index.ts';
import { internetChecksum, patched, toHex } from './bytes.ts';
import { isVlanType, OTHER_HOST, readUint16, untag } from './ingress.ts';

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

/** Bytes of padding in a row that `ip6_parse_tlv` still takes. */
const maximumPadding = 7;
const maximumOptions = 8;

/**
 * `ipv6_parse_hopopts`: whether the options that stand first are all there, well-formed and to be skipped where unknown.
 * Options that the kernel knows are not told apart.
 */
function hasGoodHopOptions(header: Uint8Array): boolean {
  const end = 40 + ((header[41] ?? 0) + 1) * 8;
  if (header.length < 48 || header.length < end) return false;
  let padding = 0;
  let options = 0;
  for (let at = 42; at < end; ) {
    const type = header[at]!;
    const length = type === 0 ? 1 : 2 + (header[at + 1] ?? 0);
    if (at + length > end) return false;
    const isPadding = type <= 1;
    padding = isPadding ? padding + length : 0;
    if (padding > maximumPadding) return false;
    if (isPadding && header.subarray(at + 2, at + length).some(byte => byte !== 0)) return false;
    if (!isPadding && (type >> 6 !== 0 || ++options > maximumOptions)) return false;
    at += length;
  }
  return true;
}

/** `ip6_rcv_core`. */
function received6(packet: Packet): Packet | undefined {
  const header = packet.bytes.subarray(packet.networkOffset);
  if (header.length < 40 || header[0]! >> 4 !== 6) return undefined;
  if (hasBadAddresses(header.subarray(8, 24), header.subarray(24, 40))) return undefined;
  const payloadLength = readUint16(header, 4);
  const hasHopOptions = header[6] === 0;
  // No payload but hop-by-hop options: a jumbogram, whose length stands elsewhere.
  const isJumbo = payloadLength === 0 && hasHopOptions;
  if (!isJumbo && payloadLength + 40 > header.length) return undefined;
  const received = isJumbo ? packet : trimmed(packet, payloadLength + 40);
  const good = !hasHopOptions || hasGoodHopOptions(received.bytes.subarray(packet.networkOffset));
  return good ? received : undefined;
}

/** A packet of the IP stack, and which list of chains it meets. */
export interface InternetPacket {
  readonly list: 'ip' | 'ip6';
  readonly packet: Packet;
}

/** A packet at prerouting. Nothing: the stack drops it before. */
export function packetAtPrerouting(ingress: Packet): InternetPacket | undefined {
  const packet = withoutTag(ingress);
  if (!packet || packet.packetType === OTHER_HOST) return undefined;
  if (packet.protocol === 0x0800) {
    const received = received4(packet);
    return received && { list: 'ip', packet: received };
  }
  const received = packet.protocol === 0x86dd ? received6(packet) : undefined;
  return received && { list: 'ip6', packet: received };
}

const endOfOptions = 0;
const noOperation = 1;
const recordRoute = 7;
/** Timestamps and source routes: the kernel writes into them. */
const writtenInto: readonly number[] = [68, 131, 137];

/**
 * `ip_options_compile`: behind the end of the options the kernel clears what stands there. Nothing: options that it
 * answers with an error or writes into, which is not modelled.
 */
function withOptionsRead(packet: Packet): Packet | undefined {
  const { bytes, networkOffset: start } = packet;
  const end = start + (bytes[start]! & 0xf) * 4;
  for (let at = start + 20; at < end; ) {
    const type = bytes[at]!;
    if (type === endOfOptions) return { ...packet, bytes: patched(bytes, at, new Uint8Array(end - at)) };
    const length = type === noOperation ? 1 : (bytes[at + 1] ?? 0);
    if (length < (type === noOperation ? 1 : 2) || at + length > end) return undefined;
    const hasRoom = type === recordRoute && (bytes[at + 2] ?? 0) <= length;
    if (hasRoom || writtenInto.includes(type)) return undefined;
    at += length;
  }
  return packet;
}

/** A packet for this machine at input. IPv4 fragments wait there for the rest (fact 11). */
export function packetAtInput({ list, packet }: InternetPacket): InternetPacket | undefined {
  if (list === 'ip6') return { list, packet };
  const isFragment = (readUint16(packet.bytes, packet.networkOffset + 6) & 0x3fff) !== 0;
  const received = isFragment ? undefined : withOptionsRead(packet);
  return received && { list, packet: received };
}
