// Ethernet frames: header, VLAN tags, ARP.

import { concatenate, header, numberBytes } from './bytes.ts';

export const etherType = {
  ipv4: 0x0800,
  arp: 0x0806,
  ipv6: 0x86dd,
  vlan: 0x8100,
  serviceVlan: 0x88a8,
} as const;

export interface VlanTag {
  /** 0x8100 or 0x88a8. */
  readonly protocol: number;
  readonly priority: number;
  readonly dropEligible: 0 | 1;
  readonly id: number;
}

export interface EthernetFrame {
  /** 48 bits. */
  readonly destination: bigint;
  readonly source: bigint;
  /** Outermost first. */
  readonly tags: readonly VlanTag[];
  /** EtherType, or below 0x600 a length. */
  readonly type: number;
  readonly payload: Uint8Array;
}

export function tagControl({ priority, dropEligible, id }: VlanTag): number {
  return (priority << 13) | (dropEligible << 12) | id;
}

export function ethernetFrame({ destination, source, tags, type, payload }: EthernetFrame): Uint8Array {
  const tagBytes = tags.map(tag => header([tag.protocol, 2], [tagControl(tag), 2]));
  return concatenate(header([destination, 6], [source, 6]), ...tagBytes, numberBytes(type, 2), payload);
}

export interface ArpPacket {
  readonly hardwareType: number;
  readonly protocolType: number;
  readonly hardwareLength: number;
  readonly protocolLength: number;
  readonly operation: number;
  readonly senderMac: bigint;
  readonly senderAddress: number;
  readonly targetMac: bigint;
  readonly targetAddress: number;
}

export function arpPacket(arp: ArpPacket): Uint8Array {
  return header(
    [arp.hardwareType, 2],
    [arp.protocolType, 2],
    [arp.hardwareLength, 1],
    [arp.protocolLength, 1],
    [arp.operation, 2],
    [arp.senderMac, 6],
    [arp.senderAddress, 4],
    [arp.targetMac, 6],
    [arp.targetAddress, 4],
  );
}
