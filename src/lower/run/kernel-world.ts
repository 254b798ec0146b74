// What of the kernel surrounds a packet, as a program finds it by following pointers: its sk_buff and head memory, devices,
// socket and conntrack entry. One world serves one packet after the other; objects stay, their contents change.

import type { Memory, Region } from '../../bpf-asm/vm/index.ts';
import type { Device, Packet } from '../linear/eval/index.ts';
import { buildConnection, ctinfoOf } from './connection.ts';
import { KernelObject } from './kernel-object.ts';
import type { KernelTypes } from './kernel-types.ts';

/** Bytes in front of the link header: nobody may read what they hold. */
const headroom = 64;
const noMacHeader = 0xffff;
const ETHERTYPE_IPV4 = 0x0800;

export interface WorldOptions {
  /** CONFIG_HZ of the kernel. */
  readonly hz: number;
}

/** sk_state of a socket that is no request or time-wait socket. */
const TCP_ESTABLISHED = 1;

export class KernelWorld {
  readonly types: KernelTypes;
  readonly memory: Memory;
  readonly skb: KernelObject;
  readonly net: KernelObject;
  readonly #hz: number;
  readonly #head: Region;
  readonly #devices: Map<number, { device: Device; object: KernelObject }> = new Map();
  readonly #kinds: Map<string, KernelObject> = new Map();
  #connection: KernelObject[] = [];
  #socket: KernelObject[] = [];

  constructor(types: KernelTypes, memory: Memory, options: WorldOptions) {
    this.types = types;
    this.memory = memory;
    this.#hz = options.hz;
    this.net = new KernelObject(types, 'net', memory);
    this.skb = new KernelObject(types, 'sk_buff', memory);
    this.#head = memory.add('the linear part of the packet', new Uint8Array(0), { writable: false });
  }

  /** A device; the same object for the same index. */
  device(device: Device | undefined): KernelObject | undefined {
    if (device === undefined) return undefined;
    const known = this.#devices.get(device.index);
    if (known?.device === device) return known.object;
    const object = known?.object ?? new KernelObject(this.types, 'net_device', this.memory);
    this.#devices.set(device.index, { device, object });
    object.set('ifindex', device.index);
    object.set('type', device.type);
    object.set('group', device.group);
    object.setText('name', device.name);
    object.point('nd_net.net', this.net);
    object.point('rtnl_link_ops', this.#linkOperations(device.kind));
    return object;
  }

  /** Kinds are few, and the kernel too has one object for each. */
  #linkOperations(kind: string | undefined): KernelObject | undefined {
    if (kind === undefined) return undefined;
    const known = this.#kinds.get(kind);
    if (known !== undefined) return known;
    const operations = new KernelObject(this.types, 'rtnl_link_ops', this.memory);
    const text = this.memory.add('a link kind', new TextEncoder().encode(`${kind}\0`), { writable: false });
    operations.point('kind', text);
    this.#kinds.set(kind, operations);
    return operations;
  }

  /** Sets everything up for a packet and returns its sk_buff. `dataOffset`: where skb->data points in its bytes. */
  place(packet: Packet, dataOffset: number): KernelObject {
    const { skb } = this;
    const linearEnd = packet.linearEnd ?? packet.bytes.length;
    const head = new Uint8Array(headroom + linearEnd).fill(0xa5, 0, headroom);
    head.set(packet.bytes.subarray(0, linearEnd), headroom);
    this.#head.replace(head);
    skb.set('head', this.#head.address);
    skb.set('data', this.dataAddress(dataOffset));
    skb.set('tail', headroom + linearEnd);
    skb.set('end', headroom + linearEnd);
    skb.set('len', packet.bytes.length - dataOffset);
    skb.set('data_len', packet.bytes.length - linearEnd);
    this.#setHeaders(packet);
    this.#setMetadata(packet);
    return skb;
  }

  /** The address of the byte at `offset` of the packet, if it is linear. */
  dataAddress(offset: number): bigint {
    return this.#head.address + BigInt(headroom + offset);
  }

  #setHeaders({ macOffset, networkOffset, bytes, protocol, vlan }: Packet): void {
    const { skb } = this;
    skb.set('mac_header', macOffset === undefined ? noMacHeader : headroom + macOffset);
    skb.set('mac_len', macOffset === undefined ? 0 : networkOffset - macOffset);
    skb.set('network_header', headroom + networkOffset);
    const ipv4Length = ((bytes[networkOffset] ?? 0) & 0xf) * 4;
    const headerLength = protocol === ETHERTYPE_IPV4 ? ipv4Length : 40;
    skb.set('transport_header', headroom + networkOffset + headerLength);
    skb.setBigEndian16('protocol', protocol);
    skb.setBigEndian16('vlan_proto', vlan?.protocol ?? 0);
    skb.set('vlan_tci', vlan?.tci ?? 0);
  }

  #setMetadata(packet: Packet): void {
    const { skb } = this;
    skb.set('mark', packet.mark);
    skb.set('priority', packet.priority);
    skb.set('pkt_type', packet.packetType);
    skb.set('skb_iif', packet.input?.index ?? 0);
    skb.set('hash', 0);
    skb.set('active_extensions', 0);
    skb.set('tstamp', packet.clock?.realtime ?? 0n);
    skb.set('_skb_refdst', 0n);
    skb.point('dev', this.device(packet.device));
    skb.point('sk', this.#placeSocket(packet));
    skb.set('_nfct', this.#placeConnection(packet));
  }

  #forget(objects: readonly KernelObject[]): void {
    for (const { region } of objects) this.memory.remove(region);
  }

  /** The value of skb->_nfct: the entry's address, and how the packet belongs to it in the low bits. */
  #placeConnection({ conntrack, clock }: Packet): bigint {
    this.#forget(this.#connection);
    this.#connection = [];
    if (conntrack === undefined || typeof conntrack === 'string') return ctinfoOf(conntrack);
    const jiffies = ((clock?.monotonic ?? 0n) * BigInt(this.#hz)) / 1_000_000_000n;
    this.#connection = buildConnection(this.types, this.memory, conntrack, { hz: this.#hz, jiffies });
    return (this.#connection[0]?.address ?? 0n) | ctinfoOf(conntrack);
  }

  #placeSocket({ socket }: Packet): KernelObject | undefined {
    this.#forget(this.#socket);
    this.#socket = [];
    if (socket === undefined || socket === 'none') return undefined;
    const create = (structure: string): KernelObject => new KernelObject(this.types, structure, this.memory);
    const [sock, file, owner, outer] = [create('sock'), create('file'), create('cred'), create('socket')];
    owner.set('fsuid.val', socket.uid);
    owner.set('fsgid.val', socket.gid);
    file.point('f_cred', owner);
    outer.point('file', file);
    sock.point('sk_socket', outer);
    sock.set('sk_cgrp_data.classid', socket.cgroupClass ?? 0);
    sock.set('__sk_common.skc_state', TCP_ESTABLISHED);
    sock.point('__sk_common.skc_net.net', this.net);
    this.#socket = [sock, file, owner, outer];
    return sock;
  }
}
