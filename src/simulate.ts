// Packets through a translated ruleset without a kernel: the emitted bytes decide in the interpreter, and the register
// IR's evaluator says which rules matched. Should the two ever disagree, that is said instead of a verdict.

import type { KernelVersion } from './bpf-asm/isa.ts';
import { type CounterReading, createEvaluator, type Evaluator } from './lower/linear/eval/index.ts';
import type { IrRuleset, RuleId } from './lower/linear/ir.ts';
import type { Translated } from './lower/output/translated.ts';
import {
  createRunner,
  type PacketContext,
  type PacketPlace,
  packetAt,
  type Runner,
} from './lower/run/index.ts';

export type Decision =
  | {
      readonly kind: 'decided';
      readonly verdict: 'accept' | 'drop';
      /** Rules whose last statement was reached, in the order they ran; `verdict` is `continue` where a rule gave none. */
      readonly matched: readonly {
        readonly rule: RuleId;
        readonly chain: string;
        readonly verdict: string;
      }[];
      /** BPF instructions that ran. */
      readonly instructions: number;
    }
  /** The stack drops the packet, or takes it elsewhere, before it gets to the hook. */
  | { readonly kind: 'not_delivered'; readonly reason: string }
  /** A defect of nft2bpf, or something that the models of packets do not cover. */
  | { readonly kind: 'failed'; readonly reason: string };

/** A ruleset that packets can be shown to, one after the other; its state lasts. */
export class Simulation {
  readonly #runner: Runner;
  readonly #evaluator: Evaluator;

  constructor(runner: Runner, evaluator: Evaluator) {
    this.#runner = runner;
    this.#evaluator = evaluator;
  }

  /** `bytes` begin with the Ethernet header, or with the IP header if the context says `from: 'l3'`. */
  decide(place: PacketPlace, bytes: Uint8Array, context: PacketContext = {}): Decision {
    const at = packetAt(place, bytes, context);
    if (at.kind === 'not_delivered') return at;
    const run = this.#runner.runHook(at.point, at.packet);
    const meaning = this.#evaluator.evaluate(at.point, at.packet);
    if (run.kind === 'fault')
      return { kind: 'failed', reason: `program ${run.program}: ${run.fault.message}` };
    if (meaning.kind === 'not_evaluable') return { kind: 'failed', reason: meaning.reason };
    if (run.verdict !== meaning.verdict) {
      return {
        kind: 'failed',
        reason: `the program says ${run.verdict}, the ruleset means ${meaning.verdict}`,
      };
    }
    return { kind: 'decided', verdict: run.verdict, matched: meaning.trace, instructions: run.instructions };
  }

  /** All counters, as the programs left them in their maps. */
  counters(): readonly CounterReading[] {
    return this.#runner.counters();
  }
}

/**
 * A simulation of what `translate` gave for `ir`; a reason if a map does not take its contents, or if the programs are only
 * a part of the ruleset.
 *
 * @example
 * ```ts
 * import { createSimulation, evaluate, linearize, parse, translate } from 'nft2bpf';
 *
 * const text = 'table inet t { chain c { type filter hook input priority 0; tcp dport 22 drop; }; }';
 * const simulation = createSimulation(linearize(evaluate(parse(text)).ruleset).ir, translate(text));
 * if ('failed' in simulation) throw new Error(simulation.failed);
 * // 192.0.2.1 to 192.0.2.2, port 1025 to 22, SYN.
 * const packet = '45000028000100004006f6cbc0000201c00002020401001600000000000000005002000000000000';
 * const bytes = Uint8Array.from(packet.match(/../g) ?? [], byte => Number.parseInt(byte, 16));
 * const decision = simulation.decide({ family: 'inet', hook: 'input' }, bytes, { from: 'l3' });
 * console.log(decision.kind === 'decided' ? decision.verdict : decision.reason);
 * // drop
 * ```
 */
export function createSimulation(
  ir: IrRuleset,
  { programs, maps, remainder = '' }: Pick<Translated, 'programs' | 'maps' | 'remainder'>,
  [major, minor]: KernelVersion = [6, 18],
): Simulation | { readonly failed: string } {
  if (remainder !== '') return { failed: 'a part of the ruleset stays in nf_tables, which is not simulated' };
  const created = createRunner(programs, maps);
  if (!created.ok) return { failed: created.message };
  return new Simulation(created.runner, createEvaluator(ir, { kernel: { major, minor } }));
}
