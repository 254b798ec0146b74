// What stands on a netfilter hook for one protocol, in the order it runs. Chains of type nat do not run at their own
// priority: one function of the kernel calls them, at -100 (prerouting, output) and at 100 (input, postrouting), and stands
// on all four hooks as soon as there is one nat chain.

import type { Hook } from '../../model/family.ts';
import { inOrderOfRegistration, isHookedAt } from '../linear/eval/hook-order.ts';
import type { HookList } from '../linear/eval/packet-info.ts';
import type { IrChain, IrRuleset } from '../linear/ir.ts';

/** One function on a hook: that of a base chain, or (`chain` absent) the one that calls the nat chains. */
export interface Occupant {
  readonly chain?: IrChain;
  readonly priority: number;
  /** Of equal priorities, the higher rank runs first. */
  readonly rank: number;
}

const natPriorities: Readonly<Partial<Record<Hook, number>>> = {
  prerouting: -100,
  output: -100,
  input: 100,
  postrouting: 100,
};

export function occupantsAt(ruleset: IrRuleset, list: HookList, hook: Hook): readonly Occupant[] {
  const occupants: Occupant[] = [];
  let hasNat = false;
  inOrderOfRegistration(ruleset).forEach(({ table, chain }, rank) => {
    const { type, hook: own, priority } = chain.base!;
    if (!isHookedAt(table, chain, { list, hook: type === 'nat' ? own : hook })) return;
    if (type !== 'nat') occupants.push({ chain, priority, rank });
    else if (!hasNat) {
      hasNat = true;
      const natPriority = natPriorities[hook];
      if (natPriority !== undefined) occupants.push({ priority: natPriority, rank });
    }
  });
  return occupants.sort((a, b) => a.priority - b.priority || b.rank - a.rank);
}
