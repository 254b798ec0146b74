// How a packet that a raw socket sends, header included, becomes a Packet at output: raw_send_hdrinc (net/ipv4/raw.c) and
// rawv6_send_hdrinc (net/ipv6/raw.c).

import { concatenate, internetChecksum, numberBytes, patched } from './bytes.ts';
import { frozenClock, type LinkDevice } from './ingress.ts';
import type { InternetPacket } from './prerouting.ts';

/** The kernel writes total length and checksum; the identification too if it is 0, which is not modelled. */
function completed4(bytes: Uint8Array): Uint8Array {
  const headerLength = (bytes[0]! & 0xf) * 4;
  if (headerLength < 20) return bytes;
  const header = patched(
    patched(bytes.subarray(0, headerLength), 2, numberBytes(bytes.length, 2)),
    10,
    numberBytes(0, 2),
  );
  const summed = patched(header, 10, numberBytes(internetChecksum(header), 2));
  return concatenate(summed, bytes.subarray(headerLength));
}

/** The loopback address, or none: such packets take another device. */
function staysInside(destination: Uint8Array): boolean {
  const isLoopback4 = destination.length === 4 && destination[0] === 127;
  return isLoopback4 || destination.subarray(0, -1).every(byte => byte === 0);
}

/** `bytes` from the IP header on; `device` is the one the route leads to. The socket belongs to root. */
export function packetAtOutput(bytes: Uint8Array, device: LinkDevice): InternetPacket | undefined {
  const isIpv6 = bytes[0]! >> 4 === 6;
  if (bytes.length < (isIpv6 ? 40 : 20) || (!isIpv6 && (bytes[0]! & 0xf) * 4 > bytes.length))
    return undefined;
  if (staysInside(isIpv6 ? bytes.subarray(24, 40) : bytes.subarray(16, 20))) return undefined;
  return {
    list: isIpv6 ? 'ip6' : 'ip',
    packet: {
      bytes: isIpv6 ? bytes : completed4(bytes),
      networkOffset: 0,
      dataOffset: 0,
      protocol: isIpv6 ? 0x86dd : 0x0800,
      packetType: 0,
      mark: 0,
      priority: 0,
      output: device,
      conntrack: 'none',
      socket: { uid: 0, gid: 0 },
      securityPath: false,
      clock: frozenClock,
    },
  };
}
