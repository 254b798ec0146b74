// A server behind the output device that answers what reaches it, whatever addresses and ports translation has given it: a
// script of packets could not know them.

import {
  type Ends,
  frame,
  icmpPacket,
  type Ports,
  reversed,
  tcpFlag,
  tcpPacket,
  udpPacket,
} from './frames.ts';
import { outputAddress } from './net/lab.ts';
import type { ScenarioPacket } from './scenario.ts';

const linkHeader = 14;
const { syn, ack, psh, fin, rst } = tcpFlag;

interface Received {
  readonly ends: Ends;
  readonly protocol: number;
  readonly segment: DataView;
}

/** An IPv4 packet without options in a frame. */
function received(bytes: Uint8Array): Received | undefined {
  if (bytes[12] !== 0x08 || bytes[13] !== 0 || bytes[linkHeader] !== 0x45) return undefined;
  const packet = bytes.subarray(linkHeader);
  const address = (at: number): string => packet.subarray(at, at + 4).join('.');
  return {
    ends: { source: address(12), destination: address(16) },
    protocol: packet[9]!,
    segment: new DataView(packet.buffer, packet.byteOffset + 20, packet.length - 20),
  };
}

/** To a segment that wants one: the handshake's, data for data, the end for the end. */
function tcpAnswer(ends: Ends, ports: Ports, segment: DataView): Uint8Array | undefined {
  const flags = segment.getUint8(13);
  if ((flags & rst) !== 0) return undefined;
  const sequence = segment.getUint32(4);
  const next = { ...ports, sequence: segment.getUint32(8) };
  if (flags === syn)
    return tcpPacket(ends, { ...ports, flags: syn | ack, sequence: 500, acknowledgement: sequence + 1 });
  if ((flags & psh) !== 0) {
    const length = segment.byteLength - 20;
    const payload = new Uint8Array(20);
    return tcpPacket(ends, { ...next, flags: psh | ack, acknowledgement: sequence + length, payload });
  }
  return (flags & fin) === 0
    ? undefined
    : tcpPacket(ends, { ...next, flags: fin | ack, acknowledgement: sequence + 1 });
}

function answer({ ends, protocol, segment }: Received): Uint8Array | undefined {
  const back = reversed(ends);
  if (protocol === 1)
    return segment.getUint8(0) === 8 ? icmpPacket(back, 0, 0, segment.getUint32(4)) : undefined;
  const ports = { sourcePort: segment.getUint16(2), destinationPort: segment.getUint16(0) };
  if (protocol === 6) return tcpAnswer(back, ports, segment);
  return protocol === 17 ? udpPacket(back, ports) : undefined;
}

/** What the server sends back when a frame reaches it. */
export function answerOf(sent: Uint8Array): ScenarioPacket | undefined {
  const packet = received(sent);
  const bytes = packet && answer(packet);
  return bytes && { via: 'output', bytes: frame(bytes, outputAddress) };
}
