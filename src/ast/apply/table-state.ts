// The state of a table while commands are applied to it, and what in it refers to what. As in the kernel, a thing that
// is referred to cannot be deleted, and handles are given in the order things are made.

import type { Family } from '../../model/family.ts';
import type { Diagnostic } from '../../source/diagnostic.ts';
import type { Patience } from '../../source/patience.ts';
import type { Span } from '../../source/span.ts';
import type { ObjectDeclaration, ObjectType, Rule } from '../nodes/index.ts';
import type { SetContents } from '../type/contents.ts';
import { allElements, keptElements, noContents, settledContents } from '../type/contents.ts';
import type { EvaluateOptions } from '../type/options.ts';
import {
  type Made,
  type NamedChain,
  type OpenSet,
  type Ordinals,
  type TableNames,
  TableScope,
} from '../type/scope.ts';
import type { TypedFlowtable, TypedObject, TypedRule, TypedSet } from '../type/typed.ts';
import type { BaseChain } from './base-chain.ts';
import type { Reference } from './references.ts';
import { KnownUses, type RuleUses } from './rule-uses.ts';

export interface RuleState {
  readonly rule: Rule;
  /** Absent of a rule with an error in it, which keeps its place so that others keep theirs. */
  typed: TypedRule | undefined;
  readonly made: Made;
  readonly uses: RuleUses;
  /** Handles of the sets without a name that it made. */
  readonly ownSets: readonly number[];
  readonly handle: number;
  /** It was there before the commands; here and below. */
  settled?: true;
}

export interface ChainState extends NamedChain {
  name: string;
  readonly span: Span;
  readonly handle: number;
  base: BaseChain | undefined;
  readonly comment?: string;
  rules: RuleState[];
  /** With those that the commands took away: they are places until the commands are done. Absent if there are none. */
  places?: RuleState[];
  settled?: true;
}

export interface SetState {
  readonly name: string;
  readonly span: Span;
  readonly handle: number;
  /** Absent of a declaration with an error in it. */
  readonly typed: OpenSet | undefined;
  contents: SetContents;
  /** Of the elements: chains that verdicts jump to. */
  references: Reference[];
}

export interface ObjectState {
  declaration: ObjectDeclaration;
  /** Absent of a declaration with an error in it. */
  typed: TypedObject | undefined;
  readonly handle: number;
  settled?: true;
}

export interface FlowtableState {
  typed: TypedFlowtable;
  readonly handle: number;
}

/** What nft reads of what is there depends on all commands of a run. */
export interface Reading {
  /** With `flush ruleset` among them, of whatever family, nothing: nft then knows only what the run declares. */
  readonly isBlind: boolean;
  /** Commands on rules and elements make it read sets, and those that list or flush them. */
  readonly readsSets: boolean;
}

/** What all tables of a ruleset share. */
export interface Shared {
  reading: Reading;
  readonly options: EvaluateOptions;
  readonly patience: Patience;
  readonly ordinals: Ordinals;
  readonly warnings: Diagnostic[];
  /** Rules and sets that commands made and took away again: only what is wrong with them matters. */
  readonly discarded: { readonly rules: TypedRule[]; readonly sets: TypedSet[] };
  /** The rank of the next base chain in the order of registration, over all tables. */
  readonly nextRank: () => number;
}

/** Objects of different kinds may share a name. */
export function objectKey(type: string, name: string): string {
  return `${type} ${name}`;
}

function referenceKey(reference: Reference): string {
  if (reference.kind === 'object') return `object ${objectKey(reference.objectType, reference.text)}`;
  return reference.kind === 'meter' ? `set ${reference.text}` : `${reference.kind} ${reference.text}`;
}

export class TableState implements TableNames {
  readonly family: Family;
  readonly name: string;
  readonly span: Span;
  readonly handle: number;
  dormant = false;
  /** The commands have woken it, or put it to sleep. */
  isToggled = false;
  /** The commands have changed or renamed a chain, or taken a base chain away: the table can then not be toggled. */
  hasChangedChain = false;
  /** It was there before the commands. */
  settled?: true;
  /** The table of this name that `flush ruleset` took away in this run. */
  remembered: TableState | undefined;
  /** The other flags: `owner`, `persist`. */
  flags: readonly string[] = [];
  /** Of its first declaration. */
  comment: string | undefined;
  readonly chains: Map<string, ChainState> = new Map();
  readonly sets: Map<string, SetState> = new Map();
  readonly objects: Map<string, ObjectState> = new Map();
  readonly flowtables: Map<string, FlowtableState> = new Map();
  readonly knownUses: KnownUses = new KnownUses();
  /** New names of chains, by their old ones: they hold when all commands are done. */
  readonly renamed: Map<string, string> = new Map();
  readonly shared: Shared;
  readonly scope: TableScope;
  readonly #uses = new Map<string, number>();
  #lastHandle = 0;

  constructor(family: Family, name: string, span: Span, shared: Shared, handle: number) {
    this.handle = handle;
    this.family = family;
    this.name = name;
    this.span = span;
    this.shared = shared;
    this.scope = new TableScope(this, shared.ordinals, shared.warnings);
  }

  hasObject(type: ObjectType, name: string): boolean {
    return this.objects.has(objectKey(type, name));
  }

  objectNames(type: ObjectType): readonly string[] {
    return [...this.objects.values()]
      .filter(({ declaration }) => declaration.objectType === type)
      .map(({ declaration }) => declaration.name.text);
  }

  /** The base chain with its rank in the order of registration. */
  register(base: BaseChain): BaseChain {
    return { ...base, registered: this.shared.nextRank() };
  }

  /** The kernel counts from 1 in each table, over things of all kinds. */
  nextHandle(): number {
    this.#lastHandle += 1;
    return this.#lastHandle;
  }

  /** Whether a set that a rule made for itself has this handle. */
  isOwnSet(handle: bigint): boolean {
    const isIts = ({ ownSets }: RuleState): boolean => ownSets.some(own => BigInt(own) === handle);
    return [...this.chains.values()].some(({ rules }) => rules.some(isIts));
  }

  /** A named set, declared or made by a rule. */
  addSet(set: Pick<SetState, 'name' | 'span' | 'typed'>): SetState {
    const state = { ...set, handle: this.nextHandle(), contents: noContents(), references: [] };
    this.sets.set(set.name, state);
    if (set.typed !== undefined) this.scope.declare(set.typed);
    return state;
  }

  removeSet(set: SetState): void {
    this.clearElements(set);
    this.sets.delete(set.name);
    this.scope.forget(set.name);
  }

  retain(references: readonly Reference[]): void {
    for (const reference of references) {
      const key = referenceKey(reference);
      this.#uses.set(key, (this.#uses.get(key) ?? 0) + 1);
    }
  }

  release(references: readonly Reference[]): void {
    for (const reference of references) {
      const key = referenceKey(reference);
      this.#uses.set(key, (this.#uses.get(key) ?? 1) - 1);
    }
  }

  /** `key`: `chain NAME`, `set NAME`, `flowtable NAME`, `object TYPE NAME`. */
  isUsed(key: string): boolean {
    return (this.#uses.get(key) ?? 0) > 0;
  }

  /** What a rule referred to is free. */
  discardRule({ uses, typed, made }: RuleState): void {
    this.release(uses.references);
    const { rules, sets } = this.shared.discarded;
    // Of rules like others, one has been looked at for all.
    if (typed !== undefined && typed.use === undefined) rules.push(typed);
    sets.push(...made.sets.filter(set => this.sets.get(set.name)?.typed !== set));
  }

  clearRules(chain: ChainState): void {
    for (const rule of chain.rules) this.discardRule(rule);
    chain.places ??= chain.rules;
    chain.rules = [];
  }

  /** The elements as they are now, to be looked at for errors. */
  discardElements({ typed, contents }: SetState): void {
    if (typed !== undefined) this.shared.discarded.sets.push({ ...typed, elements: allElements(contents) });
  }

  clearElements(set: SetState): void {
    this.discardElements(set);
    this.release(set.references);
    set.references = [];
    set.contents = noContents();
  }

  /** All that is in it is to be looked at for errors. */
  discard(): void {
    for (const chain of this.chains.values()) for (const rule of chain.rules) this.discardRule(rule);
    for (const set of this.sets.values()) this.discardElements(set);
  }

  /** What is there now was there before the commands that follow. */
  settle(): void {
    this.settled = true;
    this.isToggled = false;
    this.hasChangedChain = false;
    for (const chain of this.chains.values()) {
      chain.settled = true;
      delete chain.places;
      for (const rule of chain.rules) rule.settled = true;
    }
    for (const object of this.objects.values()) object.settled = true;
    for (const set of this.sets.values()) {
      set.contents = settledContents(set.contents);
      if (set.typed !== undefined) settleSet(set.typed, keptElements(set.contents).length);
    }
  }
}

/** A set may hold more than a later declaration says that it does; what did not fit stays an error. */
function settleSet(typed: OpenSet, count: number): void {
  typed.settledFlags = typed.flags;
  const { capacity, size = Number.POSITIVE_INFINITY } = typed;
  if (capacity === undefined || count > capacity) return;
  if (count > size) typed.capacity = count;
  else delete typed.capacity;
}
