// Frames for the demonstration: Ethernet, IPv4, then TCP or UDP, with the fields that the example rulesets ask for.

function bytes(value: number, length: number): number[] {
  return Array.from({ length }, (_, index) => (value >>> (8 * (length - 1 - index))) & 0xff);
}

function address(text: string): number[] {
  return text.split('.').map(Number);
}

/** RFC 1071. */
function checksum(header: readonly number[]): number {
  let sum = 0;
  for (let at = 0; at < header.length; at += 2) sum += (header[at]! << 8) | header[at + 1]!;
  while (sum > 0xffff) sum = (sum & 0xffff) + (sum >>> 16);
  return ~sum & 0xffff;
}

function internetHeader(source: string, destination: string, protocol: number, payload: number): number[] {
  const header = [
    ...[0x45, 0, ...bytes(20 + payload, 2)],
    ...[0, 1, 0, 0, 64, protocol, 0, 0],
    ...address(source),
    ...address(destination),
  ];
  header.splice(10, 2, ...bytes(checksum(header), 2));
  return header;
}

const link = [2, 0, 0, 0, 0, 1, 2, 0, 0, 0, 0, 2, 8, 0];

/** TCP flags in the order of their bits. */
const flagBits = ['fin', 'syn', 'rst', 'psh', 'ack', 'urg'] as const;

export interface Endpoints {
  readonly from: string;
  readonly to: string;
  readonly sport?: number;
  readonly dport: number;
}

export function tcp(
  { from, to, sport = 40000, dport }: Endpoints,
  flags: readonly (typeof flagBits)[number][] = ['syn'],
): Uint8Array {
  const bits = flags.reduce((sum, flag) => sum | (1 << flagBits.indexOf(flag)), 0);
  const segment = [
    ...bytes(sport, 2),
    ...bytes(dport, 2),
    ...Array(8).fill(0),
    0x50,
    bits,
    0xff,
    0xff,
    0,
    0,
    0,
    0,
  ];
  return Uint8Array.from([...link, ...internetHeader(from, to, 6, segment.length), ...segment]);
}

export function udp({ from, to, sport = 40000, dport }: Endpoints, payload = 8): Uint8Array {
  const datagram = [
    ...bytes(sport, 2),
    ...bytes(dport, 2),
    ...bytes(8 + payload, 2),
    0,
    0,
    ...Array(payload).fill(0),
  ];
  return Uint8Array.from([...link, ...internetHeader(from, to, 17, datagram.length), ...datagram]);
}
