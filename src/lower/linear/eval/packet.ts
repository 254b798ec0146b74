// A packet as nf_tables sees it: the bytes of an sk_buff and what the kernel knows beside them. The evaluator takes
// it as given; test/model says how a frame on the wire becomes one at each hook.

/** A network device, as far as an expression can ask for it. */
export interface Device {
  readonly index: number;
  readonly name: string;
  readonly group: number;
  /** ARPHRD_* number; 1 is Ethernet. */
  readonly type: number;
  /** Link kind (`veth`, `bridge`); absent for devices without one (`lo`, physical devices). */
  readonly kind?: string;
}

/** Addresses in network order, 4 or 16 bytes. Ports as numbers (ICMP: as conntrack stores them). */
export interface ConntrackTuple {
  readonly source: Uint8Array;
  readonly destination: Uint8Array;
  readonly sourcePort: number;
  readonly destinationPort: number;
}

/** A conntrack entry and how this packet belongs to it (`nf_ct_get`). */
export interface ConntrackEntry {
  /** The packet's relation to the entry. A template (`ct zone set`) has only this: it reads as `new`. */
  readonly state: 'established' | 'related' | 'new';
  readonly template?: boolean;
  readonly direction: 'original' | 'reply';
  /** IPS_* bits. */
  readonly status: number;
  readonly mark: number;
  /** 2 (IPv4) or 10 (IPv6). */
  readonly l3protocol: number;
  readonly protocol: number;
  readonly original: ConntrackTuple;
  readonly reply: ConntrackTuple;
  /** Zone id; `zoneDirection` restricts it to one direction (the other one then has zone 0). */
  readonly zone?: number;
  readonly zoneDirection?: 'original' | 'reply';
  /** Milliseconds left. */
  readonly expiration?: number;
  /** 16 bytes; absent: the entry has no labels, which reads as zeros. */
  readonly label?: Uint8Array;
  /** Packets and bytes by direction, this packet included; absent: accounting is off, which reads as 0. */
  readonly accounting?: Readonly<Record<'original' | 'reply', { packets: bigint; bytes: bigint }>>;
  /** Name of the master's helper, of expected connections only. */
  readonly masterHelper?: string;
}

/** Credentials of the file behind a full socket of this namespace. */
export interface SocketOwner {
  readonly uid: number;
  readonly gid: number;
  readonly cgroupClass?: number;
}

/**
 * Offsets are into `bytes`. A property that says "absent: not modelled" makes rules that ask for it not evaluable;
 * `'none'` says that the packet is known to have none.
 */
export interface Packet {
  /** From the link header (if there is one) to the end of the skb. A VLAN tag in metadata is not among them. */
  readonly bytes: Uint8Array;
  /** Start of the link header; absent: not set (locally sent packets at output and postrouting). */
  readonly macOffset?: number;
  readonly networkOffset: number;
  /** skb->data: skb->len, and with it every counter, starts here (netdev egress: the link header). */
  readonly dataOffset: number;
  /** End of the linear part; absent: all is linear. Only the fast payload load asks. */
  readonly linearEnd?: number;
  /** skb->protocol, an EtherType as a number; 802.3 frames have 1 or 4. */
  readonly protocol: number;
  /** The tag in skb metadata. */
  readonly vlan?: { readonly protocol: number; readonly tci: number };
  /** PACKET_*: 0 host, 1 broadcast, 2 multicast, 3 other host, 5 loopback. */
  readonly packetType: number;
  readonly mark: number;
  readonly priority: number;
  /** Input and output device of the hook. */
  readonly input?: Device;
  readonly output?: Device;
  /** skb->dev. */
  readonly device?: Device;
  /** Absent: not modelled. */
  readonly conntrack?: ConntrackEntry | 'none' | 'untracked';
  /**
   * The priority at which conntrack runs on this hook (-200): base chains before it see no entry. Absent: the entry was
   * there when the packet came.
   */
  readonly conntrackFrom?: number;
  /** Absent: not modelled. */
  readonly socket?: SocketOwner | 'none';
  readonly cpu?: number;
  /** Absent: not modelled. */
  readonly securityPath?: boolean;
  /** Nanoseconds: since 1970, and of the monotonic clock. Absent: not modelled. */
  readonly clock?: { readonly realtime?: bigint; readonly monotonic?: bigint };
}

/** The evaluator's own copy of a packet, which writes change. */
export type WorkingPacket = { -readonly [K in keyof Packet]: Packet[K] };

/** A copy whose bytes may be written. */
export function copyPacket(packet: Packet): WorkingPacket {
  return { ...packet, bytes: packet.bytes.slice() };
}

/** The packet as a base chain of this priority meets it: without its conntrack entry in front of conntrack (fact 58). */
export function packetAtPriority(packet: Packet, priority: number): Packet {
  const isBefore = packet.conntrackFrom !== undefined && priority < packet.conntrackFrom;
  return isBefore ? { ...packet, conntrack: 'none' } : packet;
}

/** skb->len. */
export function packetLength(packet: Packet): number {
  return packet.bytes.length - packet.dataOffset;
}

/**
 * `skb_copy_bits`: `length` bytes from `offset` (into `packet.bytes`), or nothing if any of them lies past the end.
 * Like the kernel it looks at the whole packet, linear or not.
 */
export function readBytes(packet: Packet, offset: number, length: number): Uint8Array | undefined {
  if (offset < 0 || offset + length > packet.bytes.length) return undefined;
  return packet.bytes.subarray(offset, offset + length);
}

/** Two bytes in network order as a number. */
export function readUint16(packet: Packet, offset: number): number | undefined {
  const bytes = readBytes(packet, offset, 2);
  return bytes && (bytes[0]! << 8) | bytes[1]!;
}
