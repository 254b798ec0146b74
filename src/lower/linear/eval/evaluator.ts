// The definition of what a ruleset means: it takes the register IR and a packet and says what nf_tables in the kernel
// would do. It is written from the kernel's behaviour (docs/semantics.md) for clearness alone; no code generator has any
// part in it, and what it does not model it reports instead of guessing.

import type { Family } from '../../../model/family.ts';
import type { IrChain, IrRuleset, IrTable, RuleId, SetId } from '../ir.ts';
import { type ChainTable, type LogEvent, type RunRecord, runBaseChain, type TraceStep } from './chain.ts';
import type { Execution, Machine } from './execution.ts';
import { chainsAt, type HookedChain, type HookPoint } from './hook-order.ts';
import { type KernelVersion, kernelBehaviour } from './kernel-behaviour.ts';
import { copyPacket, type Packet, packetAtPriority, type WorkingPacket } from './packet.ts';
import { setUpPacket } from './packet-info.ts';
import { type ByteOrder, Registers } from './registers.ts';
import { createSetContents, type SetContents } from './set-contents.ts';
import { createCell, type StatefulCell } from './state.ts';

export interface EvaluatorOptions {
  readonly kernel: KernelVersion;
  /** Byte order of the target machine; `little` by default. */
  readonly byteOrder?: ByteOrder;
  /** sys_tz.tz_minuteswest of the kernel, 0 by default; only `meta day` asks. */
  readonly minutesWest?: number;
  /** CONFIG_HZ, 250 by default. */
  readonly hz?: number;
  /** Draws uniform 32-bit numbers; without it random expressions are not evaluable. */
  readonly random?: () => number;
}

/** Why there is no verdict: what the packet met is not modelled. State up to there has changed. */
export interface NotEvaluable {
  readonly kind: 'not_evaluable';
  readonly reason: string;
  readonly rule?: RuleId;
}

export interface Decided {
  readonly kind: 'decided';
  readonly verdict: 'accept' | 'drop';
  /** The base chain that dropped; absent if the packet went through. */
  readonly droppedBy?: { readonly family: Family; readonly table: string; readonly chain: string };
  /** Rules that matched, in the order they ran. */
  readonly trace: readonly TraceStep[];
  /** Log statements that were reached, in order. */
  readonly logs: readonly LogEvent[];
  /** The packet as the hook leaves it. */
  readonly packet: Packet;
}

export type Evaluation = Decided | NotEvaluable;

/** A counter of a rule (its `counter`-th counter statement), or a named one. */
export interface CounterReading {
  readonly family: Family;
  readonly table: string;
  readonly rule?: RuleId;
  readonly counter?: number;
  readonly object?: string;
  readonly packets: bigint;
  readonly bytes: bigint;
}

/** State lasts over packets: counters, limits, quotas, number generators. */
export interface Evaluator {
  evaluate(point: HookPoint, packet: Packet): Evaluation;
  /** All counters, in the order of the ruleset. */
  counters(): readonly CounterReading[];
}

interface TableState extends ChainTable {
  readonly table: IrTable;
  readonly objects: ReadonlyMap<string, { readonly type: number; readonly cell: StatefulCell | undefined }>;
}

function createTableState(table: IrTable): TableState {
  const rules = table.chains.flatMap(chain => chain.rules);
  return {
    table,
    chains: new Map(table.chains.map(chain => [chain.name, chain])),
    cells: new Map(rules.map(rule => [rule.id, rule.expressions.map(createCell)])),
    objects: new Map(
      table.objects.map(({ name, type, expression }) => [
        `${type} ${name}`,
        { type, cell: expression && createCell(expression) },
      ]),
    ),
  };
}

function findObject(state: TableState, type: number | undefined, name: string): StatefulCell | undefined {
  if (type !== undefined) return state.objects.get(`${type} ${name}`)?.cell;
  return undefined;
}

function ruleCounters({ table, cells }: TableState): CounterReading[] {
  return [...cells].flatMap(([rule, ofRule]) =>
    ofRule
      .filter(cell => cell?.op === 'counter')
      .map(({ state }, counter) => ({ family: table.family, table: table.name, rule, counter, ...state })),
  );
}

function objectCounters({ table, objects }: TableState): CounterReading[] {
  return table.objects.flatMap(({ name, type }) => {
    const cell = objects.get(`${type} ${name}`)?.cell;
    if (cell?.op !== 'counter') return [];
    return [{ family: table.family, table: table.name, object: name, ...cell.state }];
  });
}

function createMachine(options: EvaluatorOptions): Machine {
  return {
    behaviour: kernelBehaviour(options.kernel),
    byteOrder: options.byteOrder ?? 'little',
    minutesWest: options.minutesWest ?? 0,
    hz: options.hz ?? 250,
    ...(options.random && { random: options.random }),
  };
}

/** A base chain in front of conntrack sees a packet without an entry (fact 58); a notrack there stays. */
function beforeConntrack<T>(packet: WorkingPacket, chain: IrChain, run: () => T): T {
  const { conntrack } = packet;
  const seen = packetAtPriority(packet, chain.base!.priority);
  if (seen === packet) return run();
  Object.assign(packet, seen);
  const result = run();
  if (packet.conntrack === 'none') Object.assign(packet, { conntrack });
  return result;
}

class RulesetEvaluator implements Evaluator {
  readonly #ruleset: IrRuleset;
  readonly #machine: Machine;
  readonly #tables: ReadonlyMap<IrTable, TableState>;
  readonly #sets: ReadonlyMap<SetId, SetContents>;

  constructor(ruleset: IrRuleset, machine: Machine) {
    this.#ruleset = ruleset;
    this.#machine = machine;
    this.#tables = new Map(ruleset.tables.map(table => [table, createTableState(table)]));
    this.#sets = new Map(
      ruleset.tables.flatMap(table => table.sets).map(set => [set.id, createSetContents(set)]),
    );
  }

  /** `nf_hook_slow`: accept goes on to the next base chain, drop ends the hook (fact 26). */
  evaluate(point: HookPoint, packet: Packet): Evaluation {
    const working = copyPacket(packet);
    const record: RunRecord = { trace: [], logs: [] };
    for (const hooked of chainsAt(this.#ruleset, point)) {
      const outcome = this.#runChain(point, hooked, working, record);
      if (outcome.kind === 'not_evaluable') return outcome;
      if (outcome.verdict === 'drop') {
        const { table, chain } = hooked;
        const droppedBy = { family: table.family, table: table.name, chain: chain.name };
        return { kind: 'decided', verdict: 'drop', droppedBy, ...record, packet: working };
      }
    }
    return { kind: 'decided', verdict: 'accept', ...record, packet: working };
  }

  #runChain(
    point: HookPoint,
    { table, chain }: HookedChain,
    packet: WorkingPacket,
    record: RunRecord,
  ): { kind: 'verdict'; verdict: 'accept' | 'drop' } | NotEvaluable {
    // nat chains see the first packet of a connection only, and bind (fact 31).
    if (chain.base?.type === 'nat') return { kind: 'not_evaluable', reason: 'nat chains are not modelled' };
    const setUp = setUpPacket(table.family, point.list, point.hook, packet, this.#machine.behaviour);
    if (setUp.kind === 'skip') return { kind: 'verdict', verdict: setUp.verdict };
    if (setUp.kind === 'not_evaluable') return setUp;
    const state = this.#tables.get(table)!;
    const execution: Execution = {
      machine: this.#machine,
      packet,
      info: setUp.info,
      hook: point.hook,
      list: point.list,
      registers: new Registers(this.#machine.byteOrder),
      findSet: id => this.#sets.get(id),
      findObject: (type, name) => findObject(state, type, name),
    };
    const outcome = beforeConntrack(packet, chain, () => runBaseChain(execution, state, chain, record));
    if (outcome.kind === 'verdict') return outcome;
    const { reason, rule } = outcome;
    return { kind: 'not_evaluable', reason, ...(rule && { rule: rule.id }) };
  }

  counters(): readonly CounterReading[] {
    return [...this.#tables.values()].flatMap(state => [...ruleCounters(state), ...objectCounters(state)]);
  }
}

/** An evaluator with the state that the ruleset starts with. */
export function createEvaluator(ruleset: IrRuleset, options: EvaluatorOptions): Evaluator {
  return new RulesetEvaluator(ruleset, createMachine(options));
}
