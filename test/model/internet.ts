// IPv4 and IPv6 packets, right unless told otherwise: lengths and checksums are computed where they are not given.

import { concatenate, header, internetChecksum, numberBytes, patched } from './bytes.ts';

export interface Ipv4Packet {
  readonly version?: number;
  /** In 4-byte words; computed from the options if absent. */
  readonly headerWords?: number;
  readonly tos: number;
  readonly totalLength?: number;
  readonly id: number;
  /** The 3 flag bits: 4 reserved, 2 don't fragment, 1 more fragments. */
  readonly flags: number;
  /** In 8-byte units. */
  readonly fragmentOffset: number;
  readonly ttl: number;
  readonly protocol: number;
  readonly checksum?: number;
  readonly source: number;
  readonly destination: number;
  /** A multiple of 4 bytes, at most 40. */
  readonly options: Uint8Array;
  readonly payload: Uint8Array;
}

export function ipv4Packet(ip: Ipv4Packet): Uint8Array {
  const words = ip.headerWords ?? 5 + ip.options.length / 4;
  const totalLength = ip.totalLength ?? 20 + ip.options.length + ip.payload.length;
  const unsigned = concatenate(
    header(
      [((ip.version ?? 4) << 4) | words, 1],
      [ip.tos, 1],
      [totalLength, 2],
      [ip.id, 2],
      [(ip.flags << 13) | ip.fragmentOffset, 2],
      [ip.ttl, 1],
      [ip.protocol, 1],
      [0, 2],
      [ip.source, 4],
      [ip.destination, 4],
    ),
    ip.options,
  );
  const summed = concatenate(unsigned, ip.payload).subarray(0, Math.max(words, 5) * 4);
  const checksum = ip.checksum ?? internetChecksum(summed);
  return concatenate(patched(unsigned, 10, numberBytes(checksum, 2)), ip.payload);
}

/** An extension header as it stands in the packet, without its first byte (which names the header that follows it). */
export interface ExtensionHeader {
  readonly type: number;
  readonly rest: Uint8Array;
}

export interface Ipv6Packet {
  readonly version?: number;
  readonly trafficClass: number;
  readonly flowLabel: number;
  readonly payloadLength?: number;
  readonly hopLimit: number;
  readonly source: bigint;
  readonly destination: bigint;
  readonly extensions: readonly ExtensionHeader[];
  /** The header behind the last extension header. */
  readonly nextHeader: number;
  readonly payload: Uint8Array;
}

export function ipv6Packet(ip: Ipv6Packet): Uint8Array {
  const types = [...ip.extensions.map(extension => extension.type), ip.nextHeader];
  const extensions = ip.extensions.map(({ rest }, index) =>
    concatenate(numberBytes(types[index + 1]!, 1), rest),
  );
  const payload = concatenate(...extensions, ip.payload);
  const first = ((ip.version ?? 6) << 28) | (ip.trafficClass << 20) | ip.flowLabel;
  return concatenate(
    header(
      [first >>> 0, 4],
      [ip.payloadLength ?? payload.length, 2],
      [types[0]!, 1],
      [ip.hopLimit, 1],
      [ip.source, 16],
      [ip.destination, 16],
    ),
    payload,
  );
}

/** Fragment header (RFC 8200, 4.5); `offset` in 8-byte units. */
export function fragmentHeader(offset: number, more: 0 | 1, id: number): ExtensionHeader {
  return { type: 44, rest: header([0, 1], [(offset << 3) | more, 2], [id, 4]) };
}

/** An option that a receiver skips if it does not know it (RFC 8200, 4.2), from the numbers for experiments. */
const skippedOption = 0x1e;

/** Hop-by-hop (0) or destination (60) options: one option that fills `units` * 8 + 8 bytes. */
export function optionsHeader(type: 0 | 60, units: number): ExtensionHeader {
  const space = units * 8 + 6;
  const option = header([units, 1], [skippedOption, 1], [space - 2, 1]);
  return { type, rest: concatenate(option, new Uint8Array(space - 2)) };
}

/** Routing header of a type that nothing acts on, with no segments left. */
export function routingHeader(units: number): ExtensionHeader {
  return { type: 43, rest: concatenate(header([units, 1], [253, 1], [0, 1]), new Uint8Array(units * 8 + 4)) };
}

/** Authentication header of 12 + `words` * 4 bytes. */
export function authenticationHeader(words: number): ExtensionHeader {
  return { type: 51, rest: concatenate(numberBytes(words + 1, 1), new Uint8Array(words * 4 + 10)) };
}

/** Where a transport header keeps its checksum, and whether that covers the addresses. */
const checksumPlaces: Readonly<Record<number, { readonly at: number; readonly pseudo: boolean }>> = {
  1: { at: 2, pseudo: false },
  6: { at: 16, pseudo: true },
  17: { at: 6, pseudo: true },
  58: { at: 2, pseudo: true },
};

/** The transport part with the right checksum; unchanged where it has none or is too short for it. */
export function withChecksum(
  protocol: number,
  segment: Uint8Array,
  source: Uint8Array,
  destination: Uint8Array,
): Uint8Array {
  const place = checksumPlaces[protocol];
  if (!place || segment.length < place.at + 2) return segment;
  const blank = patched(segment, place.at, numberBytes(0, 2));
  const pseudo = concatenate(source, destination, header([segment.length, 4], [protocol, 4]));
  const sum = internetChecksum(...(place.pseudo ? [pseudo] : []), blank);
  return patched(segment, place.at, numberBytes(sum === 0 && protocol === 17 ? 0xffff : sum, 2));
}
