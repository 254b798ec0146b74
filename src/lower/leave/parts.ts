// Both parts of a cut as rulesets: what becomes programs, and what stays in nf_tables. What only the programs use is not in
// the remainder, so that nobody adds elements to a set there that no packet meets.

import { type IrChain, type IrRuleset, type IrTable, SetFlag } from '../linear/ir.ts';
import type { Cut } from './cut.ts';
import { TableUses, unreached } from './uses.ts';

/** The ruleset whose base chains move, each at its program's priority. Lowering takes from it what they reach. */
export function movedPart(ruleset: IrRuleset, { moves }: Cut): IrRuleset {
  const tables = ruleset.tables.map(table => ({
    ...table,
    chains: table.chains.flatMap(chain => movedChain(chain, moves)),
  }));
  return { tables };
}

function movedChain(chain: IrChain, moves: Cut['moves']): readonly IrChain[] {
  if (chain.base === undefined) return [chain];
  const priority = moves.get(chain);
  if (priority === undefined) return [];
  return [priority === chain.base.priority ? chain : { ...chain, base: { ...chain.base, priority } }];
}

/** What stays: base chains with all that they reach, and all that no base chain reaches. */
export function stayingPart(ruleset: IrRuleset, { moves }: Cut): IrRuleset {
  return { tables: ruleset.tables.flatMap(table => stayingTable(table, moves)) };
}

function stayingTable(table: IrTable, moves: Cut['moves']): readonly IrTable[] {
  const moving = table.chains.filter(chain => moves.has(chain));
  if (moving.length === 0) return [table];
  const names = new TableUses(table);
  const idle = unreached(table, names);
  const moved = names.of(moving);
  const kept = names.of(
    [...table.chains.filter(chain => chain.base !== undefined && !moves.has(chain)), ...idle.chains.keys()],
    idle.sets.keys(),
  );
  const chains = table.chains.filter(chain => kept.chains.has(chain));
  const sets = table.sets.filter(set => kept.sets.has(set) || (!moved.sets.has(set) && isNamed(set.flags)));
  const objects = table.objects.filter(object => kept.objects.has(object) || !moved.objects.has(object));
  const { flowtables = [] } = table;
  const isEmpty = chains.length + sets.length + objects.length + flowtables.length === 0;
  return isEmpty ? [] : [{ ...table, chains, sets, objects }];
}

function isNamed(flags: number): boolean {
  return (flags & SetFlag.anonymous) === 0;
}
