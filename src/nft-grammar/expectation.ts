// What could have stood where a statement failed, in words: classes first, then keywords, few enough to be read.

import type { ParseFailure } from './earley.ts';
import type { FirstSets } from './first-sets.ts';
import type { GrammarSymbol } from './grammar-types.ts';
import type { Terminal } from './terminals.ts';

/** Parts of the grammar that have a name of their own in messages; outer ones first. */
const partNames: Readonly<Record<string, string>> = {
  statement: 'a statement',
  stateful: 'a counter, limit or quota',
  value: 'a value',
  right: 'a value',
  right_list: 'a value',
  right_primary: 'a value',
  key_concat: 'what to add',
  left: 'an expression',
  left_primary: 'an expression',
  value_primary: 'a value',
  selector: 'an expression',
};

/** Keywords named one by one in a message; the rest is only counted. */
const mostKeywords = 12;

type Symbol = Exclude<GrammarSymbol, string>;
const isTerminal = (symbol: Symbol): symbol is Terminal => 'test' in symbol;

export interface Expectation {
  /** `a statement`, `'set'`, `a newline or ';'`. */
  readonly phrases: readonly string[];
  /** All keywords that could have stood there, for "did you mean". */
  readonly keywords: ReadonlySet<string>;
}

const textOf = (symbol: { readonly literal: string }): string =>
  symbol.literal === '\n' ? 'a newline' : `'${symbol.literal}'`;

export function describeExpectation(failure: ParseFailure, firstSets: FirstSets): Expectation {
  const rest = new Set(failure.terminals);
  const phrases = new Set<string>();
  const keywords = new Set<string>();
  for (const symbol of rest) for (const word of keywordsOf(symbol)) keywords.add(word);
  const begun = new Set(failure.nonterminals);
  const covered = new Set<string>();
  for (const [name, phrase] of Object.entries(partNames)) {
    if (!begun.has(name)) continue;
    const beginnings = [...firstSets.of(name)];
    // What a part named before covers is not named again: a statement can be a limit.
    if (beginnings.every(symbol => isCovered(symbol, covered))) continue;
    phrases.add(phrase);
    for (const symbol of beginnings) for (const word of wordsOf(symbol)) covered.add(word);
  }
  for (const symbol of rest) if (isCovered(symbol, covered)) rest.delete(symbol);
  const words: string[] = [];
  for (const symbol of rest) {
    if (!isTerminal(symbol)) words.push(textOf(symbol));
    else if (symbol.label !== undefined) phrases.add(symbol.label);
    else words.push(...(symbol.keywords ?? []).map(word => `'${word}'`));
  }
  return { phrases: [...phrases, ...abridge([...new Set(words)])], keywords };
}

const keywordsOf = (symbol: Symbol): readonly string[] =>
  isTerminal(symbol) ? (symbol.keywords ?? []) : [symbol.literal];

/** Keywords, and the label of what is no keyword. */
const wordsOf = (symbol: Symbol): readonly string[] =>
  isTerminal(symbol) && symbol.keywords === undefined ? [symbol.label ?? ''] : keywordsOf(symbol);

const isCovered = (symbol: Symbol, covered: ReadonlySet<string>): boolean =>
  wordsOf(symbol).every(word => covered.has(word));

function abridge(words: readonly string[]): readonly string[] {
  if (words.length <= mostKeywords) return words;
  const sorted = [...words].sort();
  return [...sorted.slice(0, mostKeywords - 1), `${words.length - mostKeywords + 1} other words`];
}
