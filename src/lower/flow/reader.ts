// Reads all rules of one program against its target, once each, and keeps their actions.

import { logUserFlag } from '../../model/log-record.ts';
import type { Diagnostic } from '../../source/diagnostic.ts';
import type { Step } from '../../source/patience.ts';
import type { Span } from '../../source/span.ts';
import { isClockKey } from '../hooks/clock.ts';
import { type Plan, placeOf } from '../hooks/plan.ts';
import type { KernelVersion } from '../hooks/target.ts';
import type { Expression, IrChain, IrRule, IrSet, IrTable, RuleId } from '../linear/ir.ts';
import type { Action } from './action.ts';
import { calledChains } from './calls.ts';
import { refusal } from './refusal.ts';
import { type ReadRule, type RecordedExpression, type RuleContext, readRule } from './symbolic.ts';

/** What becomes of log statements: records in a ring buffer, or refused. */
export type LogWay = 'ring-buffer' | 'refuse';

/** What programs share: sets by their number, counter slots. */
export interface SharedResources {
  readonly refuseSet: RuleContext['refuseSet'];
  readonly findSet: RuleContext['findSet'];
  readonly ruleCounter: (
    table: IrTable,
    rule: IrRule,
    ordinal: number,
    packets: bigint,
    bytes: bigint,
  ) => number;
  readonly logStatement: (
    table: IrTable,
    chain: IrChain,
    rule: IrRule,
    ordinal: number,
    expression: RecordedExpression,
  ) => { readonly statement: number; readonly capture: number };
  readonly state: (key: string, initial: bigint) => number;
  readonly namedCounter: (table: IrTable, name: string) => number | undefined;
}

/** From a base chain through what it calls. */
interface Walk {
  readonly done: Set<IrChain>;
  /** Chains that the walk is within. */
  readonly open: Set<IrChain>;
  readonly step: Step;
}

export class Reader {
  readonly plan: Plan;
  readonly refusals: Diagnostic[] = [];
  /** In the order they are evaluated, as far as there is one. */
  readonly rules: RuleId[] = [];
  usesConntrack = false;
  usesSocketOwner = false;
  usesClock = false;
  /** The first log statement, the first `meta nftrace set`. */
  log: Span | undefined;
  trace: Span | undefined;
  private readonly read = new Map<IrRule, ReadRule>();
  private readonly kernel: KernelVersion;
  private readonly resources: SharedResources;
  private readonly refusesLog: boolean;

  constructor(plan: Plan, kernel: KernelVersion, resources: SharedResources, log: LogWay = 'ring-buffer') {
    this.plan = plan;
    this.kernel = kernel;
    this.resources = resources;
    this.refusesLog = log === 'refuse';
  }

  readAll(step: Step = () => undefined): void {
    for (const { table, chain } of this.plan.chains)
      this.readChain(table, chain, { done: new Set(), open: new Set(), step });
  }

  actionsOf(rule: IrRule): readonly Action[] {
    return this.read.get(rule)?.actions ?? [];
  }

  /** The sets that the rules ask, in the order of the rules: maps are named in this order. */
  sets(): IrSet[] {
    const asked = [...this.read.values()].flatMap(({ actions }) => actions);
    return asked.flatMap(action => ('set' in action ? [action.set] : []));
  }

  /** What stands against a rule, once it was read. */
  refusalsOf(rule: IrRule): readonly Diagnostic[] {
    return this.read.get(rule)?.refusals ?? [];
  }

  private readChain(table: IrTable, chain: IrChain, walk: Walk): void {
    const { done, open, step } = walk;
    if (done.has(chain)) return;
    done.add(chain);
    open.add(chain);
    const context = this.contextOf(table);
    for (const rule of chain.rules) {
      step();
      const read = this.readRule(table, chain, rule, context);
      for (const name of calledChains(read.actions)) {
        const called = table.chains.find(candidate => candidate.name === name);
        if (called === undefined) continue;
        if (open.has(called)) {
          const message = `chain \`${name}\` calls itself by way of this rule, which nf_tables refuses to load`;
          this.refusals.push(refusal('unsupported-expression', message, rule.span));
        } else this.readChain(table, called, walk);
      }
    }
    open.delete(chain);
  }

  private readRule(table: IrTable, chain: IrChain, rule: IrRule, context: RuleContext): ReadRule {
    const known = this.read.get(rule);
    if (known !== undefined) return known;
    let ordinal = 0;
    const records = { log: 0, trace: 0 };
    const read = readRule(rule, {
      ...context,
      ruleCounter: (_rule, { packets, bytes }) =>
        this.resources.ruleCounter(table, rule, ordinal++, packets, bytes),
      logStatement: this.refusesLog
        ? undefined
        : (_rule, expression) => {
            const ordinal = records[expression.trace ? 'trace' : 'log']++;
            return this.resources.logStatement(table, chain, rule, ordinal, expression);
          },
    });
    this.read.set(rule, read);
    this.rules.push(rule.id);
    this.refusals.push(...read.refusals);
    if (rule.expressions.some(expression => expression.op === 'ct')) this.usesConntrack = true;
    if (rule.expressions.some(asksForOwner)) this.usesSocketOwner = true;
    if (rule.expressions.some(asksForTime)) this.usesClock = true;
    const log = rule.expressions.findIndex(expression => expression.op === 'log');
    if (log >= 0) this.log ??= rule.origins[log] ?? rule.span;
    const trace = rule.expressions.findIndex(setsTrace);
    if (trace >= 0) this.trace ??= rule.origins[trace] ?? rule.span;
    return read;
  }

  private contextOf(table: IrTable): RuleContext {
    return {
      target: this.plan.target,
      place: placeOf(this.plan, table, this.kernel),
      findSet: this.resources.findSet,
      refuseSet: this.resources.refuseSet,
      ruleCounter: () => 0,
      logStatement: undefined,
      state: (key, initial) =>
        this.resources.state(
          key.startsWith('object') ? `${table.family} ${table.name} ${key}` : key,
          initial,
        ),
      findObject: (type, name) =>
        table.objects.find(object => object.type === type && object.name === name)?.expression,
      objectNames: type => table.objects.filter(object => object.type === type).map(({ name }) => name),
      namedCounter: name => this.resources.namedCounter(table, name),
    };
  }
}

/** `meta skuid`, `meta skgid`, `log flags skuid`. */
function asksForOwner(expression: Expression): boolean {
  if (expression.op === 'log') return (expression.flags & logUserFlag) !== 0;
  return expression.op === 'meta' && (expression.key === 'skuid' || expression.key === 'skgid');
}

function asksForTime(expression: Expression): boolean {
  return expression.op === 'meta' && isClockKey(expression.key);
}

function setsTrace(expression: Expression): boolean {
  return expression.op === 'meta_set' && expression.key === 'nftrace';
}
