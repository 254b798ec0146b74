// The state of a table while commands are applied to it, and what in it refers to what. As in the kernel, a thing that
// is referred to cannot be deleted, and handles are given in the order things are made.

import type { Family } from '../../model/family.ts';
import type { Span } from '../../source/span.ts';
import type { FlowtableDeclaration, ObjectDeclaration, Rule } from '../nodes/index.ts';
import type { Used } from './features.ts';
import { type Reference, referencesOf } from './references.ts';
import type { BaseChain, DeclaredSet, ElementChange } from './ruleset.ts';

export interface RuleState {
  readonly rule: Rule;
  readonly references: readonly Reference[];
  readonly features: readonly Used[];
  /** Absent if it is not known, see `TableState.nextHandle`. */
  readonly handle: number | undefined;
}

export interface ChainState {
  readonly name: string;
  readonly span: Span;
  readonly handle: number | undefined;
  base: BaseChain | undefined;
  rules: RuleState[];
  /** It was there before the commands. */
  settled?: true;
}

export interface SetState {
  declaration: DeclaredSet['declaration'];
  readonly handle: number | undefined;
  changes: ElementChange[];
  /** Of the elements: chains that verdicts jump to. */
  references: Reference[];
}

export interface ObjectState {
  declaration: ObjectDeclaration;
  readonly handle: number | undefined;
}

export interface FlowtableState {
  declaration: FlowtableDeclaration;
  readonly handle: number | undefined;
}

/** Objects of different kinds may share a name. */
export function objectKey(type: string, name: string): string {
  return `${type} ${name}`;
}

function referenceKey(reference: Reference): string {
  return reference.kind === 'object'
    ? `object ${objectKey(reference.objectType, reference.text)}`
    : `${reference.kind} ${reference.text}`;
}

export class TableState {
  readonly family: Family;
  readonly name: string;
  readonly span: Span;
  dormant = false;
  readonly chains: Map<string, ChainState> = new Map();
  readonly sets: Map<string, SetState> = new Map();
  readonly objects: Map<string, ObjectState> = new Map();
  readonly flowtables: Map<string, FlowtableState> = new Map();
  /** Shapes of rules that refer to nothing and use nothing that the kernel allows in some places only. */
  readonly plainShapes: Set<object> = new Set();
  /** New names of chains, by their old ones: they hold when all commands are done. */
  readonly renamed: Map<string, string> = new Map();
  readonly #uses = new Map<string, number>();
  #handles: number | undefined = 0;

  readonly #nextRank: () => number;

  constructor(family: Family, name: string, span: Span, nextRank: () => number) {
    this.family = family;
    this.name = name;
    this.span = span;
    this.#nextRank = nextRank;
  }

  /** The base chain with its rank in the order of registration, over all tables. */
  register(base: BaseChain): BaseChain {
    return { ...base, registered: this.#nextRank() };
  }

  /** The kernel counts from 1 in each table. Unknown once a rule may have made sets of its own. */
  nextHandle(): number | undefined {
    if (this.#handles !== undefined) this.#handles += 1;
    return this.#handles;
  }

  forgetHandles(): void {
    this.#handles = undefined;
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

  /** Rules of a chain go, and what they referred to is free. */
  clearRules(chain: ChainState): void {
    for (const { references } of chain.rules) this.release(references);
    chain.rules = [];
  }

  clearElements(set: SetState): void {
    this.release(set.references);
    set.references = [];
    set.changes = [];
  }

  /** What is there now was there before the commands that follow. */
  settle(): void {
    for (const chain of this.chains.values()) chain.settled = true;
    for (const set of this.sets.values())
      set.changes = set.changes.map(change => ({ ...change, settled: true }));
  }

  changeElements(set: SetState, change: ElementChange): void {
    const references = referencesOf(change.elements);
    set.changes.push(change);
    if (change.verb !== 'add' && change.verb !== 'create') return;
    for (const reference of references) set.references.push(reference);
    this.retain(references);
  }
}
