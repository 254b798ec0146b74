// Whether rules run where their statements may: every rule that a base chain reaches is held against its hook and type.

import { chainTypeOf, type Feature, placesOf, untrackedFamilies } from '../../model/placement.ts';
import type { Diagnostic } from '../../source/diagnostic.ts';
import type { Span } from '../../source/span.ts';
import { fail } from '../type/failure.ts';
import type { BaseChain } from './base-chain.ts';
import type { Jumps } from './nesting.ts';
import type { RuleUses } from './rule-uses.ts';
import type { ChainState, TableState } from './table-state.ts';

function reachedFrom(table: TableState, jumps: Jumps, base: string): readonly ChainState[] {
  const reached = new Set([base]);
  for (const name of reached) for (const jump of jumps.of(name)) reached.add(jump.text);
  return [...reached].flatMap(name => table.chains.get(name) ?? []);
}

function refusal(message: string, span: Span, base: BaseChain): Diagnostic {
  const notes = [{ message: 'reached from this base chain', span: base.span }];
  return { code: 'wrong-hook', severity: 'error', message, span, notes };
}

function misplaced(table: TableState, base: BaseChain, feature: Feature, span: Span): Diagnostic | undefined {
  const wanted = chainTypeOf(feature);
  if (wanted !== undefined && base.type !== wanted) {
    return refusal(`\`${feature}\` runs in chains of type ${wanted} only, not ${base.type}`, span, base);
  }
  const hooks = placesOf(feature, table.family);
  if (hooks.includes(base.hook)) return undefined;
  const where =
    hooks.length === 0 ? `in family ${table.family}` : `on hook ${base.hook}, only on ${hooks.join(', ')}`;
  return refusal(`\`${feature}\` cannot run ${where}`, span, base);
}

function checkBaseChain(
  table: TableState,
  jumps: Jumps,
  chain: ChainState,
  base: BaseChain,
): readonly Diagnostic[] {
  return reachedFrom(table, jumps, chain.name).flatMap(({ rules }) =>
    rules.flatMap(({ uses }) =>
      uses.features.flatMap(({ feature, span }) =>
        feature === 'ct' ? [] : (misplaced(table, base, feature, span) ?? []),
      ),
    ),
  );
}

/** What needs connection tracking is refused when the rule is added, not only where a base chain reaches it. */
export function checkTracking({ family }: TableState, uses: RuleUses): void {
  if (!untrackedFamilies.includes(family)) return;
  const tracked = uses.features.find(({ feature }) => feature === 'ct' || feature === 'synproxy');
  if (tracked === undefined) return;
  fail('no-conntrack', `there is no connection tracking in family ${family}`, tracked.span);
}

/** One diagnostic for each feature of a rule and base chain that reaches it. */
export function checkPlacement(table: TableState, jumps: Jumps): readonly Diagnostic[] {
  const chains = [...table.chains.values()];
  return chains.flatMap(chain =>
    chain.base === undefined ? [] : checkBaseChain(table, jumps, chain, chain.base),
  );
}
