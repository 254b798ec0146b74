// Failures of the loader are values: a machine without privileges, an old kernel or a program that the verifier refuses
// are ordinary outcomes.

/** `operation` is what was tried, e.g. `BPF_PROG_LOAD`. */
export interface LoaderError {
  readonly code:
    | 'no-koffi'
    | 'unsupported-platform'
    | 'not-permitted'
    | 'rejected-program'
    | 'unknown-reference'
    | 'does-not-fit'
    | 'system';
  readonly operation: string;
  /** Of a refused program: with the last lines of the log. */
  readonly message: string;
  /** The kernel's error number, where there is one. */
  readonly errno?: number;
  /** The verifier's whole log, if it refused a program. */
  readonly log?: string;
}

export type Result<T> =
  | { readonly ok: true; readonly value: T }
  | { readonly ok: false; readonly error: LoaderError };

export function success<T>(value: T): Result<T> {
  return { ok: true, value };
}

export function failure(
  code: LoaderError['code'],
  operation: string,
  message: string,
  more: Pick<LoaderError, 'errno' | 'log'> = {},
): Result<never> {
  return { ok: false, error: { code, operation, message, ...more } };
}

const EPERM = 1;
const EACCES = 13;

/** Where the verifier says what it did not like; statistics come last. */
function lastLines(log: string): string {
  return log.split('\n').slice(-8).join('\n');
}

/** A failed system call. EACCES of BPF_PROG_LOAD is the verifier's refusal and comes with a log. */
export function systemFailure(
  operation: string,
  errno: number,
  errnoName: string,
  log?: string,
): Result<never> {
  const more = log === undefined || log === '' ? { errno } : { errno, log };
  if (more.log !== undefined) {
    return failure('rejected-program', operation, `${operation}: ${errnoName}\n${lastLines(more.log)}`, more);
  }
  const code = errno === EPERM || errno === EACCES ? 'not-permitted' : 'system';
  return failure(code, operation, `${operation}: ${errnoName}`, more);
}
