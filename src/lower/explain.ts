// Which base chains and rules are exact on which targets, and what stands in the way of the others: what `nft2bpf check`
// prints. Each base chain is planned alone, so one that cannot move says nothing about its neighbours.

import type { Hook } from '../model/family.ts';
import type { Diagnostic } from '../source/diagnostic.ts';
import type { Span } from '../source/span.ts';
import { type LogWay, Reader } from './flow/reader.ts';
import { planPrograms } from './hooks/plan.ts';
import type { KernelVersion } from './hooks/target.ts';
import type { IrBaseChain, IrChain, IrRule, IrRuleset, IrTable, RuleId } from './linear/ir.ts';
import type { Target } from './program.ts';
import { Resources } from './resources.ts';

/** A rule that a base chain reaches. It is exact on a target unless something refuses it there. */
export interface RuleReport {
  readonly rule: RuleId;
  readonly span: Span;
  readonly refusals: Readonly<Partial<Record<Target, readonly Diagnostic[]>>>;
}

export interface ChainReport {
  readonly family: IrTable['family'];
  readonly table: string;
  readonly chain: string;
  readonly span: Span;
  readonly base: IrBaseChain;
  /** Targets that run where the chain's hook is, the one that `auto` takes first. Empty: no target does. */
  readonly targets: readonly Target[];
  /** Those of them that decide every packet as the chain does. */
  readonly exact: readonly Target[];
  /** What stands against the chain as a whole, by target. */
  readonly refusals: Readonly<Partial<Record<Target, readonly Diagnostic[]>>>;
  readonly rules: readonly RuleReport[];
}

export interface ExplainOptions {
  /** Linux version of the machine the programs are for. Default 6.18. */
  readonly kernel?: KernelVersion;
  /** What becomes of log statements; default `ring-buffer`. */
  readonly log?: LogWay;
}

function targetsAt(hook: Hook): readonly Target[] {
  if (hook === 'ingress') return ['tc', 'xdp'];
  return hook === 'egress' ? ['tc'] : ['netfilter'];
}

/** The ruleset with one base chain only; whatever it may call stays. */
function withOnly(ruleset: IrRuleset, base: IrChain): IrRuleset {
  const tables = ruleset.tables.map(table => ({
    ...table,
    chains: table.chains.filter(chain => chain.base === undefined || chain === base),
  }));
  return { tables };
}

type Machine = Required<ExplainOptions>;

interface TargetReading {
  readonly chain: readonly Diagnostic[];
  readonly rules: ReadonlyMap<RuleId, readonly Diagnostic[]>;
}

/** What a target says of the chain and of each rule that the chain reaches. */
function readFor(target: Target, ruleset: IrRuleset, { kernel, log }: Machine): TargetReading {
  const { plans, diagnostics } = planPrograms(ruleset, { target, kernel });
  const resources = new Resources(ruleset);
  const rules = new Map<RuleId, readonly Diagnostic[]>();
  const chain = diagnostics.filter(({ severity }) => severity === 'refusal');
  for (const plan of plans) {
    const reader = new Reader(plan, kernel, resources, log);
    reader.readAll();
    const ofRules = new Set<Diagnostic>();
    for (const rule of rulesOf(ruleset)) {
      if (!reader.rules.includes(rule.id)) continue;
      const refusals = reader.refusalsOf(rule);
      for (const refusal of refusals) ofRules.add(refusal);
      rules.set(rule.id, [...(rules.get(rule.id) ?? []), ...refusals]);
    }
    chain.push(...reader.refusals.filter(refusal => !ofRules.has(refusal)));
  }
  return { chain, rules };
}

function rulesOf(ruleset: IrRuleset): readonly IrRule[] {
  return ruleset.tables.flatMap(table => table.chains.flatMap(chain => chain.rules));
}

function isExact({ chain, rules }: TargetReading): boolean {
  return chain.length === 0 && [...rules.values()].every(refusals => refusals.length === 0);
}

function explainChain(
  ruleset: IrRuleset,
  table: IrTable,
  chain: IrChain,
  base: IrBaseChain,
  machine: Machine,
): ChainReport {
  const alone = withOnly(ruleset, chain);
  const targets = targetsAt(base.hook);
  const readings = new Map(targets.map(target => [target, readFor(target, alone, machine)]));
  const exact = targets.filter(target => isExact(readings.get(target)!));
  const reached = rulesOf(alone).filter(({ id }) =>
    [...readings.values()].some(({ rules }) => rules.has(id)),
  );
  return {
    family: table.family,
    table: table.name,
    chain: chain.name,
    span: chain.span,
    base,
    targets,
    exact,
    refusals: Object.fromEntries([...readings].map(([target, reading]) => [target, reading.chain])),
    rules: reached.map(({ id, span }) => ({
      rule: id,
      span,
      refusals: Object.fromEntries([...readings].map(([target, { rules }]) => [target, rules.get(id) ?? []])),
    })),
  };
}

/**
 * A report on each base chain, in the order of the ruleset.
 *
 * @example
 * ```ts
 * import { evaluate, explain, linearize, parse } from 'nft2bpf';
 *
 * const text = 'table ip t { chain c { type filter hook input priority 0; tcp dport 25 reject; }; }';
 * const [report] = explain(linearize(evaluate(parse(text)).ruleset).ir);
 * console.log(report?.targets, report?.exact, report?.rules[0]?.refusals.netfilter?.map(({ code }) => code));
 * // [ 'netfilter' ] [] [ 'unsupported-expression' ]
 * ```
 */
export function explain(
  ruleset: IrRuleset,
  { kernel = [6, 18], log = 'ring-buffer' }: ExplainOptions = {},
): readonly ChainReport[] {
  return ruleset.tables.flatMap(table =>
    table.chains.flatMap(chain =>
      chain.base === undefined ? [] : [explainChain(ruleset, table, chain, chain.base, { kernel, log })],
    ),
  );
}
