// Which base chains and rules are exact on which targets, and what stands in the way of the others: what `nft2bpf check`
// prints. Each base chain is planned alone, so one that cannot move says nothing about its neighbours.

import type { Hook } from '../model/family.ts';
import type { Diagnostic } from '../source/diagnostic.ts';
import type { Span } from '../source/span.ts';
import type { LogWay } from './flow/reader.ts';
import type { KernelVersion } from './hooks/target.ts';
import { type Cut, cutRuleset, type StayReason } from './leave/cut.ts';
import type { IrBaseChain, IrChain, IrRuleset, IrTable, RuleId } from './linear/ir.ts';
import type { Target } from './program.ts';
import { isExact, type Machine, readFor, rulesOf, withOnly } from './reading.ts';

export type { StayReason };

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
  /**
   * With `leave: 'refused'`: why the chain stays in nf_tables, as far as that is known before programs are made. Undefined if it
   * becomes a program, or its table is dormant.
   */
  readonly stays?: StayReason;
}

export interface ExplainOptions {
  /** As `translate` takes it; decides which chains would stay. Default `auto`. */
  readonly target?: 'auto' | Target;
  /** Linux version of the machine the programs are for. Default 6.18. */
  readonly kernel?: KernelVersion;
  /** What becomes of log statements; default `ring-buffer`. */
  readonly log?: LogWay;
}

function targetsAt(hook: Hook): readonly Target[] {
  if (hook === 'ingress') return ['tc', 'xdp'];
  return hook === 'egress' ? ['tc'] : ['netfilter'];
}

function explainChain(
  ruleset: IrRuleset,
  table: IrTable,
  chain: IrChain,
  base: IrBaseChain,
  machine: Machine,
  cut: Cut,
): ChainReport {
  const alone = withOnly(ruleset, chain);
  const targets = targetsAt(base.hook);
  const readings = new Map(targets.map(target => [target, readFor(target, alone, machine)]));
  const exact = targets.filter(target => isExact(readings.get(target)!));
  const reached = rulesOf(alone).filter(({ id }) =>
    [...readings.values()].some(({ rules }) => rules.has(id)),
  );
  const stays = cut.stays.get(chain);
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
    ...(stays && { stays }),
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
  { kernel = [6, 18], log = 'ring-buffer', target = 'auto' }: ExplainOptions = {},
): readonly ChainReport[] {
  const machine = { kernel, log };
  const cut = cutRuleset(ruleset, { target, ...machine });
  return ruleset.tables.flatMap(table =>
    table.chains.flatMap(chain =>
      chain.base === undefined ? [] : [explainChain(ruleset, table, chain, chain.base, machine, cut)],
    ),
  );
}
