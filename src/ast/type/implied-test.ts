// Matches that nft puts in front of the statement that needs them.

import type { Protocol } from '../../model/protocol.ts';
import type { Span } from '../../source/span.ts';
import type { Evaluation } from './evaluation.ts';
import { fail } from './failure.ts';
import { learn } from './learn.ts';
import type { Tunnel, TypedMatch, TypedPayload } from './typed.ts';

export function conflict(known: Protocol, wanted: Protocol, span: Span): never {
  return fail('conflicting-protocols', `conflicting protocols: ${known.name} and ${wanted.name}`, span);
}

/** Puts an implied match in front of the statement that is being evaluated. */
export function addDependency(evaluation: Evaluation, match: TypedMatch): void {
  evaluation.statements.push(match);
  learn(evaluation, match.left, match.right);
}

/** The newest implied test cannot be of a field that the rule has compared before, whatever with. */
export function refuseContradiction({ statements }: Evaluation): void {
  const implied = statements.at(-1);
  if (implied?.kind !== 'match' || implied.left.kind !== 'payload') return;
  const { left, span } = implied;
  const earlier = statements.find(
    each =>
      each !== implied && each.kind === 'match' && each.right.kind === 'value' && sameField(each.left, left),
  );
  if (earlier === undefined) return;
  const message = 'this implies another value of a field that was matched before';
  fail('conflicting-statements', message, span, {
    notes: [{ message: 'matched here', span: earlier.span }],
  });
}

function sameField(a: TypedMatch['left'], b: TypedPayload): boolean {
  return (
    a.kind === 'payload' &&
    a.protocol === b.protocol &&
    a.tunnel?.type === b.tunnel?.type &&
    a.base === b.base &&
    a.offset === b.offset &&
    a.bits === b.bits
  );
}

/** Runs `test`; what it adds goes to the start of the rule. */
export function prependTest(evaluation: Evaluation, test: () => void): void {
  const before = evaluation.statements.length;
  test();
  const added = evaluation.statements.splice(before);
  evaluation.statements.unshift(...added);
}

/** What an implied test inside of a tunnel is marked with. */
export function currentTunnel({ tunnel }: Evaluation): { readonly tunnel?: Tunnel } {
  const facts = tunnel?.tunnel;
  return facts === undefined
    ? {}
    : { tunnel: { type: facts.type, headerSize: facts.headerLength, flags: facts.flags } };
}
