// A line against the grammar: its shape and place, or an error reported.

import { TokenView } from '../build/view.ts';
import type { StartSymbol } from '../earley.ts';
import type { CachedShape, ShapeError } from '../shapes.ts';
import type { Line } from './line.ts';
import type { LineReader } from './line-reader.ts';
import { syntaxError } from './syntax-error.ts';

export interface ParsedLine {
  readonly shape: CachedShape;
  /** Index in the store of the line's first token. */
  readonly base: number;
}

/** Undefined if anything in the line is wrong; that has then been reported. */
export function parseLine(reader: LineReader, line: Line, start: StartSymbol): ParsedLine | undefined {
  reader.session.step(() => reader.here);
  const outcome = reader.session.shapes.find(line, start);
  if (outcome.error) {
    reportSyntaxError(reader, line, outcome.error);
    return undefined;
  }
  if (line.failed) return undefined;
  const { shape } = outcome;
  const base = line.store(reader.source.tokens, reader.source.attachments);
  return passesChecks(reader, shape, base) ? { shape, base } : undefined;
}

function passesChecks(reader: LineReader, shape: CachedShape, base: number): boolean {
  if (shape.checks.length === 0) return true;
  const view = new TokenView(reader.source, base);
  let passes = true;
  for (const check of shape.checks) {
    const diagnostic = check(view);
    if (diagnostic === undefined) continue;
    reader.session.report(diagnostic);
    passes = false;
  }
  return passes;
}

function reportSyntaxError(reader: LineReader, line: Line, error: ShapeError): void {
  // A line that was cut short by an earlier error fails at its end for that reason alone.
  if (line.failed && error.at >= line.length - 1) return;
  const kind = line.kindAt(error.at);
  const from = line.fromAt(error.at);
  const to = line.toAt(error.at);
  const text = reader.source.text.slice(from, to);
  const following = reader.source.text.slice(to, to + 'bytes'.length);
  reader.session.report(syntaxError({ kind, text, following, span: reader.spanOf(from, to) }, error));
}

/** Builds what a parsed line stands for. */
export const buildLine = (reader: LineReader, parsed: ParsedLine): unknown =>
  parsed.shape.build(new TokenView(reader.source, parsed.base));
