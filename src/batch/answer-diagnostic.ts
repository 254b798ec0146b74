// Diagnostics as an answer carries them: places are names, lines and columns, since the other side has no spans.

import { Places } from '../lower/output/places.ts';
import type { Diagnostic, Severity } from '../source/diagnostic.ts';
import { renderEach } from '../source/render.ts';
import type { SourceFile, Span } from '../source/span.ts';

/** Lines and columns count from 1, columns in UTF-16 code units; the end is the place after the last character. */
export interface AnswerPlace {
  readonly file: string;
  readonly line: number;
  readonly column: number;
  readonly endLine: number;
  readonly endColumn: number;
}

/** Members of `AnswerPlace` are missing where a message belongs to no place. */
export interface AnswerDiagnostic extends Partial<AnswerPlace> {
  readonly code: string;
  readonly severity: Severity;
  readonly message: string;
  readonly notes: readonly (Partial<AnswerPlace> & { readonly message: string })[];
  /** `text` instead of what stands at the place would mend the ruleset. */
  readonly fixes: readonly (Partial<AnswerPlace> & { readonly text: string })[];
  /** All of this as text for people, without a newline at its end. */
  readonly rendered: string;
}

function placeOf(span: Span | undefined, places: Places): Partial<AnswerPlace> {
  const file = span && places.fileName(span);
  if (span === undefined || file === undefined) return {};
  const { line, column } = places.from(span);
  const end = places.to(span);
  return { file, line, column, endLine: end.line, endColumn: end.column };
}

export function answerDiagnostics(
  diagnostics: readonly Diagnostic[],
  sources: readonly SourceFile[],
): readonly AnswerDiagnostic[] {
  const places = new Places(sources);
  const rendered = renderEach(diagnostics, sources);
  return diagnostics.map(({ code, severity, message, span, notes = [], fixes = [] }, index) => ({
    ...{ code, severity, message },
    ...placeOf(span, places),
    notes: notes.map(note => ({ message: note.message, ...placeOf(note.span, places) })),
    fixes: fixes.map(fix => ({ text: fix.text, ...placeOf(fix.span, places) })),
    rendered: rendered[index] ?? '',
  }));
}
