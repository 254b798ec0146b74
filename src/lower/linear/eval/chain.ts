// One base chain's run: `nft_do_chain` (nf_tables_core.c). Facts 26, 28 and 30.

import type { IrChain, IrRule, RuleId } from '../ir.ts';
import type { Execution } from './execution.ts';
import { evaluateExpression } from './expression.ts';
import type { StatefulCell } from './state.ts';
import { next, type Step } from './step.ts';

/** A rule whose last expression was reached, and what it said. */
export interface TraceStep {
  readonly chain: string;
  readonly rule: RuleId;
  /** `continue` where the rule gave no verdict. */
  readonly verdict: string;
}

export interface ChainTable {
  readonly chains: ReadonlyMap<string, IrChain>;
  /** State of a rule's expressions, by their place in the rule. */
  readonly cells: ReadonlyMap<RuleId, readonly (StatefulCell | undefined)[]>;
}

export type ChainOutcome =
  | { readonly kind: 'verdict'; readonly verdict: 'accept' | 'drop'; readonly byPolicy: boolean }
  | { readonly kind: 'not_evaluable'; readonly reason: string; readonly rule?: IrRule };

interface Position {
  readonly chain: IrChain;
  index: number;
}

/** Jumps nest at most 16 deep (fact 30): more is a loop, which the kernel refuses at load. */
const maximumDepth = 16;

function runRule(execution: Execution, table: ChainTable, rule: IrRule): Step {
  const cells = table.cells.get(rule.id) ?? [];
  for (const [index, expression] of rule.expressions.entries()) {
    const step = evaluateExpression(execution, expression, cells[index]);
    if (step.kind !== 'next') return step;
  }
  return next;
}

function refusal(reason: string, rule?: IrRule): ChainOutcome {
  return { kind: 'not_evaluable', reason, ...(rule && { rule }) };
}

/** Runs a base chain to its verdict. A chain that ends, or returns, goes back to the last jump, or to the policy. */
export function runBaseChain(
  execution: Execution,
  table: ChainTable,
  base: IrChain,
  trace: TraceStep[],
): ChainOutcome {
  let position: Position = { chain: base, index: 0 };
  const jumps: Position[] = [];
  for (let gotos = 0; gotos <= maximumDepth; ) {
    const rule = position.chain.rules[position.index++];
    const step = rule
      ? runRule(execution, table, rule)
      : ({ kind: 'verdict', verdict: { kind: 'return' } } as const);
    if (step.kind === 'break') continue;
    if (step.kind === 'not_evaluable') return refusal(step.reason, rule);
    const verdict = step.kind === 'next' ? ({ kind: 'continue' } as const) : step.verdict;
    if (rule) trace.push({ chain: position.chain.name, rule: rule.id, verdict: verdict.kind });
    switch (verdict.kind) {
      case 'continue':
        break;
      case 'accept':
      case 'drop':
        return { kind: 'verdict', verdict: verdict.kind, byPolicy: false };
      case 'return': {
        const back = jumps.pop();
        if (!back) return { kind: 'verdict', verdict: base.base?.policy ?? 'accept', byPolicy: true };
        position = back;
        break;
      }
      case 'jump':
      case 'goto': {
        const chain = table.chains.get(verdict.chain);
        if (!chain) return refusal(`chain ${verdict.chain} does not exist`, rule);
        if (verdict.kind === 'jump') jumps.push(position);
        else gotos++;
        if (jumps.length > maximumDepth) return refusal('jumps nest too deep', rule);
        position = { chain, index: 0 };
      }
    }
  }
  return refusal('gotos do not end');
}
