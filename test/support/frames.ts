// Well-formed packets with right checksums, in one line each: what flows through a machine must be accepted by it.
// For packets that are wrong on purpose take the builders of test/model, on which these stand.

import { concatenate, header, internetChecksum, numberBytes, patched } from '../model/bytes.ts';
import { ipv4Packet, ipv6Packet } from '../model/internet.ts';
import { ethernetFrame, etherType } from '../model/link.ts';
import { icmpMessage, tcpSegment, udpDatagram } from '../model/transport.ts';
import { inputAddress } from './net/lab.ts';

const linkNumber = (text: string): bigint => BigInt(`0x${text.replaceAll(':', '')}`);
const remoteAddress = linkNumber('02:00:00:00:00:02');
const none = new Uint8Array(0);

/** A frame from a neighbour to the lab's input device, or to `destination`. */
export function frame(packet: Uint8Array, destination: string = inputAddress): Uint8Array {
  const type = packet[0]! >> 4 === 6 ? etherType.ipv6 : etherType.ipv4;
  return ethernetFrame({
    destination: linkNumber(destination),
    source: remoteAddress,
    tags: [],
    type,
    payload: packet,
  });
}

function address4(text: string): number {
  return text.split('.').reduce((sum, part) => sum * 256 + Number(part), 0);
}

function address6(text: string): bigint {
  const [head = '', tail] = text.split('::');
  const groups = (part: string): string[] => (part === '' ? [] : part.split(':'));
  const left = groups(head);
  const right = groups(tail ?? '');
  const zeros = tail === undefined ? 0 : 8 - left.length - right.length;
  const all = [...left, ...Array<string>(zeros).fill('0'), ...right];
  return all.reduce((sum, group) => (sum << 16n) | BigInt(`0x${group}`), 0n);
}

const isIpv6 = (text: string): boolean => text.includes(':');

function addressBytes(text: string): Uint8Array {
  return isIpv6(text) ? numberBytes(address6(text), 16) : numberBytes(address4(text), 4);
}

/** Where a transport header keeps its checksum, and whether it covers the addresses. */
const checksums: Readonly<Record<number, { readonly at: number; readonly pseudo: boolean }>> = {
  1: { at: 2, pseudo: false },
  6: { at: 16, pseudo: true },
  17: { at: 6, pseudo: true },
  58: { at: 2, pseudo: true },
};

function summed(ends: Ends, protocol: number, segment: Uint8Array): Uint8Array {
  const place = checksums[protocol];
  if (place === undefined) return segment;
  const pseudo = concatenate(
    addressBytes(ends.source),
    addressBytes(ends.destination),
    header([segment.length, 4], [protocol, 4]),
  );
  const blank = patched(segment, place.at, numberBytes(0, 2));
  const sum = internetChecksum(...(place.pseudo ? [pseudo] : []), blank);
  return patched(segment, place.at, numberBytes(protocol === 17 && sum === 0 ? 0xffff : sum, 2));
}

export interface Ends {
  readonly source: string;
  readonly destination: string;
}

/** The other direction. */
export function reversed({ source, destination }: Ends): Ends {
  return { source: destination, destination: source };
}

export interface InternetFields {
  readonly id?: number;
  readonly flags?: number;
  /** In 8-byte units. */
  readonly fragmentOffset?: number;
  readonly ttl?: number;
}

/** An IPv4 or IPv6 packet, by its addresses, around a finished payload. */
export function internet(
  ends: Ends,
  protocol: number,
  payload: Uint8Array,
  fields: InternetFields = {},
): Uint8Array {
  const { id = 1, flags = 0, fragmentOffset = 0, ttl = 64 } = fields;
  if (isIpv6(ends.source)) {
    return ipv6Packet({
      trafficClass: 0,
      flowLabel: 0,
      hopLimit: ttl,
      source: address6(ends.source),
      destination: address6(ends.destination),
      extensions: [],
      nextHeader: protocol,
      payload,
    });
  }
  return ipv4Packet({
    tos: 0,
    id,
    flags,
    fragmentOffset,
    ttl,
    protocol,
    source: address4(ends.source),
    destination: address4(ends.destination),
    options: none,
    payload,
  });
}

function transport(ends: Ends, protocol: number, segment: Uint8Array, fields?: InternetFields): Uint8Array {
  return internet(ends, protocol, summed(ends, protocol, segment), fields);
}

export interface Ports {
  readonly sourcePort: number;
  readonly destinationPort: number;
}

export function udpPacket(
  ends: Ends,
  ports: Ports,
  payload: Uint8Array = new Uint8Array(4),
  fields?: InternetFields,
): Uint8Array {
  return transport(ends, 17, udpDatagram({ ...ports, payload }), fields);
}

export const tcpFlag = { fin: 1, syn: 2, rst: 4, psh: 8, ack: 16 } as const;

export interface TcpFields extends Ports {
  readonly flags: number;
  readonly sequence?: number;
  readonly acknowledgement?: number;
  readonly payload?: Uint8Array;
}

export function tcpPacket(ends: Ends, tcp: TcpFields): Uint8Array {
  const defaults = { sequence: 1, acknowledgement: 0, window: 8192, urgent: 0, options: none, payload: none };
  return transport(ends, 6, tcpSegment({ ...defaults, ...tcp }));
}

/** ICMP or ICMPv6, by the addresses. `rest` is the 4 bytes behind the checksum. */
export function icmpPacket(
  ends: Ends,
  type: number,
  code: number,
  rest: number,
  payload: Uint8Array = none,
): Uint8Array {
  return transport(ends, isIpv6(ends.source) ? 58 : 1, icmpMessage({ type, code, rest, payload }));
}
