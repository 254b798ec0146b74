// A file as lines: statements with their element lists and blocks of rules folded. Errors inside what is folded are
// reported here; a line with such an error is still checked for its syntax, but not built.

import type { SourceFile, Span } from '../../source/span.ts';
import { prefixName } from '../build/log.ts';
import { type Attachment, Attachments, type Definition, type TokenSource } from '../build/view.ts';
import { Scanner, type ScanProblem } from '../scanner.ts';
import { TokenKind, TokenStore } from '../token.ts';
import { plainKinds, words } from '../words.ts';
import { braceMeaning, type LineContext } from './brace.ts';
import { readElements } from './element-reader.ts';
import { Line } from './line.ts';
import type { Session } from './session.ts';

const kindOf = (text: string): number => words.get(text)!.kind;
type PunctuationName =
  | 'newline'
  | 'semicolon'
  | 'comma'
  | 'open'
  | 'close'
  | 'openParenthesis'
  | 'closeParenthesis';
export const Punctuation: Readonly<Record<PunctuationName, number>> = {
  newline: kindOf('\n'),
  semicolon: kindOf(';'),
  comma: kindOf(','),
  open: kindOf('{'),
  close: kindOf('}'),
  openParenthesis: kindOf('('),
  closeParenthesis: kindOf(')'),
};
const lastKind = kindOf('last');
const DOLLAR = '$';

/** Keywords of the lines that may stand in any block. */
export const definitionKinds: ReadonlySet<number> = new Set(
  ['define', 'redefine', 'undefine', 'include'].map(kindOf),
);

/** In a block that is read whole: a definition behind a separator. The block goes on behind it. */
const startsDefinition = (line: Line, kind: number): boolean =>
  (line.back(1) === Punctuation.newline || line.back(1) === Punctuation.semicolon) &&
  definitionKinds.has(kind);

/** Reads the rules of a block that stands inside of a rule; the brace is open already. */
export type RuleBlockReader = (reader: LineReader, open: Span) => Attachment | undefined;

/** What nft reads behind the end of a file: newlines and semicolons, and then something or nothing. */
export interface Follower {
  readonly separators: number;
  readonly rest: 'end' | 'statement';
}

const nothing: Follower = { separators: 0, rest: 'end' };

export class LineReader {
  readonly session: Session;
  readonly scanner: Scanner;
  readonly source: TokenSource;
  readonly readRules: RuleBlockReader;
  /** This file and those that include it, outermost first. */
  readonly including: readonly string[];
  readonly follower: Follower;
  private readonly elementLines: Line[] = [];
  private crlfReported = false;

  constructor(
    session: Session,
    file: SourceFile,
    readRules: RuleBlockReader,
    including: readonly string[],
    follower: Follower = nothing,
  ) {
    this.session = session;
    this.follower = follower;
    this.scanner = new Scanner(file.text, (problem, from, to) => this.scanProblem(problem, from, to));
    this.source = {
      file: file.id,
      text: file.text,
      tokens: new TokenStore(),
      attachments: new Attachments(),
    };
    this.readRules = readRules;
    this.including = including;
    this.next();
  }

  /** A line for the elements of a list that is nested this deep: one list a depth is read at a time. */
  elementLine(depth: number): Line {
    let line = this.elementLines[depth];
    if (line === undefined) {
      line = new Line();
      this.elementLines[depth] = line;
    }
    return line;
  }

  next(): void {
    this.scanner.next();
  }

  /** The kind of the current token; once reading has been stopped, the end of the file. */
  get kind(): number {
    return this.session.stopped ? TokenKind.fileEnd : this.scanner.kind;
  }

  get atSeparator(): boolean {
    return this.kind === Punctuation.newline || this.kind === Punctuation.semicolon;
  }

  spanOf(from: number, to: number): Span {
    return { file: this.source.file, from, to };
  }

  get here(): Span {
    return this.spanOf(this.scanner.from, this.scanner.to);
  }

  private scanProblem(problem: ScanProblem, from: number, to: number): void {
    const span = this.spanOf(from, to);
    if (problem === 'comment-without-newline') {
      const fixes = [{ span: this.spanOf(to, to), text: '\n' }];
      this.session.error(
        'missing-newline',
        'a comment at the end of a file needs a newline behind it',
        span,
        { fixes },
      );
    } else if (!this.crlfReported) {
      this.crlfReported = true;
      this.session.error('crlf', 'lines end in CR LF; nft takes LF only', span);
    }
  }

  /** Fills `line` up to its end, which is taken too unless it closes the block around it. */
  readLine(line: Line, context: LineContext): void {
    line.clear();
    let braces = 0;
    let parentheses = 0;
    for (;;) {
      const { kind } = this;
      if (kind === TokenKind.fileEnd) {
        this.endLine(line, TokenKind.fileEnd, false);
        return;
      }
      if (this.atSeparator && !this.separatesInline(line, context, braces)) {
        this.endLine(line, TokenKind.separatorEnd, true);
        return;
      }
      if (context === 'object' && braces === 0 && startsDefinition(line, kind)) {
        this.endLine(line, TokenKind.separatorEnd, false);
        return;
      }
      if (kind === Punctuation.close && braces === 0) {
        this.endLine(line, TokenKind.braceEnd, false);
        return;
      }
      if (kind === Punctuation.open) {
        const meaning = braceMeaning(line, context);
        if (meaning === 'open') {
          this.endLine(line, TokenKind.openEnd, true);
          return;
        }
        if (meaning === 'inline') braces++;
        this.takeBrace(line, meaning);
        continue;
      }
      if (kind === Punctuation.close) braces--;
      if (kind === Punctuation.openParenthesis) parentheses++;
      if (Math.max(parentheses, braces) > this.session.limits.depth) this.refuseDepth(line);
      this.takeToken(line);
    }
  }

  /** In blocks of objects separators are tokens, and so is a newline behind a comma in braces. */
  private separatesInline(line: Line, context: LineContext, braces: number): boolean {
    if (context === 'object') return true;
    return braces > 0 && this.kind === Punctuation.newline && line.back(1) === Punctuation.comma;
  }

  private endLine(line: Line, kind: number, take: boolean): void {
    line.push(kind, this.scanner.from, this.scanner.to);
    if (take) this.next();
  }

  private takeBrace(line: Line, meaning: 'elements' | 'rules' | 'inline'): void {
    if (meaning === 'elements') readElements(this, line);
    else if (meaning === 'inline') this.takeToken(line);
    else this.takeRules(line);
  }

  private takeRules(line: Line): void {
    const { from } = this.scanner;
    const open = this.here;
    this.next();
    const attachment = this.readRules(this, open);
    const { to } = this.scanner;
    if (this.kind === Punctuation.close) this.next();
    if (attachment === undefined) line.failed = true;
    line.attach(TokenKind.block, from, to, attachment ?? { kind: 'rules', rules: [] });
  }

  /** Takes the current token, whatever it is, into the line. */
  takeToken(line: Line): void {
    const { scanner } = this;
    const { kind, from, to } = scanner;
    if (line.length >= this.session.limits.ruleTokens) {
      this.dropToken(line);
      return;
    }
    // Not a search in the whole text: it would go to the end for every string.
    if (kind === TokenKind.quoted && scanner.text.slice(from, to).includes(DOLLAR)) this.takeQuoted(line);
    else if (scanner.text[from] === DOLLAR && to === from + 1) {
      this.takeVariable(line);
      return;
    } else line.push(kind, from, to);
    this.next();
  }

  private dropToken(line: Line): void {
    if (!line.failed) {
      const message = `a statement has at most ${this.session.limits.ruleTokens} tokens`;
      this.session.error('limit-exceeded', message, this.here);
      line.failed = true;
    }
    this.next();
  }

  private refuseDepth(line: Line): void {
    if (!line.failed)
      this.session.error('limit-exceeded', 'too deep a nesting of braces or parentheses', this.here);
    line.failed = true;
  }

  private takeQuoted(line: Line): void {
    const { kind, from, to, text } = this.scanner;
    const definitions = new Map<string, Definition | undefined>();
    for (const [, name] of text.slice(from, to).matchAll(prefixName)) {
      definitions.set(name!, this.session.scope.find(name!));
    }
    if (definitions.size === 0) line.push(kind, from, to);
    else line.attach(kind, from, to, { kind: 'names', definitions });
  }

  /** `$name`; blanks may stand between. */
  private takeVariable(line: Line): void {
    const { from, to } = this.scanner;
    this.next();
    if (!isNameKind(this.kind)) {
      line.push(TokenKind.junk, from, to);
      return;
    }
    const name = this.scanner.text.slice(this.scanner.from, this.scanner.to);
    const definition = this.session.scope.find(name);
    const span = this.spanOf(from, this.scanner.to);
    if (definition === undefined) this.reportUnknown(name, this.here, line);
    const attached = definition ?? { name, span, value: { kind: 'symbol', text: name, form: 'plain', span } };
    line.attach(TokenKind.variable, from, this.scanner.to, { kind: 'variable', definition: attached });
    this.next();
  }

  private reportUnknown(name: string, span: Span, line: Line): void {
    line.failed = true;
    const near = this.session.scope.nearest(name);
    const hint = near === undefined ? '' : `; did you mean $${near}?`;
    const fixes = near === undefined ? [] : [{ span, text: near }];
    const notes =
      near === undefined
        ? []
        : [{ message: `$${near} is defined here`, span: this.session.scope.find(near)!.span }];
    this.session.error('unknown-variable', `unknown variable $${name}${hint}`, span, { fixes, notes });
  }
}

/** Words that may name a variable: all but reserved keywords. */
const isNameKind = (kind: number): boolean =>
  kind === TokenKind.word || kind === lastKind || plainKinds[kind] === true;
