// The tokens of elements, one after the other. The scanner is that of rulesets.

import { fail } from '../ast/type/failure.ts';
import { Scanner } from '../nft-grammar/scanner.ts';
import { TokenKind } from '../nft-grammar/token.ts';
import type { SourceFile, Span } from '../source/span.ts';

export interface Token {
  readonly kind: number;
  readonly text: string;
  readonly span: Span;
}

function tokensOf({ id, text }: SourceFile): readonly Token[] {
  // A blank behind the text: some tokens are told by what follows them.
  const scanner = new Scanner(`${text} `, () => {});
  const tokens: Token[] = [];
  do {
    scanner.next();
    const { kind, from, to } = scanner;
    const end = Math.min(to, text.length);
    const token = {
      kind,
      text: text.slice(from, to),
      span: { file: id, from: Math.min(from, end), to: end },
    };
    if (token.text.trim() !== '' || kind === TokenKind.fileEnd) tokens.push(token);
  } while (scanner.kind !== TokenKind.fileEnd);
  return tokens;
}

export class TokenCursor {
  private readonly tokens: readonly Token[];
  private at = 0;

  constructor(file: SourceFile) {
    this.tokens = tokensOf(file);
  }

  get token(): Token {
    return this.tokens[this.at]!;
  }

  isAtEnd(): boolean {
    return this.token.kind === TokenKind.fileEnd || this.is('}');
  }

  is(text: string): boolean {
    return this.token.text === text && this.token.kind !== TokenKind.quoted;
  }

  take(text: string): boolean {
    const isThere = this.is(text);
    if (isThere) this.at++;
    return isThere;
  }

  /** The token, whatever it is, and on to the next. */
  next(): Token {
    return this.tokens[this.at++]!;
  }

  /** From `from` to the end of the last token that was taken. */
  spanFrom(from: Span): Span {
    return { ...from, to: this.tokens[this.at - 1]!.span.to };
  }

  unexpected(wanted: string): never {
    const { text, span, kind } = this.token;
    const found = kind === TokenKind.fileEnd ? 'the text ends' : `unexpected '${text}'`;
    return fail('syntax-error', `${found}; expected ${wanted}`, span);
  }
}
