// Translated programs in the interpreter: the same bytes that the kernel gets, on packets as the register IR's evaluator takes
// them. Maps last over packets, so counters, limits and sets keep what they learned.

import { fieldOffset, structureId } from '../../bpf-asm/btf/layout.ts';
import { type Btf, findTypes } from '../../bpf-asm/btf/read.ts';
import type { Reference } from '../../bpf-asm/instruction.ts';
import {
  type Environment,
  type Fault,
  Machine,
  MapTable,
  Memory,
  RingBuffer,
  type Routine,
  standardHelpers,
} from '../../bpf-asm/vm/index.ts';
import type { Span } from '../../source/span.ts';
import { type CounterReading, type HookPoint, type Packet, packetAtPriority } from '../linear/eval/index.ts';
import type { Attach, BpfMap, Program, Target } from '../program.ts';
import { readCounters } from './counters.ts';
import { KernelTypes, modelBtf } from './kernel-types.ts';
import { KernelWorld } from './kernel-world.ts';
import { kernelFunctions } from './kfuncs.ts';
import { attachmentsAt } from './placement.ts';
import type { TargetModel } from './target.ts';
import { NetfilterTarget } from './target-netfilter.ts';
import { SkbTarget } from './target-skb.ts';
import { XdpTarget } from './target-xdp.ts';

/** A type id that nothing is looked up by. */
const anyType = 0x7fff;

export interface RunnerOptions {
  /** Types of the kernel for which the programs were resolved; absent: they have references, a model is used. */
  readonly vmlinux?: Btf;
  /** CONFIG_HZ, 250 by default. */
  readonly hz?: number;
  /** CLOCK_TAI minus CLOCK_REALTIME in nanoseconds, 0 by default. */
  readonly taiOffset?: bigint;
  /** Draws uniform 32-bit numbers; 0 by default. */
  readonly random?: () => number;
  /** Instructions a program may run, 1,000,000 by default. */
  readonly budget?: number;
}

export interface ProgramDecision {
  readonly kind: 'decided';
  readonly verdict: 'accept' | 'drop';
  readonly instructions: number;
  /** The packet as the program left it. */
  readonly packet: Packet;
}

/** The program did what the kernel's verifier would not have let it, or returned no verdict: a defect of the translation. */
export interface ProgramFault {
  readonly kind: 'fault';
  readonly program: string;
  readonly fault: Fault | { readonly code: 'bad-verdict'; readonly slot: number; readonly message: string };
  /** The source that the instruction came from. */
  readonly span?: Span;
}

export type ProgramRun = ProgramDecision | ProgramFault;

/** What all programs at a hook decide together. */
export type HookRun = (ProgramDecision & { readonly droppedBy?: string }) | ProgramFault;

export interface RunnerFailure {
  readonly ok: false;
  readonly message: string;
}

export interface RunHow {
  /** Called with the program's name and the slot of each instruction that runs. */
  readonly trace?: (program: string, slot: number) => void;
}

export class Runner {
  readonly maps: MapTable;
  readonly #programs: readonly Program[];
  readonly #definitions: readonly BpfMap[];
  readonly #options: RunnerOptions;
  readonly #memory: Memory;
  readonly #types: KernelTypes;
  readonly #world: KernelWorld;
  readonly #targets: Map<Target, TargetModel> = new Map();
  readonly #machines: Map<Program, Machine> = new Map();
  #realtime = 0n;
  #monotonic = 0n;
  #cpu = 0;

  constructor(
    programs: readonly Program[],
    definitions: readonly BpfMap[],
    maps: MapTable,
    memory: Memory,
    options: RunnerOptions,
  ) {
    this.maps = maps;
    this.#programs = programs;
    this.#definitions = definitions;
    this.#options = options;
    this.#memory = memory;
    this.#types = new KernelTypes(options.vmlinux ?? modelBtf());
    this.#world = new KernelWorld(this.#types, memory, { hz: options.hz ?? 250 });
  }

  /** All programs at a hook, in order: the first that drops ends it. */
  runHook(point: HookPoint, packet: Packet, how: RunHow = {}): HookRun {
    let result: ProgramDecision = { kind: 'decided', verdict: 'accept', instructions: 0, packet };
    for (const { program, attach } of attachmentsAt(this.#programs, point)) {
      const run = this.run(program, result.packet, attach, how);
      if (run.kind === 'fault') return run;
      result = { ...run, instructions: result.instructions + run.instructions };
      if (run.verdict === 'drop') return { ...result, droppedBy: program.name };
    }
    return result;
  }

  /** One program on one packet, as if it were attached there. */
  run(program: Program, packet: Packet, attach: Attach, how: RunHow = {}): ProgramRun {
    this.#realtime = packet.clock?.realtime ?? 0n;
    this.#monotonic = packet.clock?.monotonic ?? 0n;
    this.#cpu = packet.cpu ?? 0;
    const target = this.#target(program.target);
    const seen = attach.target === 'netfilter' ? packetAtPriority(packet, attach.priority) : packet;
    const context = target.place(seen, attach);
    const { trace } = how;
    const result = this.#machine(program).run({
      arguments: [context],
      ...(this.#options.budget === undefined ? {} : { budget: this.#options.budget }),
      ...(trace === undefined ? {} : { trace: slot => trace(program.name, slot) }),
    });
    if (result.kind === 'fault') return describeFault(program, result.fault);
    const value = Number(BigInt.asUintN(32, result.value));
    const verdict = target.verdict(value);
    if (verdict === undefined) {
      const message = `${program.target} programs return no ${value}`;
      return describeFault(program, { code: 'bad-verdict', slot: 0, message });
    }
    return { kind: 'decided', verdict, instructions: result.instructions, packet: target.finish(packet) };
  }

  /** All counters of rules and all named ones. */
  counters(): readonly CounterReading[] {
    return readCounters(this.#definitions, this.maps);
  }

  /** Takes the records out of a ring buffer, oldest first. */
  takeRecords(map: string): readonly Uint8Array[] {
    const ring = this.maps.get(map);
    return ring instanceof RingBuffer ? ring.drain() : [];
  }

  #target(name: Target): TargetModel {
    const known = this.#targets.get(name);
    if (known !== undefined) return known;
    const target = this.#createTarget(name);
    this.#targets.set(name, target);
    return target;
  }

  #createTarget(name: Target): TargetModel {
    switch (name) {
      case 'xdp':
        return new XdpTarget(this.#world, this.#memory);
      case 'netfilter':
        return new NetfilterTarget(this.#world, this.#memory);
      case 'tc':
      case 'cgroup_skb':
        return new SkbTarget(this.#world, this.#memory, name === 'cgroup_skb');
    }
  }

  #machine(program: Program): Machine {
    const known = this.#machines.get(program);
    if (known !== undefined) return known;
    const target = this.#target(program.target);
    const kfuncs = kernelFunctions(() => target.view);
    const machine = new Machine({
      code: program.code,
      relocations: program.relocations,
      memory: this.#memory,
      maps: this.maps,
      helpers: new Map([...standardHelpers(this.maps, this.#environment()), ...target.helpers]),
      kfuncs,
      kfuncIds: this.#kfuncIds(kfuncs),
      resolve: reference => this.#resolve(reference),
    });
    this.#machines.set(program, machine);
    return machine;
  }

  /** Names by BTF id, for programs that were resolved against the given kernel. */
  #kfuncIds(kfuncs: ReadonlyMap<string, Routine>): Map<number, string> {
    const { btf } = this.#types;
    return new Map([...kfuncs.keys()].flatMap(name => functionIds(btf, name).map(id => [id, name] as const)));
  }

  /** The model kernel has few types; which one a pointer is cast to makes no difference here. */
  #resolve({ kind, name }: Reference): number | undefined {
    const found = (kind === 'field' ? fieldOffset : structureId)(this.#types.btf, name);
    if (found.ok) return found.value;
    return kind === 'type' && this.#options.vmlinux === undefined ? anyType : undefined;
  }

  #environment(): Environment {
    const { hz = 250, taiOffset = 0n, random } = this.#options;
    const runner = this;
    return {
      monotonicTime: () => this.#monotonic,
      bootTime: () => this.#monotonic,
      taiTime: () => this.#realtime + taiOffset,
      jiffies: () => (this.#monotonic * BigInt(hz)) / 1_000_000_000n,
      random: () => random?.() ?? 0,
      get cpu() {
        return runner.#cpu;
      },
    };
  }
}

function functionIds(btf: Btf, name: string): number[] {
  return findTypes(btf, name, ['func']);
}

function describeFault(program: Program, fault: ProgramFault['fault']): ProgramFault {
  const span = program.spans[program.origins[fault.slot] ?? -1];
  return { kind: 'fault', program: program.name, fault, ...(span === undefined ? {} : { span }) };
}

/** A runner with all maps as the translation fills them. It fails if a map does not take its contents. */
export function createRunner(
  programs: readonly Program[],
  maps: readonly BpfMap[],
  options: RunnerOptions = {},
): { readonly ok: true; readonly runner: Runner } | RunnerFailure {
  const memory = new Memory();
  const table = new MapTable(memory);
  for (const definition of maps) {
    const added = table.add(definition);
    if (typeof added === 'number') {
      return { ok: false, message: `map ${definition.name} does not take its contents: error ${-added}` };
    }
  }
  return { ok: true, runner: new Runner(programs, maps, table, memory, options) };
}
