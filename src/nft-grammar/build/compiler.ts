// From a derivation to a function that makes nodes: once per shape. A constructor looks at the derivation and returns
// a closure over token ordinals; the closure is all that runs for the second statement of the same shape.

import type { Diagnostic } from '../../source/diagnostic.ts';
import type { Span } from '../../source/span.ts';
import { type Branch, type Derivation, isBranch, isLeaf, tokenRange } from '../derivation.ts';
import type { TokenView } from './view.ts';

export type Build<T> = (view: TokenView) => T;
export type Constructor = (branch: Branch, compiler: Compiler) => Build<unknown>;

/** What the tokens of one statement must satisfy beyond the grammar, e.g. a time in its range. */
export type Check = (view: TokenView) => Diagnostic | undefined;

/** Makes the nodes of all statements of one shape. `name` is the constructor of the whole line. */
export interface Shape {
  readonly name: string;
  readonly build: Build<unknown>;
  readonly checks: readonly Check[];
}

export class Compiler {
  readonly checks: Check[] = [];
  private readonly constructors: ReadonlyMap<string, Constructor>;

  constructor(constructors: ReadonlyMap<string, Constructor>) {
    this.constructors = constructors;
  }

  /** The builder of a part that must be there. */
  build<T>(derivation: Derivation | undefined): Build<T> {
    if (!isBranch(derivation ?? null)) throw new Error('grammar: a constructor got no branch');
    const branch = derivation as Branch;
    const construct = this.constructors.get(branch.name);
    if (construct === undefined) throw new Error(`grammar: no constructor ${branch.name}`);
    return construct(branch, this) as Build<T>;
  }

  optional<T>(derivation: Derivation | undefined): Build<T> | undefined {
    return derivation === null || derivation === undefined ? undefined : this.build<T>(derivation);
  }

  buildAll<T>(derivations: readonly Derivation[]): readonly Build<T>[] {
    return derivations.map(derivation => this.build<T>(derivation));
  }

  check(check: Check): void {
    this.checks.push(check);
  }

  /** A check whose outcome the shape alone decides. */
  refuse(branch: Derivation, code: string, message: string): void {
    const { first, last } = rangeOf(branch);
    this.check(view => ({ code, severity: 'error', message, span: view.span(first, last) }));
  }
}

/** The keyword of a leaf; empty if it is none. */
export const keyword = (derivation: Derivation | undefined): string =>
  derivation !== undefined && isLeaf(derivation) ? derivation.text : '';

/** The ordinal of a leaf in its statement. */
export function tokenOf(derivation: Derivation | undefined): number {
  if (derivation === undefined || !isLeaf(derivation)) throw new Error('grammar: a constructor got no token');
  return derivation.index;
}

/** First and last token of a derivation that is not empty. */
export function rangeOf(derivation: Derivation): { readonly first: number; readonly last: number } {
  const range = tokenRange(derivation);
  if (range === undefined) throw new Error('grammar: a constructor got nothing');
  return range;
}

/** `{ name: build(view) }`, or nothing if there is no builder: for properties that may be left out. */
export function part<N extends string, T>(
  name: N,
  build: Build<T> | undefined,
  view: TokenView,
): { readonly [K in N]?: T } {
  return (build === undefined ? {} : { [name]: build(view) }) as { readonly [K in N]?: T };
}

/** `{ name: value }`, or nothing if the value is undefined. */
export function constant<N extends string, T>(name: N, value: T | undefined): { readonly [K in N]?: T } {
  return (value === undefined ? {} : { [name]: value }) as { readonly [K in N]?: T };
}

/** A node with a span: `make` gives a new object of the rest. */
export function node<T extends object>(branch: Branch, make: (view: TokenView) => T): Build<unknown> {
  const { first, last } = rangeOf(branch);
  return view => {
    // The object is new and nobody else's: adding to it costs less than copying it.
    const made = make(view) as T & { span?: Span };
    made.span = view.span(first, last);
    return made;
  };
}
