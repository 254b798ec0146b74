// nearley, fed with tokens: a derivation, or what could have stood where it failed.

import nearley from 'nearley';
import type { Derivation, Leaf } from './derivation.ts';
import compiledGrammar from './generated/grammar.ts';
import { lexer, type Terminal } from './terminals.ts';

/** The start symbols of the grammar. */
export type StartSymbol =
  | 'command'
  | 'definition'
  | 'table_line'
  | 'chain_line'
  | 'rule_line'
  | 'set_line'
  | 'map_line'
  | 'element'
  | 'flowtable_block'
  | 'counter_block'
  | 'quota_block'
  | 'limit_block'
  | 'secmark_block'
  | 'synproxy_block'
  | 'helper_block'
  | 'timeout_block'
  | 'expectation_block'
  | 'tunnel_block';

/** A symbol of a production: a nonterminal by name, a keyword, or a class of tokens. */
export type GrammarSymbol = string | { readonly literal: string } | Terminal;

export interface Production {
  readonly name: string;
  readonly symbols: readonly GrammarSymbol[];
}

/** The state of the parser at a token that nothing could take. */
export interface ParseFailure {
  /** Ordinal of the token. */
  readonly at: number;
  /** Keywords and classes that could have stood there. */
  readonly terminals: readonly Exclude<GrammarSymbol, string>[];
  /** Nonterminals that could have begun there. */
  readonly nonterminals: readonly string[];
}

export type ParseOutcome =
  | { readonly derivations: readonly Derivation[]; readonly failure?: undefined }
  | { readonly failure: ParseFailure };

/** What nearley keeps for one token; its type declarations leave it out. */
interface Column {
  readonly states: readonly unknown[];
  readonly scannable: readonly { readonly rule: Production; readonly dot: number }[];
  readonly wants: Readonly<Record<string, unknown>>;
}
interface ParserInternals {
  readonly table: Column[];
  readonly current: number;
  readonly results: readonly Derivation[] | undefined;
  feed(tokens: readonly Leaf[]): void;
  reportError: () => string;
}

/** Hands tokens to nearley one by one, as a lexer would. */
class TokenFeed {
  readonly save: () => undefined = lexer.save;
  readonly formatError: () => string = lexer.formatError;
  private tokens: readonly Leaf[] = [];
  private at = 0;

  reset(tokens: readonly Leaf[]): void {
    this.tokens = tokens;
    this.at = 0;
  }

  next(): Leaf | undefined {
    return this.tokens[this.at++];
  }
}

/** nearley's declarations leave out that a grammar may begin at any symbol. */
const createGrammar = (rules: nearley.Rule[], start: StartSymbol): nearley.Grammar =>
  new (nearley.Grammar as unknown as new (rules: nearley.Rule[], start: string) => nearley.Grammar)(
    rules,
    start,
  );

/** The grammar of one call: nothing of it is shared, so that no state outlives the call. */
export class EarleyParser {
  private readonly grammar: nearley.Grammar = nearley.Grammar.fromCompiled({
    ...compiledGrammar,
    ParserStart: 'command',
  });
  private readonly grammars = new Map<StartSymbol, nearley.Grammar>();

  /** All productions, for questions about the grammar. */
  get productions(): readonly Production[] {
    return this.grammar.rules as unknown as readonly Production[];
  }

  parse(tokens: readonly Leaf[], start: StartSymbol): ParseOutcome {
    const parser = this.createParser(start);
    try {
      parser.feed(tokens);
    } catch {
      // nearley says by an exception that a token fits nowhere; the table holds what would have fit.
      return { failure: describeFailure(parser) };
    }
    const derivations = parser.results ?? [];
    return derivations.length === 0 ? { failure: describeFailure(parser) } : { derivations };
  }

  private createParser(start: StartSymbol): ParserInternals {
    let grammar = this.grammars.get(start);
    if (grammar === undefined) {
      grammar = createGrammar(this.grammar.rules, start);
      this.grammars.set(start, grammar);
    }
    const options = { lexer: new TokenFeed() as unknown as nearley.Lexer };
    const parser = new nearley.Parser(grammar, options) as unknown as ParserInternals;
    // Its own report walks the whole table.
    parser.reportError = () => '';
    return parser;
  }
}

function describeFailure(parser: ParserInternals): ParseFailure {
  const column = parser.table[parser.current]!;
  const terminals = new Set<Exclude<GrammarSymbol, string>>();
  for (const { rule, dot } of column.scannable)
    terminals.add(rule.symbols[dot] as Exclude<GrammarSymbol, string>);
  return { at: parser.current, terminals: [...terminals], nonterminals: Object.keys(column.wants) };
}
