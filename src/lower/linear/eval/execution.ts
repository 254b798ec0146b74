// What an expression works on: one base chain's run over one packet.

import type { Hook } from '../../../model/family.ts';
import type { SetId } from '../ir.ts';
import type { KernelBehaviour } from './kernel-behaviour.ts';
import type { WorkingPacket } from './packet.ts';
import type { HookList, PacketInfo } from './packet-info.ts';
import type { ByteOrder, Registers } from './registers.ts';
import type { SetContents } from './set-contents.ts';
import type { StatefulCell } from './state.ts';

/** What does not change over the evaluator's life. */
export interface Machine {
  readonly byteOrder: ByteOrder;
  readonly behaviour: KernelBehaviour;
  /** sys_tz.tz_minuteswest of the kernel: minutes *west* of UTC; only `meta day` asks. */
  readonly minutesWest: number;
  /** CONFIG_HZ: timeouts count in jiffies. */
  readonly hz: number;
  /** Draws a uniform 32-bit number; absent: random numbers are not evaluable. */
  readonly random?: () => number;
}

export interface Execution {
  readonly machine: Machine;
  readonly packet: WorkingPacket;
  readonly info: PacketInfo;
  readonly hook: Hook;
  readonly list: HookList;
  readonly registers: Registers;
  readonly findSet: (id: SetId) => SetContents | undefined;
  /** State of a named object of the chain's table, by its NFT_OBJECT_* number and name. */
  readonly findObject: (type: number | undefined, name: string) => StatefulCell | undefined;
}
