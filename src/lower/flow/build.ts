// Base chains of one hook -> flow graph. Rules are built last to first, so that every node knows where it leads. A chain
// that is called once, or is short, is built again at each call; else it is built once, and a call leaves a number in
// the stack slot of the chain's level (its longest way from a base chain; chains cannot recurse) that its `back` node
// goes by. That needs no call frames, of which BPF has eight.

import type { Span } from '../../source/span.ts';
import type { HookedChain } from '../linear/eval/hook-order.ts';
import type { IrChain, IrRule, IrTable, RuleId, Verdict } from '../linear/ir.ts';
import type { SetLayout } from '../sets/layout.ts';
import type { ElementResult, RangeElement } from '../sets/layout-elements.ts';
import type { Action } from './action.ts';
import { type CallPlan, planCalls } from './calls.ts';
import { decide } from './decision.ts';
import { constantField, type Field, fieldOf, isConstant, numberOf } from './field.ts';
import {
  type Arm,
  type Effect,
  type Graph,
  GraphBuilder,
  type Node,
  type NodeId,
  type SetChange,
} from './graph.ts';
import { complement, type Range } from './values.ts';

export interface BuildInput {
  /** In the order they run. */
  readonly chains: readonly HookedChain[];
  readonly actionsOf: (table: IrTable, chain: IrChain, rule: IrRule) => readonly Action[];
  readonly layoutOf: (set: import('../linear/ir.ts').IrSet) => SetLayout;
  /** inet ingress: packets that are not IP skip the chain, malformed ones are dropped (fact 7). */
  readonly isInetIngress: (chain: HookedChain) => boolean;
  readonly originOf: (span: Span) => number;
}

/** Where an accept, and a return from the base chain, lead. */
interface Exits {
  readonly accept: () => NodeId;
}

type RangeTo = Range & { readonly to: NodeId };
type NewNode = Node extends infer N ? (N extends Node ? Omit<N, 'rule' | 'origin'> : never) : never;

interface SharedChain {
  readonly entry: () => NodeId;
  readonly targets: NodeId[];
}

const ETHERTYPE: readonly (readonly [bigint, bigint])[] = [
  [2n, 0x0800n],
  [10n, 0x86ddn],
];

/** Builds one base chain with all it calls. */
class ChainBuilder {
  private readonly input: BuildInput;
  private readonly graph: GraphBuilder;
  private readonly table: IrTable;
  private readonly exits: Exits;
  private readonly plan: CallPlan;
  private readonly inlined = new Map<IrChain, Map<NodeId, NodeId>>();
  private readonly shared = new Map<IrChain, SharedChain>();
  private readonly isInetIngress: boolean;
  private rule: RuleId | undefined;
  private origin = 0;

  constructor(input: BuildInput, graph: GraphBuilder, hooked: HookedChain, exits: Exits) {
    this.input = input;
    this.graph = graph;
    this.table = hooked.table;
    this.exits = exits;
    this.isInetIngress = input.isInetIngress(hooked);
    const actions = (chain: IrChain, rule: IrRule) => input.actionsOf(this.table, chain, rule);
    this.plan = planCalls(this.table, hooked.chain, actions);
  }

  base(chain: IrChain): NodeId {
    this.origin = this.input.originOf(chain.span);
    const policy = chain.base!.policy === 'drop' ? this.end('drop') : this.exits.accept();
    const entry = this.rules(chain, policy);
    return this.isInetIngress ? this.checked(chain, entry) : entry;
  }

  private checked(chain: IrChain, entry: NodeId): NodeId {
    this.rule = undefined;
    this.origin = this.input.originOf(chain.span);
    const l4proto = fieldOf({ from: 'meta', key: 'l4proto', length: 1 });
    const valid = this.add({ kind: 'present', fields: [l4proto], next: entry, absent: this.end('drop') });
    const protocol = fieldOf({ from: 'meta', key: 'protocol', length: 2 });
    const arms = ETHERTYPE.map(([, type]) => ({ low: type, high: type, to: valid }));
    const accept = this.exits.accept();
    return this.add({ kind: 'switch', field: protocol, arms, otherwise: accept, absent: accept });
  }

  private add(node: NewNode): NodeId {
    return this.graph.add({ ...node, rule: this.rule, origin: this.origin } as Node);
  }

  private end(verdict: 'accept' | 'drop'): NodeId {
    return this.add({ kind: 'end', verdict });
  }

  /** All rules of a chain; `back` is where its end leads. */
  private rules(chain: IrChain, back: NodeId): NodeId {
    let next = back;
    for (const rule of [...chain.rules].reverse()) {
      next = this.actions(chain, rule, next, back);
    }
    return next;
  }

  private actions(chain: IrChain, rule: IrRule, next: NodeId, back: NodeId): NodeId {
    const actions = this.input.actionsOf(this.table, chain, rule);
    let then = next;
    for (const action of [...actions].reverse()) {
      const outer = { rule: this.rule, origin: this.origin };
      this.rule = rule.id;
      this.origin = this.input.originOf(rule.origins[action.origin] ?? rule.span);
      then = this.action(action, then, { next, back });
      this.rule = outer.rule;
      this.origin = outer.origin;
    }
    return then;
  }

  private action(action: Action, then: NodeId, rule: { next: NodeId; back: NodeId }): NodeId {
    switch (action.kind) {
      case 'test':
        return this.test(action.field, action.values, then, rule.next, rule.next);
      case 'differ':
        return this.differ(action.tests, then, rule.next);
      case 'present':
        return this.present(action.fields, then, rule.next);
      case 'effect':
        return this.effect(action.effect, then, rule.next);
      case 'verdict':
        return this.verdict(action.verdict, then, rule);
      case 'lookup':
        return this.lookup(action, then, rule.next);
      case 'change':
        return this.change(action, then, rule.next);
      case 'object_map':
        return this.objectMap(action, then, rule.next);
      case 'verdict_map':
        return this.verdictMap(action, then, rule);
    }
  }

  private effect(effect: Effect, next: NodeId, stop: NodeId): NodeId {
    const mayStop = effect.do === 'limit' || effect.do === 'quota';
    return this.add(mayStop ? { kind: 'effect', effect, next, stop } : { kind: 'effect', effect, next });
  }

  private present(fields: readonly Field[], next: NodeId, absent: NodeId): NodeId {
    const open = fields.filter(field => !isConstant(field) && field.source.from !== 'slot');
    return open.length === 0 ? next : this.add({ kind: 'present', fields: open, next, absent });
  }

  private test(field: Field, values: readonly Range[], yes: NodeId, no: NodeId, absent: NodeId): NodeId {
    const arms = values.map(range => ({ ...range, to: yes }));
    return this.switch(field, arms, no, absent);
  }

  /** Adds a switch, unless the field's value is known. */
  private switch(field: Field, arms: readonly RangeTo[], otherwise: NodeId, absent: NodeId): NodeId {
    if (isConstant(field)) {
      const value = numberOf(field.source.bytes);
      return arms.find(({ low, high }) => low <= value && value <= high)?.to ?? otherwise;
    }
    const { source } = field;
    if (this.isInetIngress && source.from === 'meta' && source.key === 'nfproto') {
      return this.add({ kind: 'switch', ...protocolSwitch(arms, otherwise), absent });
    }
    const whole = arms.length === 1 && complement(arms, field.length).length === 0;
    if (whole) return this.present([field], arms[0]!.to, absent);
    if (arms.length === 0) return this.present([field], otherwise, absent);
    return this.add({ kind: 'switch', field, arms, otherwise, absent });
  }

  /** One test after the other: the first that fails lets the packet pass. All loads come before. */
  private differ(
    tests: readonly { readonly field: Field; readonly values: readonly Range[] }[],
    yes: NodeId,
    no: NodeId,
  ): NodeId {
    let then = no;
    for (const { field, values } of [...tests].reverse()) then = this.test(field, values, then, yes, no);
    return this.present(
      tests.map(test => test.field),
      then,
      no,
    );
  }

  private verdict(verdict: Verdict, then: NodeId, rule: { next: NodeId; back: NodeId }): NodeId {
    switch (verdict.kind) {
      case 'accept':
        return this.exits.accept();
      case 'drop':
        return this.end('drop');
      case 'continue':
        return then;
      case 'return':
        return rule.back;
      case 'jump':
        return this.call(verdict.chain, rule.next);
      case 'goto':
        return this.call(verdict.chain, rule.back);
    }
  }

  /** Runs a chain that ends at `back`. */
  private call(name: string, back: NodeId): NodeId {
    const chain = this.table.chains.find(candidate => candidate.name === name);
    if (chain === undefined) return back;
    const level = this.plan.sharedLevel(chain);
    if (level !== undefined) return this.callShared(chain, level, back);
    const known = this.inlined.get(chain) ?? new Map<NodeId, NodeId>();
    this.inlined.set(chain, known);
    const entry = known.get(back) ?? this.rules(chain, back);
    known.set(back, entry);
    return entry;
  }

  private callShared(chain: IrChain, level: number, back: NodeId): NodeId {
    const shared = this.shared.get(chain) ?? this.share(chain, level);
    let index = shared.targets.indexOf(back);
    if (index < 0) index = shared.targets.push(back) - 1;
    return this.add({ kind: 'call', level, back: index, next: shared.entry() });
  }

  private share(chain: IrChain, level: number): SharedChain {
    const targets: NodeId[] = [];
    const back = this.add({ kind: 'back', level, targets });
    const entry = this.rules(chain, back);
    const shared = { entry: () => entry, targets };
    this.shared.set(chain, shared);
    return shared;
  }

  private lookup(action: Extract<Action, { kind: 'lookup' }>, then: NodeId, no: NodeId): NodeId {
    const { parts, set, invert, slot } = action;
    const [found, missing] = invert ? [no, then] : [then, no];
    const layout = this.input.layoutOf(set);
    const keep = (result: ElementResult): NodeId =>
      slot === undefined || result.data === undefined
        ? found
        : this.add({ kind: 'effect', effect: { do: 'keep', slot, bytes: result.data }, next: found });
    if (layout.kind === 'code') {
      const miss = layout.contents.catchAll ? keep(layout.contents.catchAll) : missing;
      return this.decision(layout, parts, keep, miss, no);
    }
    const length = set.data?.kind === 'value' ? set.data.length : 0;
    const result =
      slot === undefined ? ({ kind: 'none' } as const) : ({ kind: 'data', slot, length } as const);
    const to = { found, missing, absent: no };
    return this.query(layout, set, parts, result, to, { runs: !invert });
  }

  /** A miss ends the rule; so may the object. */
  private objectMap(
    { parts, set, effects }: Extract<Action, { kind: 'object_map' }>,
    then: NodeId,
    no: NodeId,
  ): NodeId {
    const layout = this.input.layoutOf(set);
    const use = (name: string | undefined): NodeId => {
      const effect = effects.get(name ?? '');
      return effect ? this.effect(effect, then, no) : no;
    };
    if (layout.kind === 'code') {
      const miss = use(layout.contents.catchAll?.object);
      return this.decision(layout, parts, ({ object }) => use(object), miss, no);
    }
    const targets = (layout.objects ?? []).map(use);
    const to = { found: no, missing: no, absent: no };
    return this.query(layout, set, parts, { kind: 'index', targets }, to, { runs: false });
  }

  /** A removal lets the rule go on whether or not there was something to remove. */
  private change(
    { parts, set, change }: Extract<Action, { kind: 'change' }>,
    then: NodeId,
    no: NodeId,
  ): NodeId {
    const layout = this.input.layoutOf(set);
    if (layout.kind !== 'map') return no;
    const isRemoval = change.operation === 'delete';
    const to = { found: then, missing: isRemoval ? then : no, absent: no };
    return this.query(layout, set, parts, { kind: 'none' }, to, { runs: !isRemoval, change });
  }

  private query(
    layout: Extract<SetLayout, { kind: 'map' }>,
    set: import('../linear/ir.ts').IrSet,
    parts: readonly Field[],
    result: Extract<Node, { kind: 'lookup' }>['query']['result'],
    to: { readonly found: NodeId; readonly missing: NodeId; readonly absent: NodeId },
    how: { readonly runs: boolean; readonly change?: SetChange },
  ): NodeId {
    const { form } = layout;
    const query = {
      set,
      map: layout.map.name,
      kind: layout.lookup,
      result,
      ...(form && { elements: { form, runs: how.runs && form.states.length > 0 } }),
      ...(how.change && { change: how.change }),
    };
    return this.add({ kind: 'lookup', parts, query, ...to });
  }

  /** Look-up by code. Where a miss and an absent part lead to different places, all parts are loaded first. */
  private decision(
    layout: Extract<SetLayout, { kind: 'code' }>,
    parts: readonly Field[],
    hit: (element: RangeElement) => NodeId,
    miss: NodeId,
    absent: NodeId,
  ): NodeId {
    const known = new Map<string, NodeId>();
    const cached = (element: RangeElement): NodeId => {
      const key = resultKey(element);
      const node = known.get(key) ?? hit(element);
      known.set(key, node);
      return node;
    };
    const entry = decide(layout.contents, parts, {
      hit: cached,
      miss,
      addSwitch: (field, arms, otherwise) => this.switch(field, merged(arms), otherwise, absent),
    });
    return miss === absent && parts.length === 1 ? entry : this.present(parts, entry, absent);
  }

  private verdictMap(
    action: Extract<Action, { kind: 'verdict_map' }>,
    then: NodeId,
    rule: { next: NodeId; back: NodeId },
  ): NodeId {
    const { parts, set } = action;
    const layout = this.input.layoutOf(set);
    const go = (verdict: Verdict): NodeId => this.verdict(verdict, then, rule);
    if (layout.kind === 'code') {
      const { catchAll } = layout.contents;
      const miss = catchAll?.verdict ? go(catchAll.verdict) : rule.next;
      return this.decision(
        layout,
        parts,
        ({ verdict }) => (verdict ? go(verdict) : rule.next),
        miss,
        rule.next,
      );
    }
    const targets = layout.verdicts.map(go);
    const { next } = rule;
    const to = { found: next, missing: next, absent: next };
    return this.query(layout, set, parts, { kind: 'index', targets }, to, { runs: true });
  }
}

function resultKey({ data, verdict, object }: ElementResult): string {
  if (object !== undefined) return `object ${object}`;
  if (verdict) return 'chain' in verdict ? `${verdict.kind} ${verdict.chain}` : verdict.kind;
  return data ? constantField(data).key : '';
}

/** Neighbours that lead to the same place become one. */
function merged(arms: readonly RangeTo[]): Arm[] {
  const result: Arm[] = [];
  for (const arm of arms) {
    const last = result.at(-1);
    if (last && last.to === arm.to && last.high + 1n === arm.low)
      result[result.length - 1] = { ...last, high: arm.high };
    else result.push(arm);
  }
  return result;
}

/** `meta nfproto` at inet ingress is 2 or 10, by skb->protocol. */
function protocolSwitch(
  arms: readonly RangeTo[],
  otherwise: NodeId,
): { field: Field; arms: Arm[]; otherwise: NodeId } {
  const field = fieldOf({ from: 'meta', key: 'protocol', length: 2 });
  const targets = ETHERTYPE.map(([nfproto, type]) => {
    const to = arms.find(({ low, high }) => low <= nfproto && nfproto <= high)?.to ?? otherwise;
    return { low: type, high: type, to };
  });
  return { field, arms: targets.filter(arm => arm.to !== otherwise), otherwise };
}

/** One hook's base chains, one after the other: accept goes on to the next, drop ends the hook. */
export function buildFlow(input: BuildInput): Graph {
  const graph = new GraphBuilder();
  const end = (): NodeId => graph.add({ kind: 'end', verdict: 'accept', rule: undefined, origin: 0 });
  let next: NodeId | undefined;
  for (const hooked of [...input.chains].reverse()) {
    const following = next;
    const accept = (): NodeId => following ?? end();
    next = new ChainBuilder(input, graph, hooked, { accept }).base(hooked.chain);
  }
  return { nodes: graph.nodes, entry: next ?? end() };
}
