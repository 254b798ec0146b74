// Pieces to lines. What the user put on lines of its own stays there, elements of sets too; blocks are indented, blank
// lines are at most one, and a block that was written in one line is opened up where it holds others or grows too long.

import { braceMeaning, type LineContext } from '../reader/brace.ts';
import { Line } from '../reader/line.ts';
import { TokenKind } from '../token.ts';
import { words } from '../words.ts';
import type { Piece, TokenPiece } from './pieces.ts';
import { gapBetween } from './spacing.ts';

/** A block in one line is no longer than this, indentation aside. */
const longestBlock = 100;

const kindOf = (text: string): number => words.get(text)!.kind;
const verbs: ReadonlySet<number> = new Set(['add', 'create', 'delete', 'destroy'].map(kindOf));
const contexts: ReadonlyMap<number, LineContext> = new Map(
  (['table', 'chain', 'set', 'map'] as const).map(context => [kindOf(context), context]),
);
const typeWords: ReadonlySet<number> = new Set(['type', 'typeof'].map(kindOf));
const policyKind = kindOf('policy');
/** nft's listing ends these lines with a semicolon. */
const baseChainWords: ReadonlySet<number> = new Set([kindOf('type'), policyKind]);

interface Brace {
  readonly context: LineContext | 'list';
  /** How the statement stood that the brace interrupts. */
  readonly line: Line;
  /** Of a block: it begins and ends in one line. */
  readonly inOneLine: boolean;
  /** Of a block: it was written in one line that is opened up. */
  readonly openedUp: boolean;
}

export class Layout {
  readonly #pieces: readonly Piece[];
  readonly #indent: string;
  readonly #lines: string[] = [];
  readonly #braces: Brace[] = [];
  /** Tokens of the statement so far, which say what its braces mean. */
  #statement = new Line();
  #text = '';
  #before: TokenPiece | undefined;
  #wantsBlank = false;
  #continues = false;
  /** Commas of a raw payload expression that are still to come. */
  #rawCommas = 0;

  constructor(pieces: readonly Piece[], indent: string) {
    this.#pieces = pieces;
    this.#indent = indent;
  }

  print(): string {
    this.#pieces.forEach((piece, index) => {
      this.#place(piece, index);
    });
    this.#endLine();
    return this.#lines.map(line => `${line}\n`).join('');
  }

  #place(piece: Piece, index: number): void {
    switch (piece.kind) {
      case 'newline':
        this.#newline();
        return;
      case 'comment':
        this.#comment(piece.text, piece.alone);
        return;
      case 'continuation':
        this.#continueLine();
        return;
      case 'token':
        this.#token(piece, index);
    }
  }

  get #top(): Brace | undefined {
    return this.#braces.at(-1);
  }

  get #context(): LineContext | 'list' {
    return this.#top?.context ?? 'file';
  }

  #newline(): void {
    if (this.#text === '') this.#wantsBlank = true;
    this.#endLine();
    if (this.#context !== 'list') this.#statement = new Line();
  }

  #comment(text: string, alone: boolean): void {
    if (alone) this.#endLine();
    this.#append(alone || this.#text === '' ? text : ` ${text}`);
    if (alone) this.#endLine();
  }

  #continueLine(): void {
    if (this.#text === '') return;
    this.#append(' \\');
    this.#endLine();
    this.#continues = true;
  }

  /** Adds to the current line, and begins it if need be. */
  #append(text: string): void {
    if (this.#text === '') {
      const afterOpening = this.#lines.length === 0 || /\{(?: #.*)?$/.test(this.#lines.at(-1)!);
      if (this.#wantsBlank && !afterOpening && !text.startsWith('}')) this.#lines.push('');
      this.#wantsBlank = false;
      this.#text = this.#indent.repeat(this.#braces.length + (this.#continues ? 1 : 0));
    }
    this.#text += text;
  }

  #endLine(): void {
    if (this.#text !== '') this.#lines.push(this.#text);
    this.#text = '';
    this.#before = undefined;
    this.#continues = false;
  }

  #token(piece: TokenPiece, index: number): void {
    if (piece.text === '{') this.#open(piece, index);
    else if (piece.text === '}') this.#close(piece, index);
    else if (piece.text === ';' && this.#context !== 'list') this.#semicolon(piece, index);
    else this.#write(piece);
  }

  #write(piece: TokenPiece): void {
    this.#followRawPayload(piece);
    const gap = this.#before === undefined || this.#text === '' ? '' : this.#gap(this.#before, piece);
    this.#append(gap + piece.text);
    this.#before = piece;
    this.#statement.push(piece.token, 0, 0);
  }

  #gap(before: TokenPiece, next: TokenPiece): string {
    return gapBetween(before, next, {
      inList: this.#context === 'list',
      inRawPayload: this.#rawCommas > 0,
      inTypes: typeWords.has(this.#statement.kindAt(0)),
    });
  }

  /** `@th,16,16` has two commas; `@set, …` has none of its own, but cannot stand where a blank matters. */
  #followRawPayload({ text }: TokenPiece): void {
    if (text === '@') this.#rawCommas = 3;
    else if (text === ',' && this.#rawCommas > 0) this.#rawCommas--;
    else if (this.#before?.text !== ',' && this.#before?.text !== '@') this.#rawCommas = 0;
  }

  #open(piece: TokenPiece, index: number): void {
    const context = this.#contextOf();
    this.#write(piece);
    const line = this.#statement;
    if (context === 'list') {
      this.#braces.push({ context, line, inOneLine: false, openedUp: false });
      return;
    }
    const length = lengthInLine(this.#pieces, index);
    const mayStay = context !== 'table' || this.#isClosedBy(index + 1);
    const inOneLine = mayStay && length !== undefined && length <= longestBlock;
    this.#braces.push({ context, line, inOneLine, openedUp: length !== undefined && !inOneLine });
    this.#statement = new Line();
    if (!inOneLine && !this.#isComment(index + 1)) this.#endLine();
  }

  #contextOf(): LineContext | 'list' {
    const context = this.#context;
    if (context === 'list') return 'list';
    const meaning = braceMeaning(this.#statement, context);
    if (meaning === 'rules') return 'rules';
    if (meaning !== 'open') return 'list';
    const head = this.#statement.kindAt(verbs.has(this.#statement.kindAt(0)) ? 1 : 0);
    return contexts.get(head) ?? 'object';
  }

  #close(piece: TokenPiece, index: number): void {
    const brace = this.#braces.at(-1);
    if (brace !== undefined && brace.context !== 'list' && !brace.inOneLine) this.#endLine();
    this.#braces.pop();
    this.#write(piece);
    if (brace === undefined) return;
    this.#statement = brace.line;
    this.#statement.push(brace.context === 'rules' ? TokenKind.block : TokenKind.set, 0, 0);
    if (this.#top?.openedUp && !this.#isClosedBy(index + 1)) this.#afterStatement(index);
  }

  #semicolon(piece: TokenPiece, index: number): void {
    if (this.#text === '' || this.#before === undefined) return;
    const endsLine = this.#top?.openedUp === true && !this.#isPolicy(index + 1);
    if (!endsLine || baseChainWords.has(this.#statement.kindAt(0))) this.#write(piece);
    if (endsLine) this.#endLine();
    this.#statement = new Line();
  }

  /** A block behind which nothing else of its statement comes ends its line. */
  #afterStatement(index: number): void {
    const next = this.#pieces[index + 1];
    if (next?.kind !== 'token' || next.text !== ';') return;
    this.#endLine();
  }

  #isClosedBy(index: number): boolean {
    const piece = this.#pieces[index];
    return piece?.kind === 'token' && piece.text === '}';
  }

  #isPolicy(index: number): boolean {
    const piece = this.#pieces[index];
    return piece?.kind === 'token' && piece.token === policyKind;
  }

  #isComment(index: number): boolean {
    const piece = this.#pieces[index];
    return piece?.kind === 'comment' && !piece.alone;
  }
}

/** Characters of the block that opens at `index`, if it ends on the same line. */
function lengthInLine(pieces: readonly Piece[], index: number): number | undefined {
  let depth = 0;
  let length = 0;
  for (let at = index; at < pieces.length; at++) {
    const piece = pieces[at]!;
    if (piece.kind !== 'token') return undefined;
    length += piece.text.length + (piece.apart ? 1 : 0);
    if (piece.text === '{') depth++;
    if (piece.text === '}') depth--;
    if (depth === 0) return length;
  }
  return undefined;
}
