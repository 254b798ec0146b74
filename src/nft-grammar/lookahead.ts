// One token of lookahead for nearley: it would predict every statement of the language behind every token. A view of the
// grammar for each kind of token leaves out the productions that cannot begin with it, which makes parsing several
// times faster. Filtered out is only what would die at the next token: results are the same.

import type { Leaf } from './derivation.ts';
import type { FirstSets } from './first-sets.ts';
import type { GrammarSymbol, Production } from './grammar-types.ts';
import { wordTexts } from './words.ts';

/** nearley's productions by name. */
export type ByName = Readonly<Record<string, readonly Production[]>>;

type TerminalSymbol = Exclude<GrammarSymbol, string>;

/** True if a token of this kind can stand for the terminal. */
function accepts(terminal: TerminalSymbol, leaf: Leaf): boolean {
  return 'test' in terminal ? terminal.test(leaf) : terminal.literal === leaf.text;
}

export class Lookahead {
  private readonly firstSets: FirstSets;
  private readonly views = new Map<number, ByName>();

  constructor(firstSets: FirstSets) {
    this.firstSets = firstSets;
  }

  /** The grammar as it is when a token of this kind comes next. */
  view(kind: number): ByName {
    let view = this.views.get(kind);
    if (view === undefined) {
      view = this.createView({ index: 0, kind, text: wordTexts[kind] ?? '' });
      this.views.set(kind, view);
    }
    return view;
  }

  /** Names are filtered when they are asked for: few are, for most kinds. */
  private createView(leaf: Leaf): ByName {
    const known = new Map<string, readonly Production[]>();
    const accepted = new Map<string, boolean>();
    const filter = (name: string): readonly Production[] => {
      const productions = this.firstSets
        .productionsOf(name)
        .filter(production => this.canBegin(production, leaf, accepted));
      known.set(name, productions);
      return productions;
    };
    return new Proxy({}, { get: (_, name) => known.get(name as string) ?? filter(name as string) }) as ByName;
  }

  private canBegin(production: Production, leaf: Leaf, accepted: Map<string, boolean>): boolean {
    if (this.firstSets.canBeEmpty(production)) return true;
    return this.firstSets.beginnings(production).some(symbol => {
      if (typeof symbol !== 'string') return accepts(symbol, leaf);
      let known = accepted.get(symbol);
      if (known === undefined) {
        known = [...this.firstSets.of(symbol)].some(terminal => accepts(terminal, leaf));
        accepted.set(symbol, known);
      }
      return known;
    });
  }
}
