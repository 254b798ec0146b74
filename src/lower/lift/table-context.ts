// What lifting a rule or a set of a table may look up.

import type { TableReference } from '../../ast/nodes/index.ts';
import type { Family } from '../../model/family.ts';
import { SetFlag } from '../../model/set-flags.ts';
import type { IrChain, IrSet, IrTable, SetId } from '../linear/ir.ts';
import { nameNode } from './make.ts';
import type { LiftOptions } from './options.ts';

export interface TableContext {
  readonly family: Family;
  readonly reference: TableReference;
  readonly sets: ReadonlyMap<SetId, IrSet>;
  /** Chains that rules made for themselves, by the name that tells them apart. */
  readonly anonymousChains: ReadonlyMap<string, IrChain>;
  /** Sets that rules add to. */
  readonly changedSets: ReadonlySet<SetId>;
  readonly options: LiftOptions;
}

/** Looks at rules only where there may be something to find. */
function changedSets({ sets, chains }: IrTable): ReadonlySet<SetId> {
  const fixed = SetFlag.anonymous | SetFlag.constant | SetFlag.interval;
  if (!sets.some(set => (set.flags & fixed) === 0 && set.size === undefined)) return new Set();
  const expressions = chains.flatMap(chain => chain.rules.flatMap(rule => rule.expressions));
  return new Set(expressions.flatMap(expression => (expression.op === 'dynset' ? [expression.set] : [])));
}

export function tableContext(table: IrTable, options: LiftOptions): TableContext {
  const { family, name, span, sets, chains } = table;
  const anonymous = chains.filter(chain => chain.anonymous);
  return {
    family,
    reference: { kind: 'table_reference', family, name: nameNode(name, span), span },
    sets: new Map(sets.map(set => [set.id, set])),
    anonymousChains: new Map(anonymous.map(chain => [chain.name, chain])),
    changedSets: changedSets(table),
    options,
  };
}
