// nearley, fed with tokens: a derivation, or what could have stood where it failed.

import nearley from 'nearley';
import type { Derivation, Leaf } from './derivation.ts';
import { FirstSets } from './first-sets.ts';
import compiledGrammar, { nullable } from './generated/grammar.ts';
import type { GrammarSymbol, Production, ProductionsByName } from './grammar-types.ts';
import { Lookahead } from './lookahead.ts';
import { lexer } from './terminals.ts';

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
  readonly results?: readonly Derivation[];
  feed(tokens: readonly Leaf[]): void;
  reportError: () => string;
}

/** Hands tokens to nearley one by one, as a lexer would, and tells before each what comes behind it. */
class TokenFeed {
  readonly save: () => undefined = lexer.save;
  readonly formatError: () => string = lexer.formatError;
  private readonly announce: (next: Leaf | undefined) => void;
  private tokens: readonly Leaf[] = [];
  private at = 0;

  constructor(announce: (next: Leaf | undefined) => void) {
    this.announce = announce;
  }

  reset(tokens: readonly Leaf[]): void {
    this.tokens = tokens;
    this.at = 0;
  }

  next(): Leaf | undefined {
    const token = this.tokens[this.at++];
    this.announce(this.tokens[this.at]);
    return token;
  }
}

/** nearley's declarations leave out that a grammar may begin at any symbol, and that it can be looked at. */
interface OpenGrammar {
  byName: ProductionsByName;
  start: StartSymbol;
  readonly rules: readonly Production[];
}

/** The grammar of one call: nothing of it is shared, so that no state outlives the call. */
export class EarleyParser {
  private readonly grammar = nearley.Grammar.fromCompiled({
    ...compiledGrammar,
    ParserStart: 'command',
  }) as unknown as OpenGrammar;
  readonly firstSets: FirstSets = new FirstSets(this.grammar.byName, new Set(nullable));
  private readonly lookahead = new Lookahead(this.grammar.rules, this.firstSets);

  parse(tokens: readonly Leaf[], start: StartSymbol): ParseOutcome {
    const derivations = this.run(tokens, start, true).results;
    if (derivations !== undefined && derivations.length > 0) return { derivations };
    // What could have stood where it failed is known only without lookahead.
    return { failure: describeFailure(this.run(tokens, start, false)) };
  }

  private run(tokens: readonly Leaf[], start: StartSymbol, looksAhead: boolean): ParserInternals {
    const { grammar } = this;
    const all = grammar.byName;
    grammar.start = start;
    const announce = (next: Leaf | undefined): void => {
      if (looksAhead && next !== undefined) grammar.byName = this.lookahead.view(next.kind);
    };
    try {
      announce(tokens[0]);
      const parser = createParser(grammar, new TokenFeed(announce));
      feed(parser, tokens);
      return parser;
    } finally {
      grammar.byName = all;
    }
  }
}

function createParser(grammar: OpenGrammar, tokenFeed: TokenFeed): ParserInternals {
  const options = { lexer: tokenFeed as unknown as nearley.Lexer };
  const parser = new nearley.Parser(
    grammar as unknown as nearley.Grammar,
    options,
  ) as unknown as ParserInternals;
  // Its own report walks the whole table.
  parser.reportError = () => '';
  return parser;
}

/** nearley says by an exception that a token fits nowhere; its table then holds what would have fit. */
function feed(parser: ParserInternals, tokens: readonly Leaf[]): void {
  try {
    parser.feed(tokens);
  } catch (error) {
    if (!(error instanceof Error) || !('token' in error)) throw error;
  }
}

function describeFailure(parser: ParserInternals): ParseFailure {
  const column = parser.table[parser.current]!;
  const terminals = new Set<Exclude<GrammarSymbol, string>>();
  for (const { rule, dot } of column.scannable)
    terminals.add(rule.symbols[dot] as Exclude<GrammarSymbol, string>);
  return { at: parser.current, terminals: [...terminals], nonterminals: Object.keys(column.wants) };
}
