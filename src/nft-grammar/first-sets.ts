// What each nonterminal of the grammar can begin with.

import type { GrammarSymbol, Production } from './grammar-types.ts';

type TerminalSymbol = Exclude<GrammarSymbol, string>;

export class FirstSets {
  private readonly byName = new Map<string, Production[]>();
  private readonly sets = new Map<string, ReadonlySet<TerminalSymbol>>();
  private readonly nullable = new Set<string>();

  constructor(productions: readonly Production[]) {
    for (const production of productions) {
      const known = this.byName.get(production.name);
      if (known) known.push(production);
      else this.byName.set(production.name, [production]);
    }
    this.findNullable(productions);
  }

  private findNullable(productions: readonly Production[]): void {
    // Few productions are without terminals; a start of the command line waits for this.
    const candidates = productions.filter(({ symbols }) =>
      symbols.every(symbol => typeof symbol === 'string'),
    );
    for (let before = -1; before !== this.nullable.size; ) {
      before = this.nullable.size;
      for (const production of candidates)
        if (this.canBeEmpty(production)) this.nullable.add(production.name);
    }
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
      for (const production of this.byName.get(name) ?? []) {
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
    return this.byName.get(name) ?? [];
  }
}
