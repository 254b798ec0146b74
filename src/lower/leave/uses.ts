// What a base chain reaches: the regular chains, sets and objects that its rules name, directly or by way of each other.
// Everything is of one table, since nothing in nf_tables names what belongs to another.

import type { Span } from '../../source/span.ts';
import {
  type Expression,
  type IrChain,
  type IrObject,
  type IrSet,
  type IrTable,
  SetFlag,
} from '../linear/ir.ts';

/** A thing of a table, and the place of a rule that names it, or its own place if none does. */
type Named<Thing> = Map<Thing, Span>;

export interface Uses {
  /** The chain itself among them. */
  readonly chains: Named<IrChain>;
  readonly sets: Named<IrSet>;
  readonly objects: Named<IrObject>;
}

/** Expressions that keep state of their own: a chain that has one is not the same when it exists twice. */
export function keepsState(expression: Expression): boolean {
  switch (expression.op) {
    case 'counter':
    case 'limit':
    case 'quota':
    case 'last':
    case 'connlimit':
      return true;
    case 'numgen':
      return expression.mode === 'inc';
    default:
      return false;
  }
}

/** Whether elements of the set carry state. */
export function hasElementState(set: IrSet): boolean {
  if (set.expressions !== undefined) return true;
  for (const extra of set.elements.extras?.values() ?? []) if (extra.expressions !== undefined) return true;
  return false;
}

/** The set's contents are the same for ever: a copy of it is as good. */
export function isFixedSet(set: IrSet): boolean {
  return (set.flags & (SetFlag.anonymous | SetFlag.constant)) !== 0 && !hasElementState(set);
}

/** One table's names, looked up once. */
export class TableUses {
  private readonly chains: ReadonlyMap<string, IrChain>;
  private readonly sets: ReadonlyMap<number, IrSet>;
  private readonly objects: ReadonlyMap<string, IrObject>;
  private readonly called = new Map<IrSet, readonly string[]>();
  private readonly held = new Map<IrSet, readonly string[]>();

  constructor(table: IrTable) {
    this.chains = new Map(table.chains.map(chain => [chain.name, chain]));
    this.sets = new Map(table.sets.map(set => [set.id, set]));
    this.objects = new Map(table.objects.map(object => [`${object.type} ${object.name}`, object]));
  }

  /** All that chains, and sets that nothing names, reach. */
  of(roots: Iterable<IrChain>, sets: Iterable<IrSet> = []): Uses {
    const uses: Uses = { chains: new Map(), sets: new Map(), objects: new Map() };
    const open: IrChain[] = [];
    const enter = (chain: IrChain | undefined, span: Span): void => {
      if (chain === undefined || uses.chains.has(chain)) return;
      uses.chains.set(chain, span);
      open.push(chain);
    };
    for (const root of roots) enter(root, root.span);
    for (const set of sets) this.useSet(set, set.span, uses, enter);
    for (let chain = open.pop(); chain !== undefined; chain = open.pop()) {
      for (const { expressions, origins, span } of chain.rules) {
        expressions.forEach((expression, index) => {
          this.use(expression, origins[index] ?? span, uses, enter);
        });
      }
    }
    return uses;
  }

  private use(
    expression: Expression,
    span: Span,
    uses: Uses,
    enter: (chain: IrChain | undefined, span: Span) => void,
  ): void {
    switch (expression.op) {
      case 'verdict':
        if ('chain' in expression.verdict) enter(this.chains.get(expression.verdict.chain), span);
        return;
      case 'objref':
        this.useObject(`${expression.type} ${expression.name}`, span, uses);
        return;
      case 'lookup':
      case 'objref_map':
      case 'dynset':
        this.useSet(this.sets.get(expression.set), span, uses, enter);
        return;
      default:
        return;
    }
  }

  private useObject(key: string, span: Span, { objects }: Uses): void {
    const object = this.objects.get(key);
    if (object !== undefined && !objects.has(object)) objects.set(object, span);
  }

  /** A set leads on to the chains of its verdicts and the objects that its elements hold. */
  private useSet(
    set: IrSet | undefined,
    span: Span,
    uses: Uses,
    enter: (chain: IrChain | undefined, span: Span) => void,
  ): void {
    if (set === undefined || uses.sets.has(set)) return;
    uses.sets.set(set, span);
    for (const name of this.chainsOf(set)) enter(this.chains.get(name), span);
    for (const key of this.objectsOf(set)) this.useObject(key, span, uses);
  }

  private chainsOf(set: IrSet): readonly string[] {
    const known = this.called.get(set);
    if (known !== undefined) return known;
    const verdicts = set.elements.verdicts ?? [];
    const names = new Set(verdicts.flatMap(verdict => (verdict && 'chain' in verdict ? verdict.chain : [])));
    this.called.set(set, [...names]);
    return [...names];
  }

  private objectsOf(set: IrSet): readonly string[] {
    const { data } = set;
    if (data?.kind !== 'object') return [];
    const known = this.held.get(set);
    if (known !== undefined) return known;
    const keys = new Set(
      (set.elements.objects ?? []).flatMap(name => (name === undefined ? [] : `${data.type} ${name}`)),
    );
    this.held.set(set, [...keys]);
    return [...keys];
  }
}

/** What no base chain of a table reaches: it decides no packet, but a rule that is added at run time may call it. */
export function unreached({ chains, sets }: IrTable, names: TableUses): Uses {
  const reached = names.of(chains.filter(({ base }) => base !== undefined));
  return names.of(
    chains.filter(chain => !reached.chains.has(chain)),
    sets.filter(set => !reached.sets.has(set) && (set.flags & SetFlag.anonymous) === 0),
  );
}
