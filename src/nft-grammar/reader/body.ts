// The lines of a file or block, until its end: definitions and includes are dealt with here, everything else is the
// body's own.

import type { Span } from '../../source/span.ts';
import type { DefinitionLine } from '../build/definitions.ts';
import type { Definition } from '../build/view.ts';
import type { StartSymbol } from '../earley.ts';
import { TokenKind } from '../token.ts';
import type { LineContext } from './brace.ts';
import { includeFiles } from './include.ts';
import { Line } from './line.ts';
import { definitionKinds, type LineReader, Punctuation } from './line-reader.ts';
import { buildLine, parseLine } from './parse-line.ts';
import { skipBlock } from './recovery.ts';

/** What takes the lines of one block. */
export interface Body {
  readonly context: LineContext;
  readonly start: StartSymbol;
  /** `name` is the constructor of the line. If the line opens a block, the body reads it, from the same reader. */
  take(name: string, item: unknown, reader: LineReader): void;
}

/** Reads lines up to the end of the file, or up to a closing brace, which is left. */
export function readLines(reader: LineReader, body: Body): void {
  const line = new Line();
  for (;;) {
    while (reader.atSeparator) reader.next();
    if (reader.kind === TokenKind.fileEnd || reader.kind === Punctuation.close) return;
    const isDefinition = definitionKinds.has(reader.kind);
    // A definition is one line also where the block around it is read whole.
    reader.readLine(line, isDefinition && body.context === 'object' ? 'set' : body.context);
    if (isDefinition) readDefinition(reader, line, body);
    else readItem(reader, line, body);
  }
}

function readItem(reader: LineReader, line: Line, body: Body): void {
  const opens = line.back(1) === TokenKind.openEnd;
  const parsed = parseLine(reader, line, body.start);
  if (parsed !== undefined) body.take(parsed.shape.name, buildLine(reader, parsed), reader);
  else if (opens) skipBlock(reader, line, body.context);
  if (opens) expectSeparator(reader);
}

/** Behind the brace of a block nft wants a newline or semicolon; at the end of a file nothing. */
function expectSeparator(reader: LineReader): void {
  if (reader.atSeparator || reader.kind === TokenKind.fileEnd) return;
  const span = reader.here;
  const fixes = [{ span: { ...span, to: span.from }, text: ';' }];
  reader.session.error('missing-separator', "expected a newline or ';' behind a block", span, { fixes });
}

/** A block in braces; the opening one is taken already. `open` is where it stands. */
export function readBody(reader: LineReader, body: Body, open: Span): void {
  readLines(reader, body);
  closeBrace(reader, open);
}

export function closeBrace(reader: LineReader, open: Span): void {
  if (reader.kind === Punctuation.close) {
    reader.next();
    return;
  }
  const notes = [{ message: 'the block begins here', span: open }];
  reader.session.error('unclosed-brace', 'a block is not closed', reader.here, { notes });
}

/** A whole file. A brace that closes nothing is reported and passed over. */
export function readFile(reader: LineReader, body: Body): void {
  for (;;) {
    readLines(reader, body);
    if (reader.kind === TokenKind.fileEnd) return;
    reader.session.error('unopened-brace', "this '}' closes nothing", reader.here);
    reader.next();
  }
}

function readDefinition(reader: LineReader, line: Line, body: Body): void {
  const parsed = parseLine(reader, line, 'definition');
  if (parsed === undefined) {
    defineFailed(reader, line);
    return;
  }
  const item = buildLine(reader, parsed) as DefinitionLine;
  const { session } = reader;
  if (item.kind === 'include') includeFiles(reader, item.path, body);
  else if (item.kind === 'undefine') session.scope.undefine(item.name.text);
  else define(reader, item);
}

function define(
  reader: LineReader,
  { verb, name, value }: Extract<DefinitionLine, { kind: 'define' }>,
): void {
  const { session } = reader;
  const before = session.scope.find(name.text);
  if (verb === 'define' && before !== undefined) {
    const notes = [
      { message: 'defined here first', span: before.span },
      { message: "'redefine' gives a name a new value" },
    ];
    session.error('redefinition', `$${name.text} is defined already`, name.span, { notes });
    return;
  }
  const definition: Definition = { name: name.text, span: name.span, value };
  session.scope.define(definition);
}

/** A definition with an error in it still defines its name, so that its uses are not errors too. */
function defineFailed(reader: LineReader, line: Line): void {
  if (line.kindAt(1) !== TokenKind.word) return;
  const span = reader.spanOf(line.fromAt(1), line.toAt(1));
  const name = reader.source.text.slice(span.from, span.to);
  reader.session.scope.define({ name, span, value: { kind: 'symbol', text: name, form: 'plain', span } });
}
