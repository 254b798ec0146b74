// How a frame from the wire becomes a Packet at netdev and inet ingress: eth_type_trans and the start of
// __netif_receive_skb_core (net/core/dev.c).

import type { Device, Packet } from '../../src/lower/linear/eval/index.ts';
import { concatenate, toHex } from './bytes.ts';

/** A network device of the machine, with its link address (48 bits, as 12 hex digits). */
export interface LinkDevice extends Device {
  readonly address: string;
}

export const frozenClock: NonNullable<Packet['clock']> = { monotonic: 0n };

export interface Arrival {
  readonly frame: Uint8Array;
  readonly device: LinkDevice;
  /** By default the monotonic clock stands still: nothing that a test does takes long. */
  readonly clock?: Packet['clock'];
}

const HOST = 0;
const BROADCAST = 1;
const MULTICAST = 2;
export const OTHER_HOST = 3;
export const ethernetLength = 14;

export function readUint16(bytes: Uint8Array, offset: number): number {
  return ((bytes[offset] ?? 0) << 8) | (bytes[offset + 1] ?? 0);
}

export function isVlanType(type: number): boolean {
  return type === 0x8100 || type === 0x88a8;
}

/** `eth_type_trans`: below 0x600 the field is a length, and what follows tells 802.2 (4) from raw 802.3 (1). */
function protocolOf(typeField: number, payload: Uint8Array): number {
  if (typeField >= 0x600) return typeField;
  return readUint16(payload, 0) === 0xffff && payload.length >= 2 ? 1 : 4;
}

function packetType(frame: Uint8Array, device: LinkDevice): number {
  const destination = toHex(frame.subarray(0, 6));
  if (destination === 'ffffffffffff') return BROADCAST;
  if ((frame[0]! & 1) === 1) return MULTICAST;
  return destination === device.address ? HOST : OTHER_HOST;
}

export interface Untagged {
  readonly bytes: Uint8Array;
  readonly protocol: number;
  readonly vlan?: { readonly protocol: number; readonly tci: number };
}

/** `skb_vlan_untag`: a tag moves into metadata. Nothing if the frame is too short for it, which drops it. */
export function untag(bytes: Uint8Array, protocol: number): Untagged | undefined {
  if (!isVlanType(protocol)) return { bytes, protocol };
  const tagLength = 4;
  if (bytes.length < ethernetLength + tagLength + 2) return undefined;
  const rest = bytes.subarray(ethernetLength + tagLength);
  return {
    // The type of what the tag carries takes the place of the tag's own.
    bytes: concatenate(bytes.subarray(0, 12), bytes.subarray(16, 18), rest),
    protocol: protocolOf(readUint16(bytes, 16), rest),
    vlan: { protocol, tci: readUint16(bytes, ethernetLength) },
  };
}

/** A frame at netdev and inet ingress. Nothing: it never gets there. */
export function packetAtIngress({ frame, device, clock = frozenClock }: Arrival): Packet | undefined {
  if (frame.length < ethernetLength) return undefined;
  const untagged = untag(frame, protocolOf(readUint16(frame, 12), frame.subarray(ethernetLength)));
  if (!untagged) return undefined;
  return {
    ...untagged,
    macOffset: 0,
    networkOffset: ethernetLength,
    dataOffset: ethernetLength,
    packetType: packetType(frame, device),
    mark: 0,
    priority: 0,
    input: device,
    device,
    conntrack: 'none',
    socket: 'none',
    securityPath: false,
    clock,
  };
}
