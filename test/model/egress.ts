// How a frame that a packet socket sends becomes a Packet at netdev egress: packet_snd and packet_parse_headers
// (net/packet/af_packet.c). skb->data is the link header there.

import type { Packet } from '../../src/lower/linear/eval/index.ts';
import { type Arrival, frozenClock, isVlanType, readUint16 } from './ingress.ts';

/** `vlan_get_protocol_and_depth`: where the network header stands behind all tags; 14 if they are cut off. */
function networkOffsetOf(frame: Uint8Array): number {
  let depth = 14;
  let tags = 0;
  for (let type = readUint16(frame, 12); isVlanType(type); type = readUint16(frame, depth - 2)) {
    if (frame.length < depth + 4 || ++tags === 8) return 14;
    depth += 4;
  }
  return readUint16(frame, depth - 2) === 0 ? 14 : depth;
}

/** `device` is the one the frame goes out of. The socket belongs to root. */
export function packetAtEgress({ frame, device, clock = frozenClock }: Arrival): Packet | undefined {
  if (frame.length < 14) return undefined;
  return {
    bytes: frame,
    macOffset: 0,
    networkOffset: networkOffsetOf(frame),
    dataOffset: 0,
    protocol: readUint16(frame, 12),
    packetType: 0,
    mark: 0,
    priority: 0,
    output: device,
    device,
    conntrack: 'none',
    socket: { uid: 0, gid: 0 },
    securityPath: false,
    clock,
  };
}
