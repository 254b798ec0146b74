// A text as the formatter sees it: tokens, and between them what the parser passes over (comments, ends of lines). Put one
// behind the other they are the whole text but for its blanks.

import { Scanner } from '../scanner.ts';
import { TokenKind } from '../token.ts';
import { words } from '../words.ts';

export type Piece = TokenPiece | CommentPiece | { readonly kind: 'newline' | 'continuation' };

export interface TokenPiece {
  readonly kind: 'token';
  readonly token: number;
  readonly text: string;
  /** Whether something stands between it and the token before it. */
  readonly apart: boolean;
}

export interface CommentPiece {
  readonly kind: 'comment';
  readonly text: string;
  /** The only thing on its line. The end of the line belongs to the comment then, as it does for nft. */
  readonly alone: boolean;
}

const newlineToken = words.get('\n')!.kind;

/** Comments and continued lines between two tokens, by their first characters. */
const betweenTokens = /#[^\n]*\n?|\\\n/g;

class PieceReader {
  readonly pieces: Piece[] = [];
  readonly #text: string;
  #lineIsBlank = true;

  constructor(text: string) {
    this.#text = text;
  }

  read(): readonly Piece[] {
    const scanner = new Scanner(this.#text, () => {});
    let end = 0;
    for (;;) {
      scanner.next();
      this.#takeBetween(this.#text.slice(end, scanner.from));
      if (scanner.kind === TokenKind.fileEnd) return this.pieces;
      this.#takeToken(scanner, scanner.from > end);
      end = scanner.to;
    }
  }

  #takeBetween(between: string): void {
    for (const [found] of between.matchAll(betweenTokens)) {
      if (found.startsWith('#'))
        this.pieces.push({ kind: 'comment', text: found.trimEnd(), alone: this.#lineIsBlank });
      else this.pieces.push({ kind: 'continuation' });
    }
  }

  #takeToken({ kind, from, to }: Scanner, apart: boolean): void {
    this.#lineIsBlank = kind === newlineToken;
    if (this.#lineIsBlank) this.pieces.push({ kind: 'newline' });
    else this.pieces.push({ kind: 'token', token: kind, text: this.#text.slice(from, to), apart });
  }
}

export const readPieces = (text: string): readonly Piece[] => new PieceReader(text).read();
