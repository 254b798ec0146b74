// One base chain's run: `nft_do_chain` (nf_tables_core.c). Facts 26, 28 and 30.

import type { IrChain, IrRule, RuleId, Verdict } from '../ir.ts';
import type { Execution } from './execution.ts';
import { evaluateExpression } from './expression.ts';
import { packetLength } from './packet.ts';
import type { StatefulCell } from './state.ts';
import { next, type Step } from './step.ts';

/** A rule whose last expression was reached, and what it said. */
export interface TraceStep {
  readonly chain: string;
  readonly rule: RuleId;
  /** `continue` where the rule gave no verdict. */
  readonly verdict: string;
}

/** A log statement that was reached: the `statement`-th of its rule. What it saw of the packet is as it was then. */
export interface LogEvent {
  readonly rule: RuleId;
  readonly statement: number;
  readonly mark: number;
  /** Bytes, as `meta length` and counters have it. */
  readonly length: number;
}

/** What a run leaves behind beside its verdict. */
export interface RunRecord {
  readonly trace: TraceStep[];
  readonly logs: LogEvent[];
}

export interface ChainTable {
  readonly chains: ReadonlyMap<string, IrChain>;
  /** State of a rule's expressions, by their place in the rule. */
  readonly cells: ReadonlyMap<RuleId, readonly (StatefulCell | undefined)[]>;
}

export type ChainOutcome =
  | { readonly kind: 'verdict'; readonly verdict: 'accept' | 'drop' }
  | { readonly kind: 'not_evaluable'; readonly reason: string; readonly rule?: IrRule };

interface Position {
  readonly chain: IrChain;
  index: number;
}

/** Jumps nest at most 16 deep (fact 30): more is a loop, which the kernel refuses at load. */
const maximumDepth = 16;
/** A ruleset without loops may go to chains many times, one jump after the other; one with a loop of gotos never ends. */
const maximumSteps = 1_000_000;

const endOfChain: Verdict = { kind: 'return' };

class ChainRun {
  readonly #execution: Execution;
  readonly #table: ChainTable;
  readonly #record: RunRecord;
  readonly #policy: 'accept' | 'drop';
  readonly #jumps: Position[] = [];
  #gotos = 0;
  #position: Position;

  constructor(execution: Execution, table: ChainTable, base: IrChain, record: RunRecord) {
    this.#execution = execution;
    this.#table = table;
    this.#record = record;
    this.#policy = base.base?.policy ?? 'accept';
    this.#position = { chain: base, index: 0 };
  }

  run(): ChainOutcome {
    for (;;) {
      const outcome = this.#next();
      if (outcome) return outcome;
    }
  }

  /** The next rule, or what the end of a chain means. */
  #next(): ChainOutcome | undefined {
    const { chain } = this.#position;
    const rule = chain.rules[this.#position.index++];
    if (!rule) return this.#follow(endOfChain);
    const step = this.#runRule(rule);
    if (step.kind === 'break') return undefined;
    if (step.kind === 'not_evaluable') return { kind: 'not_evaluable', reason: step.reason, rule };
    const verdict: Verdict = step.kind === 'next' ? { kind: 'continue' } : step.verdict;
    this.#record.trace.push({ chain: chain.name, rule: rule.id, verdict: verdict.kind });
    return this.#follow(verdict);
  }

  #runRule(rule: IrRule): Step {
    const cells = this.#table.cells.get(rule.id) ?? [];
    let logs = 0;
    for (const [index, expression] of rule.expressions.entries()) {
      if (expression.op === 'log') this.#log(rule, logs++);
      const step = evaluateExpression(this.#execution, expression, cells[index]);
      if (step.kind !== 'next') return step;
    }
    return next;
  }

  /** `nft_log_eval`: the packet as it is at this place of the rule. */
  #log(rule: IrRule, statement: number): void {
    const { packet } = this.#execution;
    this.#record.logs.push({ rule: rule.id, statement, mark: packet.mark, length: packetLength(packet) });
  }

  /** Undefined: the run goes on, at the position that the verdict leads to. */
  #follow(verdict: Verdict): ChainOutcome | undefined {
    switch (verdict.kind) {
      case 'continue':
        return undefined;
      case 'accept':
      case 'drop':
        return { kind: 'verdict', verdict: verdict.kind };
      case 'return':
        return this.#return();
      case 'jump':
        this.#jumps.push(this.#position);
        return this.#enter(verdict.chain);
      case 'goto':
        this.#gotos++;
        return this.#enter(verdict.chain);
    }
  }

  /** Behind the last jump; without one, the policy (facts 26 and 28). */
  #return(): ChainOutcome | undefined {
    const back = this.#jumps.pop();
    if (!back) return { kind: 'verdict', verdict: this.#policy };
    this.#position = back;
    return undefined;
  }

  #enter(name: string): ChainOutcome | undefined {
    const chain = this.#table.chains.get(name);
    if (!chain) return { kind: 'not_evaluable', reason: `chain ${name} does not exist` };
    if (this.#jumps.length > maximumDepth || this.#gotos > maximumSteps)
      return { kind: 'not_evaluable', reason: 'jumps nest too deep' };
    this.#position = { chain, index: 0 };
    return undefined;
  }
}

/** Runs a base chain to its verdict. */
export function runBaseChain(
  execution: Execution,
  table: ChainTable,
  base: IrChain,
  record: RunRecord,
): ChainOutcome {
  return new ChainRun(execution, table, base, record).run();
}
