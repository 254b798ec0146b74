// What elements carry beside key and data, their times and statements, against what their set says of them.

import type { Span } from '../../source/span.ts';
import type { Element } from '../nodes/index.ts';
import { withArticle } from './describe.ts';
import { fail } from './failure.ts';
import type { TypedStateful } from './typed.ts';

/** What of a set decides what its elements may carry. */
export interface StateContext {
  readonly isMap: boolean;
  /** Those of the declaration. */
  readonly statements: readonly TypedStateful[];
  /** Absent where elements do not expire; `standard` milliseconds if an element says nothing. */
  readonly timeouts?: { readonly standard?: bigint };
  readonly anonymous: boolean;
  /** Whether rules may add to the set. */
  readonly dynamic: boolean;
}

export function failTimed(span: Span): never {
  return fail('unexpected-timeout', 'elements expire in sets with `flags timeout` only', span);
}

/** The kernel refuses times in a set without the flag, and a rest of life that is longer than the life. */
export function checkTimes(
  { timeout, expires }: Pick<Element, 'timeout' | 'expires'>,
  timeouts: StateContext['timeouts'],
): void {
  const first = [timeout, expires].find(time => time !== undefined && time.milliseconds !== 0n);
  if (first !== undefined && timeouts === undefined) failTimed(first.span);
  if (expires === undefined || typeof expires.milliseconds !== 'bigint' || expires.milliseconds === 0n)
    return;
  // A timeout of zero is as none.
  const life = timeout?.milliseconds || (timeouts?.standard ?? 'never');
  if (life === 'never')
    fail('unexpected-expires', 'an element without a timeout does not expire', expires.span);
  else if (expires.milliseconds > life)
    fail('value-out-of-range', 'an element cannot expire after its timeout', expires.span);
}

/** Nothing collects ended connections of elements that expire by time. `span`: what to blame instead of the statement. */
export function checkCounting(statements: readonly TypedStateful[], expires: boolean, span?: Span): void {
  const counting = statements.find(({ kind }) => kind === 'connlimit');
  if (expires && counting !== undefined)
    fail('unsupported-statement', 'elements with a timeout cannot count connections', span ?? counting.span);
}

/** Elements carry the statements that the declaration has, in their order. */
export function checkStatements(
  context: StateContext,
  element: Pick<Element, 'span'>,
  given: readonly TypedStateful[],
): void {
  if (given.length === 0) return;
  checkCounting(given, context.timeouts !== undefined);
  const wanted = context.statements;
  const kind = context.isMap ? 'map' : 'set';
  if (wanted.length === 0) {
    if (context.anonymous || context.dynamic) return;
    fail('missing-statement', `the declaration of the ${kind} has no such statement`, given[0]!.span);
  }
  if (given.length !== wanted.length)
    fail(
      'statement-mismatch',
      `the ${kind} has ${wanted.length} statements, the element ${given.length}`,
      element.span,
    );
  for (const [index, statement] of given.entries())
    if (statement.kind !== wanted[index]!.kind)
      fail(
        'statement-mismatch',
        `the ${kind} has ${withArticle(wanted[index]!.kind)} here, the element ${withArticle(statement.kind)}`,
        statement.span,
      );
}
