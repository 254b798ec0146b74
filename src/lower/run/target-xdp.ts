// XDP: the context is an xdp_md. The program sees the frame as it was on the wire: what the stack moves into metadata later,
// the outermost VLAN tag, still stands in it.

import {
  type Memory,
  type Packet as PacketMemory,
  type Region,
  type Routine,
  xdpHelpers,
} from '../../bpf-asm/vm/index.ts';
import type { Packet } from '../linear/eval/index.ts';
import { xdpContext, xdpVerdict } from './contexts.ts';
import { KernelObject } from './kernel-object.ts';
import type { KernelWorld } from './kernel-world.ts';
import type { KernelView } from './kfuncs.ts';
import type { TargetModel } from './target.ts';

/** The two link addresses stand in front of the tag. */
const tagOffset = 12;

/** The frame as it came from the wire. */
export function wireFrame({ bytes, macOffset = 0, vlan }: Packet): Uint8Array {
  const frame = bytes.slice(macOffset);
  if (vlan === undefined) return frame;
  const tagged = new Uint8Array(frame.length + 4);
  tagged.set(frame.subarray(0, tagOffset));
  const view = new DataView(tagged.buffer);
  view.setUint16(tagOffset, vlan.protocol);
  view.setUint16(tagOffset + 2, vlan.tci);
  tagged.set(frame.subarray(tagOffset), tagOffset + 4);
  return tagged;
}

export class XdpTarget implements TargetModel {
  readonly helpers: ReadonlyMap<number, Routine>;
  packet: PacketMemory = { bytes: new Uint8Array(0), linkOffset: 0, networkOffset: 0 };
  readonly #world: KernelWorld;
  readonly #data: Region;
  readonly #context: Region;
  readonly #buffer: KernelObject;
  readonly #queue: KernelObject;

  constructor(world: KernelWorld, memory: Memory) {
    this.#world = world;
    this.#data = memory.add('the packet', new Uint8Array(0), { writable: true, low: true });
    this.#context = memory.add('xdp_md', new Uint8Array(xdpContext.size), { writable: false });
    this.#buffer = new KernelObject(world.types, 'xdp_buff', memory);
    this.#queue = new KernelObject(world.types, 'xdp_rxq_info', memory);
    this.helpers = xdpHelpers(() => this.packet);
  }

  get view(): KernelView {
    return {
      bytes: this.packet.bytes,
      linear: this.packet.bytes.length,
      address: this.#data.address,
      kernelContext: () => this.#buffer.address,
    };
  }

  verdict(value: number): 'accept' | 'drop' | undefined {
    return xdpVerdict(value);
  }

  place(packet: Packet): bigint {
    const frame = wireFrame(packet);
    this.#data.replace(frame);
    this.packet = { bytes: frame, linkOffset: 0, networkOffset: packet.networkOffset };
    const { view } = this.#context;
    const end = this.#data.low + frame.length;
    view.setUint32(xdpContext.data, this.#data.low, true);
    view.setUint32(xdpContext.data_meta, this.#data.low, true);
    view.setUint32(xdpContext.data_end, end, true);
    view.setUint32(xdpContext.ingress_ifindex, packet.device?.index ?? 0, true);
    this.#queue.point('dev', this.#world.device(packet.device));
    this.#buffer.point('rxq', this.#queue);
    this.#buffer.set('data', this.#data.low);
    this.#buffer.set('data_end', end);
    return this.#context.address;
  }

  /** Translated programs do not change frames at XDP. */
  finish(packet: Packet): Packet {
    return packet;
  }
}
