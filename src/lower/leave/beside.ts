// Which base chains in nf_tables meet the same packets at the same hook as a program: what a loader wants to know of a
// program that is only a part of a ruleset.

import type { Family } from '../../model/family.ts';
import { hookNumbers } from '../../model/hooks.ts';
import { type HookedChain, isHookedAt } from '../linear/eval/hook-order.ts';
import type { IrChain, IrRuleset } from '../linear/ir.ts';
import type { Attach, BesideChain } from '../program.ts';

/** The chains of `stays` at the places where a program is attached, in the order of the ruleset. */
export function chainsBeside(
  ruleset: IrRuleset,
  stays: ReadonlyMap<IrChain, unknown>,
  attach: readonly Attach[],
): readonly BesideChain[] {
  const hooked = ruleset.tables.flatMap(table => table.chains.map(chain => ({ table, chain })));
  return hooked
    .filter(({ chain }) => stays.has(chain))
    .filter(one => attach.some(place => meets(one, place)))
    .map(({ table, chain }) => ({ family: table.family as Family, table: table.name, chain: chain.name }));
}

function meets({ table, chain }: HookedChain, place: Attach): boolean {
  const { hook } = chain.base!;
  switch (place.target) {
    case 'netfilter':
      return (
        hookNumbers.inet[hook] === place.hook &&
        isHookedAt(table, chain, { list: place.pf === 2 ? 'ip' : 'ip6', hook })
      );
    case 'tc':
      return (
        hook === place.direction && isHookedAt(table, chain, { list: 'netdev', hook, device: place.device })
      );
    case 'xdp':
      return isHookedAt(table, chain, { list: 'netdev', hook: 'ingress', device: place.device });
    case 'cgroup_skb':
      return false;
  }
}
