// Statements of the same shape (the same kinds of tokens in the same order, keywords by their text) have the same
// derivation: it is found once, and the second statement is built from its tokens without parsing. The cache belongs to
// one call of `parse` and is emptied when it grows over its bound.

import { Compiler, type Shape } from './build/compiler.ts';
import { constructors } from './build/constructors.ts';
import { hasVerdict } from './build/elements.ts';
import { type Derivation, type Leaf, literalsOf } from './derivation.ts';
import { EarleyParser, type ParseFailure, type StartSymbol } from './earley.ts';
import { describeExpectation, type Expectation } from './expectation.ts';
import { misreadWord } from './scopes.ts';
import { wordTexts } from './words.ts';

/** A shape, or why the tokens have none. */
export type ShapeOutcome =
  | { readonly shape: CachedShape; readonly error?: undefined }
  | { readonly error: ShapeError };

export interface CachedShape extends Shape {
  /** Of an element: whether it maps to a verdict. */
  readonly toVerdict: boolean;
  /** Its own among all shapes of the cache. */
  readonly id: number;
  /** Tokens, without the end; and the ordinals of those that are no keywords. */
  readonly tokens: number;
  readonly literals: readonly number[];
}

export interface ShapeError {
  /** Ordinal of the token that does not fit. */
  readonly at: number;
  readonly expectation: Expectation;
  /** True if the token is a word that is a keyword just there. */
  readonly misread: boolean;
}

/** Characters of all keys together; a key has one for each token. */
const largestCache = 4_000_000;

/** The kinds of a statement's tokens, the end included. */
export interface TokenKinds {
  readonly kinds: Uint16Array;
  hasKinds(kinds: Uint16Array): boolean;
}

export interface ShapeStatistics {
  /** Shapes derived by the parser, and statements that were built from one known already. */
  readonly parsed: number;
  readonly reused: number;
}

export class ShapeCache {
  private readonly parser = new EarleyParser();
  private readonly caches = new Map<StartSymbol, Map<string, ShapeOutcome>>();
  /** Of the last element: in a long list most are like the one before. */
  private last: { readonly kinds: Uint16Array; readonly outcome: ShapeOutcome } | undefined;
  private size = 0;
  private parsed = 0;
  private reused = 0;

  get statistics(): ShapeStatistics {
    return { parsed: this.parsed, reused: this.reused };
  }

  /** The shape of a statement given the kinds of its tokens, the end included. */
  find(line: TokenKinds, start: StartSymbol): ShapeOutcome {
    if (start !== 'element') return this.findKinds(line.kinds, start);
    if (this.last !== undefined && line.hasKinds(this.last.kinds)) {
      this.reused++;
      return this.last.outcome;
    }
    const outcome = this.findKinds(line.kinds, start);
    this.last = { kinds: line.kinds.slice(), outcome };
    return outcome;
  }

  private findKinds(kinds: Uint16Array, start: StartSymbol): ShapeOutcome {
    const key = String.fromCharCode.apply(null, kinds as unknown as number[]);
    const known = this.caches.get(start)?.get(key);
    if (known !== undefined) {
      this.reused++;
      return known;
    }
    const outcome = this.derive(kinds, start);
    this.remember(start, key, outcome);
    return outcome;
  }

  private remember(start: StartSymbol, key: string, outcome: ShapeOutcome): void {
    this.size += key.length;
    if (this.size > largestCache) {
      this.caches.clear();
      this.size = key.length;
    }
    const cache = this.caches.get(start) ?? new Map<string, ShapeOutcome>();
    this.caches.set(start, cache);
    cache.set(key, outcome);
  }

  private derive(kinds: Uint16Array, start: StartSymbol): ShapeOutcome {
    this.parsed++;
    const tokens = Array.from(kinds, (kind, index): Leaf => ({ index, kind, text: wordTexts[kind] ?? '' }));
    const outcome = this.parser.parse(tokens, start);
    if (outcome.failure) return this.failed(outcome.failure);
    return this.choose(outcome.derivations, kinds.length - 1);
  }

  private failed(failure: ParseFailure): ShapeOutcome {
    const expectation = describeExpectation(failure, this.parser.firstSets);
    return { error: { at: failure.at, expectation, misread: false } };
  }

  /** Where a scoped word makes two derivations, one of them takes it for what nft would not. */
  private choose(derivations: readonly Derivation[], tokens: number): ShapeOutcome {
    const fitting = derivations.find(derivation => misreadWord(derivation) === undefined);
    if (fitting !== undefined) return this.compile(fitting, tokens);
    const at = misreadWord(derivations[0]!)!.index;
    return { error: { at, expectation: { phrases: [], keywords: new Set() }, misread: true } };
  }

  private compile(derivation: Derivation, tokens: number): ShapeOutcome {
    const compiler = new Compiler(constructors);
    const build = compiler.build(derivation);
    const name = derivation !== null && 'name' in derivation ? derivation.name : '';
    const facts = { name, build, checks: compiler.checks, toVerdict: hasVerdict(derivation) };
    return { shape: { ...facts, id: this.parsed, tokens, literals: literalsOf(derivation) } };
  }
}
