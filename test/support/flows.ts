// Connections as a machine in the middle or at the end sees them: scripts of packets that make conntrack go through its
// states. Clients sit behind the input device, servers behind the output device of a lab with `host` routing.

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

/** A packet of the client, and one of the server; to the machine itself the server's way is what it sends. */
function fromClient(packet: Uint8Array): ScenarioPacket {
  return { via: 'input', bytes: frame(packet) };
}

function fromServer(packet: Uint8Array): ScenarioPacket {
  return { via: 'output', bytes: frame(packet, outputAddress) };
}

const swapped = ({ sourcePort, destinationPort }: Ports): Ports => ({
  sourcePort: destinationPort,
  destinationPort: sourcePort,
});

/** Handshake, data both ways, and the end of a TCP connection through the machine. */
export function tcpConnection(ends: Ends, ports: Ports): ScenarioPacket[] {
  const { syn, ack, psh, fin } = tcpFlag;
  const client = (flags: number, sequence: number, acknowledgement: number, length = 0): ScenarioPacket =>
    fromClient(
      tcpPacket(ends, { ...ports, flags, sequence, acknowledgement, payload: new Uint8Array(length) }),
    );
  const server = (flags: number, sequence: number, acknowledgement: number, length = 0): ScenarioPacket =>
    fromServer(
      tcpPacket(reversed(ends), {
        ...swapped(ports),
        flags,
        sequence,
        acknowledgement,
        payload: new Uint8Array(length),
      }),
    );
  return [
    client(syn, 100, 0),
    server(syn | ack, 500, 101),
    client(ack, 101, 501),
    client(psh | ack, 101, 501, 10),
    server(psh | ack, 501, 111, 20),
    client(fin | ack, 111, 521),
    server(fin | ack, 521, 112),
    client(ack, 112, 522),
  ];
}

/** Segments that belong to no connection: far outside of a window, with impossible flags, an answer to nothing. */
export function strayTcp(ends: Ends, ports: Ports): ScenarioPacket[] {
  const { syn, ack, fin, rst } = tcpFlag;
  return [
    fromServer(tcpPacket(reversed(ends), { ...swapped(ports), flags: syn | ack, acknowledgement: 7 })),
    fromClient(tcpPacket(ends, { ...ports, flags: syn | fin })),
    fromClient(tcpPacket(ends, { ...ports, flags: 0 })),
    fromClient(tcpPacket(ends, { ...ports, flags: rst, sequence: 0x70000000 })),
    fromClient(tcpPacket(ends, { ...ports, flags: ack, sequence: 0x70000000, acknowledgement: 9 })),
  ];
}

/** Two requests, an answer, and more of both. */
export function udpExchange(ends: Ends, ports: Ports): ScenarioPacket[] {
  const request = fromClient(udpPacket(ends, ports));
  const answer = fromServer(udpPacket(reversed(ends), swapped(ports)));
  return [request, request, answer, request, answer];
}

/** ICMP or ICMPv6 echo: requests and replies, and a reply that nobody asked for. */
export function echoExchange(ends: Ends): ScenarioPacket[] {
  const [request, reply] = ends.source.includes(':') ? ([128, 129] as const) : ([8, 0] as const);
  return [
    fromClient(icmpPacket(ends, request, 0, 0x00070001)),
    fromServer(icmpPacket(reversed(ends), reply, 0, 0x00070001)),
    fromClient(icmpPacket(ends, request, 0, 0x00070002)),
    fromServer(icmpPacket(reversed(ends), reply, 0, 0x00990001)),
  ];
}

/**
 * A router behind the server's side says that a datagram could not be delivered; then the same about one never
 * sent.
 */
export function icmpError(ends: Ends, ports: Ports, router: string): ScenarioPacket[] {
  const [type, code] = ends.source.includes(':') ? ([1, 4] as const) : ([3, 3] as const);
  const about = (packet: Uint8Array): ScenarioPacket =>
    fromServer(icmpPacket({ source: router, destination: ends.source }, type, code, 0, packet));
  const sent = udpPacket(ends, ports);
  const neverSent = udpPacket(ends, { ...ports, sourcePort: ports.sourcePort + 1 });
  return [fromClient(sent), about(sent), about(neverSent)];
}
