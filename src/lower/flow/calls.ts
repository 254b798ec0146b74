// Which chains are built at every call, and which once. Levels: the longest way from the base chain, so that a chain's
// level is above that of all it is called from, and two chains that run at the same time never share one.

import type { IrChain, IrRule, IrTable, Verdict } from '../linear/ir.ts';
import type { Action } from './action.ts';

export interface CallPlan {
  /** The level of a chain that is built once; undefined if it is built at each call. */
  readonly sharedLevel: (chain: IrChain) => number | undefined;
}

/** A chain of at most this many actions, with all it calls, is built at each call. */
const shortChain = 12;

type ActionsOf = (chain: IrChain, rule: IrRule) => readonly Action[];

/** The chains a rule can go to. */
export function calledChains(actions: readonly Action[]): Set<string> {
  const names = new Set<string>();
  const note = (verdict: Verdict | undefined): void => {
    if (verdict !== undefined && 'chain' in verdict) names.add(verdict.chain);
  };
  for (const action of actions) {
    if (action.kind === 'verdict') note(action.verdict);
    if (action.kind === 'verdict_map') action.set.elements.verdicts?.forEach(note);
  }
  return names;
}

interface Measured {
  size: number;
  calls: number;
  level: number;
}

class Planner implements CallPlan {
  private readonly chains: ReadonlyMap<string, IrChain>;
  private readonly actionsOf: ActionsOf;
  private readonly measured = new Map<IrChain, Measured>();
  private readonly order: IrChain[] = [];
  private readonly called = new Map<IrChain, IrChain[]>();

  constructor(table: IrTable, base: IrChain, actionsOf: ActionsOf) {
    this.chains = new Map(table.chains.map(chain => [chain.name, chain]));
    this.actionsOf = actionsOf;
    this.measure(base, new Set());
    for (const chain of [...this.order].reverse()) this.setLevels(chain);
  }

  /** Depth first: what a chain calls is measured before it. Nesting is at most 16. */
  private measure(chain: IrChain, open: Set<IrChain>): Measured {
    const known = this.measured.get(chain);
    if (known !== undefined) return known;
    const result: Measured = { size: 0, calls: 0, level: 0 };
    this.measured.set(chain, result);
    open.add(chain);
    const targets: IrChain[] = [];
    for (const rule of chain.rules) {
      const actions = this.actionsOf(chain, rule);
      result.size += actions.length;
      for (const name of calledChains(actions)) {
        const target = this.chains.get(name);
        if (target === undefined || open.has(target)) continue;
        const inner = this.measure(target, open);
        inner.calls++;
        targets.push(target);
        result.size += this.isShared(inner) ? 1 : inner.size;
      }
    }
    open.delete(chain);
    this.called.set(chain, targets);
    this.order.push(chain);
    return result;
  }

  private setLevels(chain: IrChain): void {
    const level = this.measured.get(chain)!.level + 1;
    for (const target of this.called.get(chain) ?? []) {
      const inner = this.measured.get(target)!;
      inner.level = Math.max(inner.level, level);
    }
  }

  private isShared({ size, calls }: Measured): boolean {
    return calls > 1 && size > shortChain;
  }

  sharedLevel(chain: IrChain): number | undefined {
    const measured = this.measured.get(chain);
    return measured !== undefined && this.isShared(measured) ? measured.level : undefined;
  }
}

export function planCalls(table: IrTable, base: IrChain, actionsOf: ActionsOf): CallPlan {
  return new Planner(table, base, actionsOf);
}
