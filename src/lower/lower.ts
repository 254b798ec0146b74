// Register IR -> assembly: the back half. Plans the programs, reads each rule against its target, and, if nothing is
// refused, builds the flow of each program and selects instructions.

import type { CpuVersion } from '../bpf-asm/isa.ts';
import type { Diagnostic } from '../source/diagnostic.ts';
import { hasFailure } from '../source/diagnostic.ts';
import { OutOfPatience, outOfPatience, Patience, type Step } from '../source/patience.ts';
import type { Span } from '../source/span.ts';
import type { Action } from './flow/action.ts';
import { buildFlow } from './flow/build.ts';
import { optimizeFlow } from './flow/passes/index.ts';
import { type LogWay, Reader } from './flow/reader.ts';
import { refusal } from './flow/refusal.ts';
import { type Plan, placeOf, planPrograms } from './hooks/plan.ts';
import type { KernelVersion } from './hooks/target.ts';
import type { IrRuleset } from './linear/ir.ts';
import type { BpfMap, LoweredProgram, Requirement, Target } from './program.ts';
import { Resources } from './resources.ts';
import { findExcess } from './select/limits.ts';
import { select } from './select/program.ts';
import { warningsOf } from './warnings.ts';

export interface LowerOptions {
  /** Default `auto`: the first exact target of each base chain (docs/hooks.md). */
  readonly target?: 'auto' | Target;
  /** Linux version of the machine the programs are for. Default 6.18. */
  readonly kernel?: KernelVersion;
  /** Level of the instruction set. The assembler checks it; default 4. */
  readonly cpu?: CpuVersion;
  /** What becomes of log statements: records in a ring buffer (docs/loading.md), with a warning, or a refusal. Default `ring-buffer`. */
  readonly log?: LogWay;
  /** False: every load and test is made where it stands, with no sharing. Default true. */
  readonly optimize?: boolean;
  /** A limit on time, as in `ParseOptions`; it ends the work with an error without a place. */
  readonly isOverdue?: () => boolean;
}

export interface LowerResult {
  /** Empty if anything was refused. */
  readonly programs: readonly LoweredProgram[];
  readonly maps: readonly BpfMap[];
  readonly diagnostics: readonly Diagnostic[];
}

const defaultKernel: KernelVersion = [6, 18];

/**
 * Lowers a whole ruleset, or says all that stands in the way.
 *
 * @example
 * ```ts
 * import { evaluate, linearize, lower, parse } from 'nft2bpf';
 *
 * const text = 'table ip t { chain c { type filter hook input priority 0; drop; }; }';
 * const { programs, diagnostics } = lower(linearize(evaluate(parse(text)).ruleset).ir);
 * console.log(programs.map(({ target, section }) => `${target} ${section}`), diagnostics);
 * // [ 'netfilter netfilter' ] []
 * ```
 */
export function lower(ir: IrRuleset, options: LowerOptions = {}): LowerResult {
  try {
    return lowerAll(ir, options, new Patience(options.isOverdue).step);
  } catch (error) {
    if (!(error instanceof OutOfPatience)) throw error;
    const late: Diagnostic = { code: 'limit-exceeded', severity: 'error', message: outOfPatience };
    return { programs: [], maps: [], diagnostics: [late] };
  }
}

function lowerAll(ir: IrRuleset, options: LowerOptions, step: Step): LowerResult {
  const { target = 'auto', kernel = defaultKernel, optimize = true, log = 'ring-buffer' } = options;
  const planned = planPrograms(ir, { target, kernel });
  const resources = new Resources(ir);
  const readers = planned.plans.map(plan => {
    const reader = new Reader(plan, kernel, resources, log);
    reader.readAll(step);
    return reader;
  });
  const diagnostics = distinct([...planned.diagnostics, ...readers.flatMap(reader => reader.refusals)]);
  if (hasFailure(diagnostics)) return { programs: [], maps: [], diagnostics };
  const programs = readers.map(reader => lowerProgram(reader, kernel, optimize, resources, step));
  const excess = programs.flatMap(program => excessOf(program));
  if (excess.length > 0) return { programs: [], maps: [], diagnostics: [...diagnostics, ...excess] };
  return {
    programs,
    maps: resources.maps(),
    diagnostics: [...diagnostics, ...warningsOf(readers, resources)],
  };
}

function excessOf({ assembly, spans }: LoweredProgram): Diagnostic[] {
  const excess = findExcess(assembly.items);
  const span = spans[excess?.origin ?? 0];
  return excess && span ? [refusal('program-too-long', excess.message, span)] : [];
}

/** Numbers spans as they come up. */
class Spans {
  readonly list: Span[] = [];
  private readonly indexes = new Map<Span, number>();

  indexOf(span: Span): number {
    const index = this.indexes.get(span) ?? this.list.push(span) - 1;
    this.indexes.set(span, index);
    return index;
  }
}

function lowerProgram(
  reader: Reader,
  kernel: KernelVersion,
  optimize: boolean,
  resources: Resources,
  step: Step,
): LoweredProgram {
  const { plan } = reader;
  const spans = new Spans();
  for (const set of reader.sets()) resources.layoutOf(set);
  if (reader.usesClock) resources.usesClock = true;
  const graph = buildFlow({
    chains: plan.chains,
    actionsOf: (_table, _chain, rule): readonly Action[] => {
      step();
      return reader.actionsOf(rule);
    },
    layoutOf: set => resources.layoutOf(set),
    isInetIngress: ({ table }) => table.family === 'inet' && plan.hook === 'ingress',
    originOf: span => spans.indexOf(span),
  });
  const flow = optimize ? optimizeFlow(graph, step) : graph;
  const place = placeOf(plan, plan.chains[0]!.table, kernel);
  const items = select({
    graph: flow,
    target: plan.target,
    place,
    optimize,
    countersMap: resources.countersName,
    stateMap: resources.stateName,
    logMap: resources.logName,
    lossesMap: resources.lossesName,
    clockMap: resources.clockName,
    step,
  });
  return {
    target: plan.target.name,
    section: plan.section,
    attach: plan.attach,
    assembly: { name: plan.name, items },
    spans: spans.list,
    covers: reader.rules,
    requires: requirements(plan, reader, resources),
  };
}

function requirements(plan: Plan, reader: Reader, resources: Resources): LoweredProgram['requires'] {
  const requires: Requirement[] = reader.usesClock ? ['clock'] : [];
  if (reader.sets().some(set => resources.expires(set))) requires.push('expiry');
  if (plan.target.name === 'tc' || plan.target.name === 'xdp') return ['ethernet', ...requires];
  const reassembles = plan.attach.every(attach => attach.target === 'netfilter' && attach.priority > -400);
  if (reader.usesConntrack) requires.push('conntrack');
  if (reader.usesConntrack && reassembles) requires.push('defragmentation');
  if (reader.usesSocketOwner) requires.push('initial-user-namespace');
  return requires;
}

/** A rule that several programs decide is reported once. */
function distinct(diagnostics: readonly Diagnostic[]): Diagnostic[] {
  const seen = new Set<string>();
  return diagnostics.filter(({ code, message, span }) => {
    const key = `${code} ${span?.file} ${span?.from} ${span?.to} ${message}`;
    const isNew = !seen.has(key);
    seen.add(key);
    return isNew;
  });
}
