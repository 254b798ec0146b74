import type { Span } from './span.ts';

/**
 * - `error`: the input is not a valid ruleset.
 * - `refusal`: a valid ruleset that cannot be decided exactly here (a limit of hook, kernel or of this version).
 * - `warning`, `note`: the result stands.
 */
export type Severity = 'error' | 'refusal' | 'warning' | 'note';

/** A further place or remark that explains a diagnostic. */
export interface DiagnosticNote {
  readonly message: string;
  readonly span?: Span;
}

/** A replacement that would mend the input: "did you mean". */
export interface DiagnosticFix {
  readonly span: Span;
  readonly text: string;
}

/** A message to the user, as data; `renderDiagnostic` turns it into text at the edge. */
export interface Diagnostic {
  /** Stable identifier in kebab case, e.g. `unknown-symbol`; listed in docs/diagnostics.md. */
  readonly code: string;
  readonly severity: Severity;
  readonly message: string;
  readonly span?: Span;
  readonly notes?: readonly DiagnosticNote[];
  readonly fixes?: readonly DiagnosticFix[];
}

/** Whether a diagnostic stops the result from being used. */
export function isFailure({ severity }: Diagnostic): boolean {
  return severity === 'error' || severity === 'refusal';
}

/** True if one of the diagnostics stops the result from being used. */
export function hasFailure(diagnostics: readonly Diagnostic[]): boolean {
  return diagnostics.some(isFailure);
}
