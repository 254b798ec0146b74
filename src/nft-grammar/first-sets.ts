// What each nonterminal of the grammar can begin with.

import type { GrammarSymbol, Production, ProductionsByName } from './grammar-types.ts';

type TerminalSymbol = Exclude<GrammarSymbol, string>;

export class FirstSets {
  private readonly byName: ProductionsByName;
  private readonly nullable: ReadonlySet<string>;
  private readonly sets = new Map<string, ReadonlySet<TerminalSymbol>>();

  /** `nullable`: the nonterminals that can be empty. */
  constructor(byName: ProductionsByName, nullable: ReadonlySet<string>) {
    this.byName = byName;
    this.nullable = nullable;
  }

  mayBeEmpty(symbol: GrammarSymbol): boolean {
    return typeof symbol === 'string' && this.nullable.has(symbol);
  }

  /** The terminals that a nonterminal can begin with, found when first asked for. */
  of(name: string): ReadonlySet<TerminalSymbol> {
    const known = this.sets.get(name);
    if (known) return known;
    const set = this.collect(name);
    this.sets.set(name, set);
    return set;
  }

  private collect(start: string): ReadonlySet<TerminalSymbol> {
    const symbols = new Set<TerminalSymbol>();
    const seen = new Set([start]);
    const queue = [start];
    for (let name = queue.pop(); name !== undefined; name = queue.pop()) {
      for (const production of this.productionsOf(name)) {
        for (const symbol of this.beginnings(production)) {
          if (typeof symbol !== 'string') symbols.add(symbol);
          else if (!seen.has(symbol)) {
            seen.add(symbol);
            queue.push(symbol);
          }
        }
      }
    }
    return symbols;
  }

  /** The symbols of a production up to the first that cannot be empty. */
  beginnings({ symbols }: Production): readonly GrammarSymbol[] {
    const end = symbols.findIndex(symbol => !this.mayBeEmpty(symbol));
    return end < 0 ? symbols : symbols.slice(0, end + 1);
  }

  /** True if the production can be empty. */
  canBeEmpty({ symbols }: Production): boolean {
    return symbols.every(symbol => this.mayBeEmpty(symbol));
  }

  productionsOf(name: string): readonly Production[] {
    return this.byName[name] ?? [];
  }
}
