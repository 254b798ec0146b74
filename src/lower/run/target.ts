// What the places have in common where the interpreter runs programs: a packet is put into memory with the context that points
// to it, and after the run both are read back.

import type { Packet as PacketMemory, Routine } from '../../bpf-asm/vm/index.ts';
import type { Packet } from '../linear/eval/index.ts';
import type { Attach } from '../program.ts';
import type { KernelView } from './kfuncs.ts';

export interface TargetModel {
  /** Puts a packet in place. The result is the address of the context. */
  place(packet: Packet, attach: Attach): bigint;
  /** The packet that was placed last, for the helpers. */
  readonly packet: PacketMemory;
  /** The same for kernel functions. */
  readonly view: KernelView;
  /** Helpers that only this type of program has. */
  readonly helpers: ReadonlyMap<number, Routine>;
  /** The packet as the program left it. */
  finish(packet: Packet): Packet;
  /** What a return value means; undefined if it is none that a translated program may return. */
  verdict(value: number): 'accept' | 'drop' | undefined;
}
