// What a rule can refer to in its table: chains, sets, objects, flowtables by name, and the sets that rules make.

import type { Family } from '../../model/family.ts';
import { nearest } from '../../nft-grammar/near.ts';
import type { Diagnostic } from '../../source/diagnostic.ts';
import type { Span } from '../../source/span.ts';
import type { ObjectType } from '../nodes/index.ts';
import { fail } from './failure.ts';
import { RuleTemplates } from './templates.ts';
import type { TypedChain, TypedSet } from './typed.ts';

/** A set while evaluation may still change it. */
export type OpenSet = { -readonly [Property in keyof TypedSet]: TypedSet[Property] } & {
  /** Flags in the kernel, if the set was there before the commands. */
  settledFlags?: number;
  /** A second declaration that takes it for a set that no rule adds to. */
  takenAsFixed?: Span;
};

/** What is counted over the whole ruleset: ordinals, which are unique, and expansions of variables, which have a limit. */
export class Ordinals {
  /** Expressions evaluated so far that stood in variables. */
  expansions = 0;
  /** Lists of elements that have been evaluated. */
  readonly lists: WeakSet<object> = new WeakSet();
  #sets = 0;
  #rules = 0;
  #chains = 0;

  set(): number {
    return this.#sets++;
  }

  rule(): number {
    return this.#rules++;
  }

  /** A name that no declared chain can have. */
  chain(): string {
    return `{${this.#chains++}}`;
  }
}

/** A chain that verdicts name. Its name may change until all commands are applied. */
export interface NamedChain {
  readonly name: string;
}

/** What a table holds besides its sets: a view of the state that commands change. */
export interface TableNames {
  readonly family: Family;
  readonly name: string;
  readonly chains: ReadonlyMap<string, NamedChain>;
  objectNames(type: ObjectType): Iterable<string>;
  hasObject(type: ObjectType, name: string): boolean;
}

/** What making one rule has added to its table. */
export interface Made {
  /** Anonymous sets, and those of meters. */
  readonly sets: readonly OpenSet[];
  readonly chains: readonly TypedChain[];
}

const noChains: Made['chains'] = [];
const nothingMade: Made = { sets: [], chains: noChains };

export class TableScope {
  readonly #table: TableNames;
  readonly ordinals: Ordinals;
  /** Sets and chains that the current rule makes. */
  readonly sets: OpenSet[] = [];
  readonly anonymousChains: TypedChain[] = [];
  readonly #setsByName = new Map<string, OpenSet>();
  inAnonymousChain = false;
  #made: Iterator<OpenSet, undefined> | undefined;
  /** Of all tables. */
  readonly warnings: Diagnostic[];
  readonly templates: RuleTemplates = new RuleTemplates();

  constructor(table: TableNames, ordinals: Ordinals, warnings: Diagnostic[]) {
    this.#table = table;
    this.ordinals = ordinals;
    this.warnings = warnings;
  }

  get family(): Family {
    return this.#table.family;
  }

  get name(): string {
    return this.#table.name;
  }

  /** The chain that a verdict names; whether there is one is checked where the rule is placed. */
  chain(name: string): NamedChain {
    return this.#table.chains.get(name) ?? { name };
  }

  hasObject(type: ObjectType, name: string): boolean {
    return this.#table.hasObject(type, name);
  }

  objectNames(type: ObjectType): Iterable<string> {
    return this.#table.objectNames(type);
  }

  warn(code: string, message: string, span: Span): void {
    this.warnings.push({ code, severity: 'warning', message, span });
  }

  /** What was made since this was asked last. */
  takeMade(): Made {
    if (this.sets.length + this.anonymousChains.length === 0) return nothingMade;
    const sets = this.sets.splice(0);
    return { sets, chains: this.anonymousChains.length === 0 ? noChains : this.anonymousChains.splice(0) };
  }

  /** A set that commands declare. */
  declare(set: OpenSet): void {
    this.#setsByName.set(set.name, set);
  }

  forget(set: string): void {
    this.#setsByName.delete(set);
  }

  /** A set that a rule makes under a name of its own. */
  addNamed(set: OpenSet): void {
    this.sets.push(set);
    this.declare(set);
  }

  /** The set to refer to. */
  addAnonymous(set: OpenSet): OpenSet {
    if (this.#made !== undefined) return this.#made.next().value ?? set;
    this.sets.push(set);
    return set;
  }

  /** What `evaluate` gives for a rule that has been evaluated before, and then made `sets`. */
  again<T>(sets: readonly OpenSet[], evaluate: () => T): T {
    this.#made = sets.values();
    try {
      return evaluate();
    } finally {
      this.#made = undefined;
    }
  }

  findSet(name: string): OpenSet | undefined {
    return this.#setsByName.get(name);
  }

  /** The set of this name, or a failure at `span`. */
  requireSet(name: string, span: Span): OpenSet {
    const set = this.#setsByName.get(name);
    if (set !== undefined) return set;
    const near = nearest(name, this.#setsByName.keys());
    return fail(
      'unknown-set',
      `there is no set or map \`${name}\` in table ${this.family} ${this.name}`,
      span,
      {
        fixes: near === undefined ? [] : [{ span, text: `@${near}` }],
      },
    );
  }
}
