// What one call of `parse` shares: files, diagnostics, shapes, limits. Nothing of it outlives the call.

import type { Diagnostic } from '../../source/diagnostic.ts';
import { outOfPatience, type Patience } from '../../source/patience.ts';
import type { FileId, SourceFile, Span } from '../../source/span.ts';
import { defaultLimits, type IncludeReader, type ParseLimits } from '../options.ts';
import { ShapeCache } from '../shapes.ts';
import { Scope } from './scope.ts';

export class Session {
  readonly files: SourceFile[] = [];
  readonly diagnostics: Diagnostic[] = [];
  readonly shapes: ShapeCache = new ShapeCache();
  readonly limits: ParseLimits;
  readonly include: IncludeReader | undefined;
  /** The innermost open scope. */
  scope: Scope = new Scope();
  /** Set when a limit says that reading on is of no use; readers then behave as at the end of their file. */
  stopped = false;
  private readonly patience: Patience;
  private length = 0;
  private errors = 0;

  constructor(
    limits: Partial<ParseLimits> | undefined,
    include: IncludeReader | undefined,
    patience: Patience,
  ) {
    this.limits = { ...defaultLimits, ...limits };
    this.include = include;
    this.patience = patience;
  }

  /** Takes a file in; undefined (and an error at `from`) if that goes over a limit. */
  addFile(name: string, text: string, from?: Span): SourceFile | undefined {
    this.length += text.length;
    const file: SourceFile = { id: this.files.length as FileId, name, text };
    const tooLong = this.length > this.limits.sourceLength;
    const tooMany = this.files.length >= this.limits.files;
    // A file that is refused is still named, so that diagnostics can point to it.
    this.files.push(tooLong || tooMany ? { ...file, text: '' } : file);
    if (!tooLong && !tooMany) return file;
    const what = tooLong
      ? `more than ${this.limits.sourceLength} characters`
      : `more than ${this.limits.files} files`;
    const place = from ?? { file: file.id, from: 0, to: 0 };
    this.report({
      code: 'limit-exceeded',
      severity: 'error',
      message: `the ruleset has ${what}`,
      span: place,
    });
    this.stopped = true;
    return undefined;
  }

  /** Stops, with an error at `span`, if the caller waits no longer. */
  step(span: () => Span): void {
    if (this.stopped || !this.patience.isOut()) return;
    this.error('limit-exceeded', outOfPatience, span());
    this.stopped = true;
  }

  report(diagnostic: Diagnostic): void {
    if (this.stopped) return;
    this.diagnostics.push(diagnostic);
    if (diagnostic.severity !== 'error') return;
    this.errors++;
    if (this.errors < this.limits.errors) return;
    this.stopped = true;
    const message = `reading ended after ${this.errors} errors`;
    this.diagnostics.push({ code: 'too-many-errors', severity: 'note', message, ...spanOf(diagnostic) });
  }

  error(code: string, message: string, span: Span, more: Partial<Diagnostic> = {}): void {
    this.report({ code, severity: 'error', message, span, ...more });
  }
}

const spanOf = ({ span }: Diagnostic): { readonly span?: Span } => (span === undefined ? {} : { span });
