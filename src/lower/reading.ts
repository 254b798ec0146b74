// What a target says of one base chain as if it were alone: of the chain as a whole, and of each rule that it reaches.

import type { Diagnostic } from '../source/diagnostic.ts';
import { type LogWay, Reader } from './flow/reader.ts';
import { planPrograms } from './hooks/plan.ts';
import type { KernelVersion } from './hooks/target.ts';
import type { IrChain, IrRule, IrRuleset, RuleId } from './linear/ir.ts';
import type { Target } from './program.ts';
import { Resources } from './resources.ts';

/** What a reading depends on besides the target. */
export interface Machine {
  readonly kernel: KernelVersion;
  readonly log: LogWay;
}

export interface Reading {
  /** What stands against the chain as a whole. */
  readonly chain: readonly Diagnostic[];
  /** What stands against each rule that the chain reaches; mostly nothing. */
  readonly rules: ReadonlyMap<RuleId, readonly Diagnostic[]>;
}

/** The ruleset with one base chain only; whatever it may call stays. */
export function withOnly(ruleset: IrRuleset, base: IrChain): IrRuleset {
  const tables = ruleset.tables.map(table => ({
    ...table,
    chains: table.chains.filter(chain => chain.base === undefined || chain === base),
  }));
  return { tables };
}

/** Reads the only base chain of `ruleset` (see `withOnly`) for a target. */
export function readFor(target: 'auto' | Target, ruleset: IrRuleset, { kernel, log }: Machine): Reading {
  const { plans, diagnostics } = planPrograms(ruleset, { target, kernel });
  const resources = new Resources(ruleset);
  const rules = new Map<RuleId, readonly Diagnostic[]>();
  const chain = diagnostics.filter(({ severity }) => severity === 'refusal');
  for (const plan of plans) {
    const reader = new Reader(plan, kernel, resources, log);
    reader.readAll();
    const reached = new Set(reader.rules);
    const ofRules = new Set<Diagnostic>();
    for (const rule of rulesOf(ruleset)) {
      if (!reached.has(rule.id)) continue;
      const refusals = reader.refusalsOf(rule);
      for (const refusal of refusals) ofRules.add(refusal);
      rules.set(rule.id, [...(rules.get(rule.id) ?? []), ...refusals]);
    }
    chain.push(...reader.refusals.filter(refusal => !ofRules.has(refusal)));
  }
  return { chain, rules };
}

export function rulesOf(ruleset: IrRuleset): readonly IrRule[] {
  return ruleset.tables.flatMap(table => table.chains.flatMap(chain => chain.rules));
}

export function isExact({ chain, rules }: Reading): boolean {
  return chain.length === 0 && [...rules.values()].every(refusals => refusals.length === 0);
}
