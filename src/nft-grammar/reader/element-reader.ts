// Element lists: `{ a, b : c timeout 5s, … }`. Each element is a small statement of its own, so that a long list costs
// what scanning costs. nft is strict about lines here: one newline may stand before and behind an element and behind a
// comma, none within an element, and empty lines nowhere.

import type { Span } from '../../source/span.ts';
import { ElementColumns } from '../element-columns.ts';
import type { CachedShape } from '../shapes.ts';
import { TokenKind } from '../token.ts';
import { words } from '../words.ts';
import type { Line } from './line.ts';
import { type LineReader, Punctuation } from './line-reader.ts';
import { parseLine } from './parse-line.ts';

/** Keywords that begin a line of a block and no element: behind a newline they show that a brace was not closed. */
const lineStarts: ReadonlySet<number> = new Set(
  `table chain set map flowtable flush add delete create insert include define counter quota limit type hook policy
  accept drop return jump goto log reject meta ct iif oif iifname oifname`
    .split(/\s+/)
    .map(word => words.get(word)!.kind),
);

/** Taken at once, before it is asked whether time is up. */
const addressesAStep = 1000;

class ElementReader {
  private readonly reader: LineReader;
  private readonly columns: ElementColumns;
  private readonly line: Line;
  private readonly open: Span;
  private readonly depth: number;
  failed = false;
  /** The shape of the last element, if it had one. */
  private last: CachedShape | undefined;
  /** Where the list ends: behind its brace, or where it was given up. */
  end: number;
  private lineEndReported = false;

  constructor(reader: LineReader, depth: number) {
    this.reader = reader;
    this.depth = depth;
    this.line = reader.elementLine(depth);
    this.columns = new ElementColumns(reader.source);
    this.open = reader.here;
    this.end = this.open.to;
  }

  /** Reads up to the closing brace and takes it. */
  read(): ElementColumns {
    const { reader } = this;
    reader.next();
    if (reader.kind === Punctuation.close) {
      this.close();
      return this.columns;
    }
    this.skipNewline();
    while (this.readElement()) {
      this.skipNewline();
      this.takeAddresses();
    }
    return this.columns;
  }

  /** Behind an address mostly comes another one, in a long list: their shape is known, and only their places are wanted. */
  private takeAddresses(): void {
    const { reader, columns, last } = this;
    if (last === undefined || last.tokens !== 1 || last.checks.length > 0) return;
    if (this.line.kindAt(0) !== TokenKind.word) return;
    const { tokens } = reader.source;
    const take = (from: number, to: number): void => {
      columns.push(last, tokens.length);
      tokens.push(from, to);
    };
    while (reader.scanner.takeAddresses(addressesAStep, take) > 0) reader.session.step(() => reader.here);
  }

  /** One newline is allowed; more, or a semicolon, is an error that is reported once a list. */
  private skipNewline(): boolean {
    const { reader } = this;
    if (!reader.atSeparator) return false;
    if (reader.kind === Punctuation.newline) reader.next();
    while (reader.atSeparator) {
      this.refuseSeparator();
      reader.next();
    }
    return true;
  }

  private refuseSeparator(): void {
    this.failed = true;
    if (this.lineEndReported) return;
    this.lineEndReported = true;
    const what = this.reader.kind === Punctuation.semicolon ? "a ';'" : 'an empty line';
    this.reader.session.error('syntax-error', `${what} cannot stand in a list of elements`, this.reader.here);
  }

  /** Reads an element and what separates it from the next; false when the list is at its end. */
  private readElement(): boolean {
    const { reader } = this;
    if (this.columns.length > 0 && reader.kind === Punctuation.close) return this.close();
    this.takeTokens();
    this.finishElement();
    const hadNewline = this.skipNewline();
    if (reader.kind === Punctuation.comma) return this.skipCommas();
    if (reader.kind === Punctuation.close) return this.close();
    if (reader.kind === TokenKind.fileEnd || (hadNewline && lineStarts.has(reader.kind)))
      return this.unclosed();
    this.failed = true;
    reader.session.error('syntax-error', "expected ',' or '}' between elements", reader.here);
    return true;
  }

  /** nft takes several commas for one, but not in front of the first element. */
  private skipCommas(): boolean {
    while (this.reader.kind === Punctuation.comma) {
      this.reader.next();
      this.skipNewline();
    }
    if (this.reader.kind === TokenKind.fileEnd) return this.unclosed();
    return this.reader.kind === Punctuation.close ? this.close() : true;
  }

  private close(): false {
    this.end = this.reader.scanner.to;
    this.reader.next();
    return false;
  }

  private unclosed(): false {
    this.failed = true;
    this.reader.session.error('unclosed-brace', 'this list of elements is not closed', this.open);
    return false;
  }

  /** The tokens of one element, nested sets folded. */
  private takeTokens(): void {
    const { reader, line } = this;
    line.clear();
    for (;;) {
      const { kind } = reader;
      const ends = kind === Punctuation.comma || kind === Punctuation.close || kind === TokenKind.fileEnd;
      if (ends || reader.atSeparator) break;
      if (kind === Punctuation.open) readElements(reader, line, this.depth + 1);
      else reader.takeToken(line);
    }
    line.push(TokenKind.elementEnd, reader.scanner.from, reader.scanner.to);
  }

  private finishElement(): void {
    const parsed = parseLine(this.reader, this.line, 'element');
    this.last = parsed?.shape;
    if (parsed === undefined) this.failed = true;
    else this.columns.push(parsed.shape, parsed.base);
  }
}

/** Reads a list and takes it into the line as one token. */
export function readElements(reader: LineReader, line: Line, depth = 1): void {
  const { from } = reader.scanner;
  if (depth > reader.session.limits.depth) {
    refuseDepth(reader, line);
    return;
  }
  const list = new ElementReader(reader, depth);
  const columns = list.read();
  if (list.failed) line.failed = true;
  line.attach(kindOf(columns, list.failed), from, list.end, { kind: 'elements', elements: columns });
}

function kindOf(columns: ElementColumns, failed: boolean): number {
  // A list with an error in it is taken for whatever may stand there: its errors have been reported.
  if (failed) return TokenKind.verdictSet;
  if (columns.length === 0) return TokenKind.emptySet;
  return columns.allVerdicts ? TokenKind.verdictSet : TokenKind.set;
}

/** Skips a list that is nested too deep, brace by brace. */
function refuseDepth(reader: LineReader, line: Line): void {
  reader.session.error('limit-exceeded', 'too deep a nesting of braces', reader.here);
  line.failed = true;
  const { from } = reader.scanner;
  let braces = 0;
  do {
    if (reader.kind === Punctuation.open) braces++;
    if (reader.kind === Punctuation.close) braces--;
    reader.next();
  } while (braces > 0 && reader.kind !== TokenKind.fileEnd);
  line.push(TokenKind.verdictSet, from, reader.scanner.from);
}
