// TCP, UDP, ICMP and ICMPv6. Checksums are what the caller gives, zero by default: nf_tables never checks one, and
// the properties only need the fields.

import { concatenate, header } from './bytes.ts';

export interface TcpSegment {
  readonly sourcePort: number;
  readonly destinationPort: number;
  readonly sequence: number;
  readonly acknowledgement: number;
  /** In 4-byte words; computed from the options if absent. */
  readonly dataOffset?: number;
  readonly reserved?: number;
  /** 8 bits. */
  readonly flags: number;
  readonly window: number;
  readonly checksum?: number;
  readonly urgent: number;
  /** A multiple of 4 bytes, at most 40. */
  readonly options: Uint8Array;
  readonly payload: Uint8Array;
}

export function tcpSegment(tcp: TcpSegment): Uint8Array {
  const words = tcp.dataOffset ?? 5 + tcp.options.length / 4;
  return concatenate(
    header(
      [tcp.sourcePort, 2],
      [tcp.destinationPort, 2],
      [tcp.sequence, 4],
      [tcp.acknowledgement, 4],
      [(words << 4) | (tcp.reserved ?? 0), 1],
      [tcp.flags, 1],
      [tcp.window, 2],
      [tcp.checksum ?? 0, 2],
      [tcp.urgent, 2],
    ),
    tcp.options,
    tcp.payload,
  );
}

export interface UdpDatagram {
  readonly sourcePort: number;
  readonly destinationPort: number;
  readonly length?: number;
  readonly checksum?: number;
  readonly payload: Uint8Array;
}

export function udpDatagram(udp: UdpDatagram): Uint8Array {
  return concatenate(
    header(
      [udp.sourcePort, 2],
      [udp.destinationPort, 2],
      [udp.length ?? 8 + udp.payload.length, 2],
      [udp.checksum ?? 0, 2],
    ),
    udp.payload,
  );
}

/** ICMP or ICMPv6: both start alike. `rest` is the 4 bytes behind the checksum (id and sequence, mtu, gateway). */
export interface IcmpMessage {
  readonly type: number;
  readonly code: number;
  readonly checksum?: number;
  readonly rest: number;
  readonly payload: Uint8Array;
}

export function icmpMessage(icmp: IcmpMessage): Uint8Array {
  return concatenate(
    header([icmp.type, 1], [icmp.code, 1], [icmp.checksum ?? 0, 2], [icmp.rest, 4]),
    icmp.payload,
  );
}
