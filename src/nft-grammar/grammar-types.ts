// The compiled grammar, as nearley has it.

import type { Terminal } from './terminals.ts';

/** A symbol of a production: a nonterminal by name, a keyword, or a class of tokens. */
export type GrammarSymbol = string | { readonly literal: string } | Terminal;

export interface Production {
  readonly name: string;
  readonly symbols: readonly GrammarSymbol[];
}

/** nearley's index of them. */
export type ProductionsByName = Readonly<Record<string, readonly Production[]>>;
