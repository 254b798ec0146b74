// Diagnostics as text: what, where, the line, what is marked in it, and what would mend it.
//
//   error[syntax-error]: unexpected 'acept'; did you mean 'accept'?
//     --> rules.nft:4:16
//      |
//    4 |   tcp dport 22 acept
//      |                ^^^^^
//      = note: expected a statement or a newline or ';'

import { showCharacter, showText, widthOf } from './columns.ts';
import type { Diagnostic, DiagnosticFix, DiagnosticNote, Severity } from './diagnostic.ts';
import { isJson, jsonPath } from './json-path.ts';
import { LineIndex } from './lines.ts';
import type { SourceFile, Span } from './span.ts';

export interface RenderOptions {
  /** ANSI colours. Default: none. */
  readonly color?: boolean;
  /** Columns of an excerpt; longer lines are cut around what is marked. Default: 100. */
  readonly width?: number;
}

type Style = 'bold' | 'red' | 'yellow' | 'blue' | 'cyan' | 'green';
const codes: Readonly<Record<Style, string>> = {
  bold: '1',
  red: '1;31',
  yellow: '1;33',
  blue: '1;34',
  cyan: '1;36',
  green: '1;32',
};
const severityStyle: Readonly<Record<Severity, Style>> = {
  error: 'red',
  refusal: 'red',
  warning: 'yellow',
  note: 'cyan',
};
const smallestWidth = 20;

/** A stretch of a line as it is shown: its text and where the mark stands below it. */
interface Excerpt {
  readonly text: string;
  readonly indent: number;
  readonly length: number;
}

/** Shows the characters of a line, up to `width` columns of them, so that the mark is among them. */
function excerpt(line: string, from: number, to: number, width: number): Excerpt {
  const start = windowStart(line, from, width);
  let text = start > 0 ? '…' : '';
  let column = text.length;
  let indent = column;
  let end = column;
  let at = start;
  for (const character of line.slice(start, start + 2 * width)) {
    const shown = showCharacter(character, column);
    const next = column + (character === '\t' ? shown.length : widthOf(shown));
    if (next >= width) return finish(`${text}…`, indent, end, at < to);
    if (at < from) indent = next;
    if (at < to) end = next;
    text += shown;
    column = next;
    at += character.length;
  }
  return finish(text, indent, end, false);
}

const finish = (text: string, indent: number, end: number, cut: boolean): Excerpt => ({
  text,
  indent,
  length: Math.max(1, end - indent + (cut ? 1 : 0)),
});

/** Where to begin showing a line: at its start if the mark's beginning is near enough. */
function windowStart(line: string, from: number, width: number): number {
  if (from < width / 2) return 0;
  const start = Math.min(from - Math.floor(width / 3), Math.max(0, line.length - width + 1));
  const at = Math.max(0, Math.min(start, from));
  // Not in the middle of a surrogate pair.
  const code = line.charCodeAt(at);
  return code >= 0xdc00 && code <= 0xdfff ? at - 1 : at;
}

/** In JSON also the path, as programs write it on one line. */
function pathIn({ text }: SourceFile, { from }: Span): string {
  const path = isJson(text) ? jsonPath(text, from) : '';
  return path === '' ? '' : ` (${showText(path)})`;
}

class Renderer {
  private readonly files: readonly SourceFile[];
  private readonly color: boolean;
  private readonly width: number;
  private readonly indexes = new Map<number, LineIndex>();

  constructor(files: readonly SourceFile[], options: RenderOptions) {
    this.files = files;
    this.color = options.color ?? false;
    this.width = Math.max(options.width ?? 100, smallestWidth);
  }

  render(diagnostic: Diagnostic): string {
    const { severity, code, message, span } = diagnostic;
    const head = this.style(severityStyle[severity], `${severity}[${code}]`);
    const lines = [`${head}${this.style('bold', `: ${showText(message)}`)}`];
    if (span) lines.push(...this.place(span, '^', severityStyle[severity]));
    const gutter = span ? this.gutter(span) : '';
    for (const note of diagnostic.notes ?? []) lines.push(...this.note(note, gutter));
    for (const fix of diagnostic.fixes ?? []) lines.push(...this.fix(fix));
    return lines.join('\n');
  }

  private style(style: Style, text: string): string {
    return this.color ? `\u001b[${codes[style]}m${text}\u001b[0m` : text;
  }

  private indexOf(file: SourceFile): LineIndex {
    let index = this.indexes.get(file.id);
    if (index === undefined) {
      index = new LineIndex(file.text);
      this.indexes.set(file.id, index);
    }
    return index;
  }

  /** Blanks as wide as the line number of a span. */
  private gutter(span: Span): string {
    const file = this.files[span.file];
    return file ? ' '.repeat(String(this.indexOf(file).positionOf(span.from).line).length) : '';
  }

  /** Place, line and mark. The mark of several lines goes to the end of the first. */
  private place(span: Span, mark: string, style: Style): string[] {
    const file = this.files[span.file];
    if (file === undefined) return [];
    const index = this.indexOf(file);
    const { line, column } = index.positionOf(span.from);
    const bounds = index.boundsOf(line);
    const text = file.text.slice(bounds.from, bounds.to);
    const shown = excerpt(
      text,
      span.from - bounds.from,
      Math.min(span.to, bounds.to) - bounds.from,
      this.width,
    );
    const gutter = this.gutter(span);
    const bar = this.style('blue', '|');
    return [
      `${gutter}  ${this.style('blue', '-->')} ${showText(file.name)}:${line}:${column}${pathIn(file, span)}`,
      `${gutter}  ${bar}`,
      `${this.style('blue', ` ${line}`)} ${bar} ${shown.text}`.trimEnd(),
      `${gutter}  ${bar} ${' '.repeat(shown.indent)}${this.style(style, mark.repeat(shown.length))}`,
    ];
  }

  private note({ message, span }: DiagnosticNote, gutter: string): string[] {
    const text = showText(message);
    if (span === undefined)
      return [`${gutter}  ${this.style('blue', '=')} ${this.style('bold', 'note')}: ${text}`];
    return [`${this.style('cyan', 'note')}: ${text}`, ...this.place(span, '-', 'cyan')];
  }

  private fix({ span, text }: DiagnosticFix): string[] {
    const file = this.files[span.file];
    if (file === undefined) return [];
    const shown = text === '\n' ? 'a newline' : `'${showText(text)}'`;
    const help = `${this.style('green', 'help')}: ${span.from === span.to ? 'insert' : 'write'} ${shown}`;
    if (text === '\n') return [help];
    return [help, ...this.mended(span, text, file)];
  }

  /** The line as it would be. */
  private mended(span: Span, text: string, file: SourceFile): string[] {
    const index = this.indexOf(file);
    const { line } = index.positionOf(span.from);
    const bounds = index.boundsOf(line);
    if (span.to > bounds.to) return [];
    const whole = file.text.slice(bounds.from, span.from) + text + file.text.slice(span.to, bounds.to);
    const from = span.from - bounds.from;
    const shown = excerpt(whole, from, from + text.length, this.width);
    const bar = this.style('blue', '|');
    return [
      `${this.style('blue', ` ${line}`)} ${bar} ${shown.text}`.trimEnd(),
      `${this.gutter(span)}  ${bar} ${' '.repeat(shown.indent)}${this.style('green', '~'.repeat(shown.length))}`,
    ];
  }
}

/** One diagnostic as text, without a newline at its end. `files[span.file]` must be the file of each span. */
export function renderDiagnostic(
  diagnostic: Diagnostic,
  files: readonly SourceFile[],
  options: RenderOptions = {},
): string {
  return new Renderer(files, options).render(diagnostic);
}

/** Each of several diagnostics as text. */
export function renderEach(
  diagnostics: readonly Diagnostic[],
  files: readonly SourceFile[],
  options: RenderOptions = {},
): readonly string[] {
  const renderer = new Renderer(files, options);
  return diagnostics.map(diagnostic => renderer.render(diagnostic));
}

/**
 * Several diagnostics with an empty line between them.
 *
 * @example
 * ```ts
 * import { renderDiagnostics, translate } from 'nft2bpf';
 *
 * const { diagnostics, sources } = translate('table ip t { chain c { tcp dport shh accept; }; }');
 * console.log(renderDiagnostics(diagnostics, sources));
 * // error[unknown-symbol]: `shh` is not an internet network service
 * //    --> <input>:1:34
 * //    |
 * //  1 | table ip t { chain c { tcp dport shh accept; }; }
 * //    |                                  ^^^
 * // help: write 'ssh'
 * //  1 | table ip t { chain c { tcp dport ssh accept; }; }
 * //    |                                  ~~~
 * ```
 */
export function renderDiagnostics(
  diagnostics: readonly Diagnostic[],
  files: readonly SourceFile[],
  options: RenderOptions = {},
): string {
  return renderEach(diagnostics, files, options).join('\n\n');
}
