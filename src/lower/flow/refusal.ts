// Refusals of the back half. Every message says what, and why here.

import type { Diagnostic } from '../../source/diagnostic.ts';
import type { Span } from '../../source/span.ts';

export type RefusalCode =
  | 'unsupported-expression'
  | 'unsupported-chain'
  | 'unsupported-kernel'
  | 'unsupported-target'
  | 'program-too-long'
  | 'inexact-remainder';

export function refusal(code: RefusalCode, message: string, span: Span): Diagnostic {
  return { code, severity: 'refusal', message, span };
}
