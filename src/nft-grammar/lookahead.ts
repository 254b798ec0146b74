// One token of lookahead for nearley: it would predict every statement of the language behind every token. A view of the
// grammar for each kind of token leaves out the productions that cannot begin with it, which makes parsing several
// times faster. Filtered out is only what would die at the next token: results are the same.

import type { Leaf } from './derivation.ts';
import type { FirstSets } from './first-sets.ts';
import type { GrammarSymbol, Production, ProductionsByName } from './grammar-types.ts';
import type { Terminal } from './terminals.ts';
import { wordTexts } from './words.ts';

function append<Key>(map: Map<Key, Production[]>, key: Key, production: Production): void {
  const known = map.get(key);
  if (known) known.push(production);
  else map.set(key, [production]);
}

export class Lookahead {
  private readonly firstSets: FirstSets;
  private readonly views = new Map<number, ProductionsByName>();
  /** Productions by what they can begin with: a keyword, a class of tokens, a nonterminal. */
  private readonly byText = new Map<string, Production[]>();
  private readonly byClass = new Map<Terminal, Production[]>();
  private readonly byName = new Map<string, Production[]>();

  constructor(productions: readonly Production[], firstSets: FirstSets) {
    this.firstSets = firstSets;
    for (const production of productions)
      for (const symbol of firstSets.beginnings(production)) this.add(symbol, production);
  }

  private add(symbol: GrammarSymbol, production: Production): void {
    if (typeof symbol === 'string') append(this.byName, symbol, production);
    else if ('literal' in symbol) append(this.byText, symbol.literal, production);
    else if (symbol.keywords === undefined) append(this.byClass, symbol, production);
    else for (const text of symbol.keywords) append(this.byText, text, production);
  }

  /** The grammar as it is when a token of this kind comes next. */
  view(kind: number): ProductionsByName {
    let view = this.views.get(kind);
    if (view === undefined) {
      view = this.createView({ index: 0, kind, text: wordTexts[kind] ?? '' });
      this.views.set(kind, view);
    }
    return view;
  }

  /** Names are filtered when they are asked for: few are, for most kinds. */
  private createView(leaf: Leaf): ProductionsByName {
    const begun = this.begunBy(leaf);
    const known = new Map<string, readonly Production[]>();
    const filter = (name: string): readonly Production[] => {
      const productions = this.firstSets
        .productionsOf(name)
        .filter(production => begun.has(production) || this.firstSets.canBeEmpty(production));
      known.set(name, productions);
      return productions;
    };
    return new Proxy(
      {},
      { get: (_, name) => known.get(name as string) ?? filter(name as string) },
    ) as ProductionsByName;
  }

  /** The productions that the token can begin: those that begin with it, and what begins with one of those. */
  private begunBy(leaf: Leaf): ReadonlySet<Production> {
    const begun = new Set(this.byText.get(leaf.text));
    for (const [terminal, productions] of this.byClass)
      if (terminal.test(leaf)) for (const production of productions) begun.add(production);
    const names = new Set<string>();
    for (const { name } of begun) names.add(name);
    // Comes to those that it adds, too.
    for (const begunName of names) {
      for (const production of this.byName.get(begunName) ?? []) {
        begun.add(production);
        names.add(production.name);
      }
    }
    return begun;
  }
}
