// How evaluation of one statement stops: a rule with an error has no typed form, and nft, too, reports the first error
// of a rule only. The exception never leaves `attempt`, which turns it into the diagnostic it carries.

import type { Diagnostic, DiagnosticFix, DiagnosticNote, Severity } from '../../source/diagnostic.ts';
import type { Span } from '../../source/span.ts';

class Failure extends Error {
  readonly diagnostic: Diagnostic;

  constructor(diagnostic: Diagnostic) {
    super(diagnostic.message);
    this.diagnostic = diagnostic;
  }
}

export interface FailureDetails {
  readonly notes?: readonly DiagnosticNote[];
  readonly fixes?: readonly DiagnosticFix[];
}

function stop(
  severity: Severity,
  code: string,
  message: string,
  span: Span,
  details: FailureDetails = {},
): never {
  throw new Failure({ code, severity, message, span, ...details });
}

/** Ends the evaluation of what `attempt` runs: the input is wrong. */
export function fail(code: string, message: string, span: Span, details?: FailureDetails): never {
  return stop('error', code, message, span, details);
}

/** Ends the evaluation of what `attempt` runs: the input may be right, but this version does not take it. */
export function refuse(code: string, message: string, span: Span, details?: FailureDetails): never {
  return stop('refusal', code, message, span, details);
}

/** What `action` returns; `undefined`, and a diagnostic, if it failed. Other exceptions are faults and pass. */
export function attempt<T>(diagnostics: Diagnostic[], action: () => T): T | undefined {
  try {
    return action();
  } catch (error) {
    if (!(error instanceof Failure)) throw error;
    diagnostics.push(error.diagnostic);
    return undefined;
  }
}
