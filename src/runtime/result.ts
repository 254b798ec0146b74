// What the helpers of this folder return: a value, or what stands in the way.

import type { Diagnostic } from '../source/diagnostic.ts';
import type { FileId, Span } from '../source/span.ts';

export type Result<T> =
  | { readonly ok: true; readonly value: T }
  | { readonly ok: false; readonly diagnostics: readonly Diagnostic[] };

/** Of what was there before, there is no text. */
export const nowhere: Span = { file: 0 as FileId, from: 0, to: 0 };

export function failure(code: string, message: string, span?: Span): Extract<Result<never>, { ok: false }> {
  return { ok: false, diagnostics: [{ code, severity: 'error', message, ...(span && { span }) }] };
}
