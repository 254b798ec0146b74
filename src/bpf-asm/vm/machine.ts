// A program that is ready to run. Maps, memory and the routines of the kernel are the caller's, so that several
// programs can share them and state lasts from one run to the next.

import type { Reference, Relocation } from '../instruction.ts';
import { compile, type Linkage, type Routine } from './compile.ts';
import { type Fault, FaultSignal } from './fault.ts';
import type { MapTable } from './map/table.ts';
import type { Memory } from './memory.ts';
import type { State, Step } from './state.ts';

export interface MachineOptions {
  /** 8 bytes a slot, little endian. */
  readonly code: Uint8Array;
  readonly relocations?: readonly Relocation[];
  readonly memory: Memory;
  readonly maps?: MapTable;
  /** By BPF_FUNC_* number. */
  readonly helpers?: ReadonlyMap<number, Routine>;
  /** By name. */
  readonly kfuncs?: ReadonlyMap<string, Routine>;
  /** Names of kfuncs by BTF id, for programs in which they are resolved already. */
  readonly kfuncIds?: ReadonlyMap<number, string>;
  /** What `field` and `type` references stand for. */
  readonly resolve?: (reference: Reference) => number | undefined;
}

export interface RunOptions {
  /** Start values of R1-R5. */
  readonly arguments?: readonly bigint[];
  /** Instructions that may run; 1,000,000 by default. */
  readonly budget?: number;
  /** Called with the slot of every instruction before it runs. */
  readonly trace?: (slot: number) => void;
}

export type RunResult =
  | {
      readonly kind: 'exit';
      /** R0, unsigned. */
      readonly value: bigint;
      readonly instructions: number;
    }
  | { readonly kind: 'fault'; readonly fault: Fault; readonly instructions: number };

/** BPF_PSEUDO_MAP_VALUE: the high word of the immediate is an offset in the map's memory. */
const pseudoMapValue = 2;

function makeLinkage(options: MachineOptions): Linkage {
  const { code, maps, helpers, kfuncs, kfuncIds } = options;
  const view = new DataView(code.buffer, code.byteOffset, code.byteLength);
  const references = new Map((options.relocations ?? []).map(relocation => [relocation.index, relocation]));
  const nameOf = (slot: number, kind: Reference['kind']): string | undefined => {
    const reference = references.get(slot);
    return reference?.kind === kind ? reference.name : undefined;
  };
  const hasNumber = (slot: number): boolean => {
    const kind = references.get(slot)?.kind;
    return kind === 'field' || kind === 'type';
  };
  return {
    helper: number => helpers?.get(number),
    kfunc: (slot, id) => kfuncs?.get(nameOf(slot, 'kfunc') ?? kfuncIds?.get(id) ?? ''),
    imm64: slot => {
      const source = view.getUint8(slot * 8 + 1) >> 4;
      const map = maps?.get(nameOf(slot, 'map') ?? '');
      if (map === undefined || source !== pseudoMapValue) return map?.handle.address;
      return map.values === undefined
        ? undefined
        : map.values.address + BigInt(view.getUint32(slot * 8 + 12, true));
    },
    hasNumber,
    number: slot => (hasNumber(slot) ? options.resolve?.(references.get(slot)!) : undefined),
  };
}

/**
 * A program with its registers and stack. One machine runs one program at a time, as often as wanted.
 *
 * @example
 * ```ts
 * import { assemble, exit, load, R0, R1 } from 'nft2bpf/asm';
 * import { Machine, Memory } from 'nft2bpf/vm';
 *
 * const memory = new Memory();
 * const packet = memory.add('packet', Uint8Array.of(1, 2, 3, 4), { writable: false });
 * const run = (offset: number) => {
 *   const result = assemble({ name: 'read', items: [load(2, R0, R1, offset), exit()] });
 *   if (!result.ok) throw new Error(result.errors[0]?.message);
 *   return new Machine({ code: result.program.code, memory }).run({ arguments: [packet.address] });
 * };
 *
 * console.log(run(2));
 * // { kind: 'exit', value: 1027n, instructions: 2 }
 * const beyond = run(3);
 * console.log(beyond.kind === 'fault' && beyond.fault.message);
 * // read of 2 bytes at 0x00010000_00000003: offset 3 of packet, which has 4 bytes
 * ```
 */
export class Machine {
  readonly state: State;
  private readonly steps: readonly Step[];

  constructor(options: MachineOptions) {
    const { state, steps } = compile(options.code, options.memory, makeLinkage(options));
    this.state = state;
    this.steps = steps;
  }

  /** Runs from the first instruction to the exit, or to the first fault. Never throws. */
  run(options: RunOptions = {}): RunResult {
    const { state } = this;
    const budget = options.budget ?? 1_000_000;
    state.start(0);
    (options.arguments ?? []).forEach((value, index) => {
      state.set(index + 1, value);
    });
    const left = this.execute(budget, options.trace);
    if (typeof left === 'number') return { kind: 'exit', value: state.get(0), instructions: budget - left };
    return { kind: 'fault', fault: left.fault, instructions: budget - left.left };
  }

  private execute(budget: number, trace: RunOptions['trace']): number | { fault: Fault; left: number } {
    const { state, steps } = this;
    let left = budget;
    let slot = 0;
    try {
      while (state.running) {
        slot = state.pc;
        if (left === 0) throw new FaultSignal('budget', `more than ${budget} instructions`);
        left--;
        if (trace !== undefined) trace(slot);
        state.pc = slot + 1;
        steps[slot]!();
      }
      return left;
    } catch (signal) {
      if (!(signal instanceof FaultSignal)) throw signal;
      return { fault: { code: signal.code, slot, message: signal.message }, left };
    }
  }
}
