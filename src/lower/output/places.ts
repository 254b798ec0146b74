// Spans as lines and columns.

import type { FileId, SourceFile, Span } from '../../source/span.ts';

/** Both count from 1; a column counts UTF-16 code units. */
export interface Place {
  readonly line: number;
  readonly column: number;
}

/** Where the lines of a text begin. */
class Lines {
  readonly #text: string;
  readonly #starts: number[] = [0];

  constructor(text: string) {
    this.#text = text;
    for (let at = text.indexOf('\n'); at >= 0; at = text.indexOf('\n', at + 1)) this.#starts.push(at + 1);
  }

  placeOf(offset: number): Place {
    let low = 0;
    let high = this.#starts.length - 1;
    while (low < high) {
      const middle = (low + high + 1) >> 1;
      if ((this.#starts[middle] ?? 0) <= offset) low = middle;
      else high = middle - 1;
    }
    return { line: low + 1, column: offset - (this.#starts[low] ?? 0) + 1 };
  }

  /** The text of a line, without its end. */
  line(number: number): string {
    const end = this.#starts[number];
    const text = this.#text.slice(this.#starts[number - 1], end === undefined ? undefined : end - 1);
    return text.endsWith('\r') ? text.slice(0, -1) : text;
  }
}

/** Answers for the spans of several files. The lines of a file are counted when it is first asked for. */
export class Places {
  readonly #files: ReadonlyMap<FileId, SourceFile>;
  readonly #lines: Map<FileId, Lines> = new Map();

  constructor(sources: readonly SourceFile[]) {
    this.#files = new Map(sources.map(source => [source.id, source]));
  }

  /** Name of the span's file, or undefined if it is not one of the sources. */
  fileName(span: Span): string | undefined {
    return this.#files.get(span.file)?.name;
  }

  from(span: Span): Place {
    return this.#linesOf(span.file).placeOf(span.from);
  }

  to(span: Span): Place {
    return this.#linesOf(span.file).placeOf(span.to);
  }

  /** The text of the span itself. */
  text(span: Span): string {
    return this.#files.get(span.file)?.text.slice(span.from, span.to) ?? '';
  }

  /** Text of the line on which the span begins. */
  lineText(span: Span): string {
    return this.#linesOf(span.file).line(this.from(span).line);
  }

  #linesOf(file: FileId): Lines {
    const known = this.#lines.get(file);
    if (known !== undefined) return known;
    const lines = new Lines(this.#files.get(file)?.text ?? '');
    this.#lines.set(file, lines);
    return lines;
  }
}
