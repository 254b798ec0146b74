// tc: the context is a __sk_buff, the packet lies between its `data` and `data_end`. skb->data is at the link header
// there, at ingress too.

import {
  helperTable,
  type Memory,
  type Packet as PacketMemory,
  type Region,
  type Routine,
  type State,
  skbHelpers,
} from '../../bpf-asm/vm/index.ts';
import type { Packet } from '../linear/eval/index.ts';
import { netfilterVerdict, skbContext, tcVerdict } from './contexts.ts';
import type { KernelWorld } from './kernel-world.ts';
import type { KernelView } from './kfuncs.ts';
import type { TargetModel } from './target.ts';

const ENOMEM = -12;
const EINVAL = -22;
/** PACKET_OTHERHOST: bpf_skb_change_type works between this type and the ones below. */
const largestType = 3;

function swap16(value: number): number {
  return ((value & 0xff) << 8) | (value >> 8);
}

export class SkbTarget implements TargetModel {
  readonly helpers: ReadonlyMap<number, Routine>;
  packet: PacketMemory = { bytes: new Uint8Array(0), linkOffset: 0, networkOffset: 0 };
  readonly #world: KernelWorld;
  readonly #data: Region;
  readonly #context: Region;
  readonly #isCgroup: boolean;
  #bytes: Uint8Array = new Uint8Array(0);
  #dataOffset = 0;

  constructor(world: KernelWorld, memory: Memory, isCgroup: boolean) {
    this.#world = world;
    this.#isCgroup = isCgroup;
    this.#data = memory.add('the packet', new Uint8Array(0), { writable: !isCgroup, low: true });
    this.#context = memory.add('__sk_buff', new Uint8Array(skbContext.size), { writable: true });
    const own = helperTable({
      skb_pull_data: state => state.setInt(0, this.#pullData(state)),
      skb_change_type: state => state.setInt(0, this.#changeType(state)),
    });
    this.helpers = new Map([...skbHelpers(() => this.packet), ...own]);
  }

  get view(): KernelView {
    return {
      bytes: this.packet.bytes,
      linear: this.#data.bytes.length,
      address: this.#data.address,
      kernelContext: () => this.#world.skb.address,
    };
  }

  verdict(value: number): 'accept' | 'drop' | undefined {
    return this.#isCgroup ? netfilterVerdict(value) : tcVerdict(value);
  }

  place(packet: Packet): bigint {
    this.#dataOffset = this.#isCgroup ? packet.networkOffset : (packet.macOffset ?? packet.networkOffset);
    this.#bytes = packet.bytes.slice();
    const bytes = this.#bytes.subarray(this.#dataOffset);
    const linkOffset = (packet.macOffset ?? 0) - this.#dataOffset;
    this.packet = { bytes, linkOffset, networkOffset: packet.networkOffset - this.#dataOffset };
    const linear = (packet.linearEnd ?? packet.bytes.length) - this.#dataOffset;
    this.#data.replace(bytes.subarray(0, linear));
    this.#fillContext(packet);
    this.#world.place(packet, this.#dataOffset);
    return this.#context.address;
  }

  #fillContext(packet: Packet): void {
    const { view } = this.#context;
    const set = (member: keyof typeof skbContext, value: number): void => {
      view.setUint32(skbContext[member], value, true);
    };
    this.#context.bytes.fill(0);
    set('len', this.packet.bytes.length);
    set('wire_len', this.packet.bytes.length);
    set('pkt_type', packet.packetType);
    set('mark', packet.mark);
    set('protocol', swap16(packet.protocol));
    set('vlan_present', packet.vlan === undefined ? 0 : 1);
    set('vlan_tci', packet.vlan?.tci ?? 0);
    set('vlan_proto', swap16(packet.vlan?.protocol ?? 0));
    set('priority', packet.priority);
    set('ingress_ifindex', packet.input?.index ?? 0);
    set('ifindex', packet.device?.index ?? 0);
    set('data', this.#data.low);
    set('data_meta', this.#data.low);
    set('data_end', this.#data.low + this.#data.bytes.length);
  }

  /** bpf_skb_pull_data(skb, length): everything becomes linear; lengths beyond the packet fail. */
  #pullData(state: State): number {
    const { bytes } = this.packet;
    if (state.low[2]! >>> 0 > bytes.length) return ENOMEM;
    this.#data.replace(bytes);
    this.#context.view.setUint32(skbContext.data_end, this.#data.low + bytes.length, true);
    return 0;
  }

  /** bpf_skb_change_type(skb, type). */
  #changeType(state: State): number {
    const { view } = this.#context;
    const type = state.low[2]! >>> 0;
    const works = type <= largestType && view.getUint32(skbContext.pkt_type, true) <= largestType;
    if (works) view.setUint32(skbContext.pkt_type, type, true);
    return works ? 0 : EINVAL;
  }

  finish(packet: Packet): Packet {
    const { view } = this.#context;
    return {
      ...packet,
      bytes: this.#bytes,
      mark: view.getUint32(skbContext.mark, true),
      priority: view.getUint32(skbContext.priority, true),
      packetType: view.getUint32(skbContext.pkt_type, true),
    };
  }
}
