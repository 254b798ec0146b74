// netfilter: the context is a bpf_nf_ctx, which points to the hook's state and to the sk_buff. All that a program reads it reads
// from the kernel's own structures.

import type { Memory, Packet as PacketMemory, Routine } from '../../bpf-asm/vm/index.ts';
import type { Packet } from '../linear/eval/index.ts';
import type { Attach } from '../program.ts';
import { netfilterVerdict } from './contexts.ts';
import { KernelObject } from './kernel-object.ts';
import type { KernelWorld } from './kernel-world.ts';
import { dynptrHelpers, type KernelView } from './kfuncs.ts';
import type { TargetModel } from './target.ts';

export class NetfilterTarget implements TargetModel {
  readonly helpers: ReadonlyMap<number, Routine>;
  packet: PacketMemory = { bytes: new Uint8Array(0), linkOffset: 0, networkOffset: 0 };
  readonly #world: KernelWorld;
  readonly #context: KernelObject;
  readonly #state: KernelObject;
  #linear = 0;
  #data = 0n;

  constructor(world: KernelWorld, memory: Memory) {
    this.#world = world;
    this.#context = new KernelObject(world.types, 'bpf_nf_ctx', memory);
    this.#state = new KernelObject(world.types, 'nf_hook_state', memory);
    this.helpers = dynptrHelpers(() => this.view);
  }

  get view(): KernelView {
    return {
      bytes: this.packet.bytes,
      linear: this.#linear,
      address: this.#data,
      kernelContext: () => this.#context.address,
    };
  }

  verdict(value: number): 'accept' | 'drop' | undefined {
    return netfilterVerdict(value);
  }

  place(packet: Packet, attach: Attach): bigint {
    const skb = this.#world.place(packet, packet.dataOffset);
    this.packet = {
      bytes: packet.bytes.subarray(packet.dataOffset),
      linkOffset: (packet.macOffset ?? 0) - packet.dataOffset,
      networkOffset: packet.networkOffset - packet.dataOffset,
    };
    this.#linear = (packet.linearEnd ?? packet.bytes.length) - packet.dataOffset;
    this.#data = this.#world.dataAddress(packet.dataOffset);
    this.#fillState(packet, attach);
    this.#context.point('state', this.#state);
    this.#context.point('skb', skb);
    return this.#context.address;
  }

  #fillState(packet: Packet, attach: Attach): void {
    const state = this.#state;
    if (attach.target === 'netfilter') {
      state.set('hook', attach.hook);
      state.set('pf', attach.pf);
    }
    state.point('in', this.#world.device(packet.input));
    state.point('out', this.#world.device(packet.output));
    state.point('net', this.#world.net);
    // The socket that the hook was called for, which only the sender's path knows; nf_tables never asks for it.
    state.point('sk', undefined);
  }

  /** A netfilter program can change nothing. */
  finish(packet: Packet): Packet {
    return packet;
  }
}
