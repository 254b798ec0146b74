// Failures of the object formats are values. A caller at the edge turns them into diagnostics.

export type FormatFailureCode =
  /** The bytes end before what they announce. */
  | 'truncated'
  /** Not this format at all. */
  | 'bad-magic'
  /** The format, in a version or byte order that is not handled. */
  | 'unsupported'
  /** The bytes contradict themselves. */
  | 'malformed'
  /** A name that is not there. */
  | 'not-found'
  /** A name that stands for several different things. */
  | 'ambiguous'
  /** A number that does not fit where it has to stand. */
  | 'out-of-range';

export interface FormatFailure {
  readonly code: FormatFailureCode;
  readonly message: string;
  /** Byte offset in the input, where one byte can be blamed. */
  readonly offset?: number;
}

export type Result<T> =
  | { readonly ok: true; readonly value: T }
  | { readonly ok: false; readonly failure: FormatFailure };

export function success<T>(value: T): Result<T> {
  return { ok: true, value };
}

export function failure(code: FormatFailureCode, message: string, offset?: number): Result<never> {
  return { ok: false, failure: offset === undefined ? { code, message } : { code, message, offset } };
}
