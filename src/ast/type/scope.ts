// What a rule can refer to in its table: chains, sets, objects, flowtables by name, and the sets that rules make.

import type { Family } from '../../model/family.ts';
import { nearest } from '../../nft-grammar/near.ts';
import type { Diagnostic } from '../../source/diagnostic.ts';
import type { Span } from '../../source/span.ts';
import type { Table } from '../apply/ruleset.ts';
import type { ObjectType } from '../nodes/index.ts';
import { fail } from './failure.ts';
import { RuleTemplates } from './templates.ts';
import type { TypedChain, TypedSet } from './typed.ts';

/** A set while evaluation may still change it. */
export type OpenSet = { -readonly [Property in keyof TypedSet]: TypedSet[Property] };

/** Ordinals that are unique over the ruleset. */
export class Ordinals {
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

export class TableScope {
  readonly family: Family;
  readonly name: string;
  readonly ordinals: Ordinals;
  readonly flowtables: Set<string> = new Set();
  readonly #objects = new Map<ObjectType, Set<string>>();
  /** Named sets by name, then those that rules make. */
  readonly sets: OpenSet[] = [];
  readonly #setsByName = new Map<string, OpenSet>();
  readonly chains: Set<string> = new Set();
  readonly #renamed: ReadonlyMap<string, string>;
  readonly anonymousChains: TypedChain[] = [];
  inAnonymousChain = false;
  readonly warnings: Diagnostic[] = [];
  readonly templates: RuleTemplates = new RuleTemplates();

  constructor(
    { family, name, renamed = new Map() }: Pick<Table, 'family' | 'name' | 'renamed'>,
    ordinals: Ordinals,
  ) {
    this.family = family;
    this.name = name;
    this.ordinals = ordinals;
    this.#renamed = renamed;
  }

  /** The name that a chain has when all is done. */
  currentName(chain: string): string {
    return this.#renamed.get(chain) ?? chain;
  }

  warn(code: string, message: string, span: Span): void {
    this.warnings.push({ code, severity: 'warning', message, span });
  }

  addObject(type: ObjectType, name: string): void {
    const names = this.#objects.get(type);
    if (names === undefined) this.#objects.set(type, new Set([name]));
    else names.add(name);
  }

  hasObject(type: ObjectType, name: string): boolean {
    return this.#objects.get(type)?.has(name) === true;
  }

  objectNames(type: ObjectType): Iterable<string> {
    return this.#objects.get(type) ?? [];
  }

  addNamed(set: OpenSet): void {
    this.sets.push(set);
    this.#setsByName.set(set.name, set);
  }

  addAnonymous(set: OpenSet): void {
    this.sets.push(set);
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
