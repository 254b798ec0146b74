// A packet that is not for this machine, at forward (ip_forward in net/ipv4/ip_forward.c, ip6_forward in
// net/ipv6/ip6_output.c), and at postrouting (ip_output, ip6_output). What is not modelled: options, and packets
// larger than the way out takes.

import type { Packet } from '../../src/lower/linear/eval/index.ts';
import { concatenate, fromHex, numberBytes, patched } from './bytes.ts';
import { type LinkDevice, readUint16 } from './ingress.ts';
import type { InternetPacket } from './prerouting.ts';

const HOST = 0;

/** `ip_tos2prio`: the queueing priority of the four TOS bits. */
const priorityOfTos: readonly number[] = [0, 0, 0, 0, 2, 2, 2, 2, 6, 6, 6, 6, 4, 4, 4, 4];

/** `ip_decrease_ttl`: one less in the byte above the protocol is 0x0100 more in the checksum. */
function aged4(packet: Packet): Packet | undefined {
  const at = packet.networkOffset;
  const ttl = packet.bytes[at + 8] ?? 0;
  if (ttl <= 1) return undefined;
  const sum = readUint16(packet.bytes, at + 10) + 0x0100;
  const checksum = (sum + (sum >= 0xffff ? 1 : 0)) & 0xffff;
  const bytes = patched(
    patched(packet.bytes, at + 8, numberBytes(ttl - 1, 1)),
    at + 10,
    numberBytes(checksum, 2),
  );
  return { ...packet, bytes, priority: priorityOfTos[((packet.bytes[at + 1] ?? 0) >> 1) & 0xf]! };
}

function aged6(packet: Packet): Packet | undefined {
  const at = packet.networkOffset + 7;
  const hopLimit = packet.bytes[at] ?? 0;
  return hopLimit <= 1
    ? undefined
    : { ...packet, bytes: patched(packet.bytes, at, numberBytes(hopLimit - 1, 1)) };
}

/** No options but padding: others are acted upon, or answered with an error. */
function hasPlainHeader({ list, packet }: InternetPacket): boolean {
  const start = packet.networkOffset;
  const end = start + (packet.bytes[start]! & 0xf) * 4;
  return list === 'ip6' || packet.bytes.subarray(start + 20, end).every(byte => byte <= 1);
}

/** At forward. Nothing: the packet was not sent to this machine's link address alone, or has come to its end. */
export function packetAtForward(
  { list, packet }: InternetPacket,
  output: LinkDevice,
): InternetPacket | undefined {
  if (packet.packetType !== HOST || !hasPlainHeader({ list, packet })) return undefined;
  const aged = list === 'ip' ? aged4(packet) : aged6(packet);
  return aged && { list, packet: { ...aged, output } };
}

/** At postrouting, of a forwarded packet or one that the machine sends: skb->dev is the way out now. */
export function packetAtPostrouting({ list, packet }: InternetPacket): InternetPacket {
  return { list, packet: { ...packet, ...(packet.output && { device: packet.output }) } };
}

/** At netdev egress, behind a link header of its own: the devices of the lab have no neighbours, frames go to themselves. */
export function packetLeaving(packet: Packet, output: LinkDevice): Packet {
  const address = fromHex(output.address);
  const { input: _, ...rest } = packet;
  return {
    ...rest,
    bytes: concatenate(
      address,
      address,
      numberBytes(packet.protocol, 2),
      packet.bytes.subarray(packet.networkOffset),
    ),
    macOffset: 0,
    networkOffset: 14,
    dataOffset: 0,
    output,
    device: output,
  };
}
