// `ct` selectors: what connection tracking knows. Addresses without a family are those of the rule's network protocol.

import { type ConntrackKey, conntrackKeys } from '../../model/ct-keys.ts';
import type { CtExpression, Expression } from '../nodes/index.ts';
import type { Evaluation } from './evaluation.ts';
import { fail } from './failure.ts';
import { suggest } from './literal/suggest.ts';
import { own } from './selector.ts';
import type { AddressFamily, TypedCt } from './typed.ts';

/** The facts of a key, or a failure. */
export function ctKey(expression: CtExpression): ConntrackKey {
  const { family, key, span } = expression;
  const name = family === undefined ? key : `${family} ${key}`;
  const facts = conntrackKeys.get(name);
  if (facts !== undefined) return facts;
  return fail(
    'unknown-key',
    `there is no ct key \`${name}\``,
    span,
    suggest(name, span, conntrackKeys.keys()),
  );
}

/** The selector as its key says, whatever the rule is about. */
export function typedCt(expression: CtExpression): TypedCt {
  const { irName, type, bits, order } = ctKey(expression);
  const { direction, span } = expression;
  return { kind: 'ct', key: irName, ...(direction !== undefined && { direction }), type, bits, order, span };
}

export function isFamilyless(expression: CtExpression): boolean {
  return expression.family === undefined && (expression.key === 'saddr' || expression.key === 'daddr');
}

export function evaluateCt(evaluation: Evaluation, expression: CtExpression): TypedCt {
  requireDirection(expression);
  if (isFamilyless(expression)) return own(evaluation, familylessAddress(evaluation, expression));
  if (expression.family !== undefined) checkFamily(evaluation, expression.family, expression);
  if (expression.key === 'event') fail('write-only', 'ct event can be set, but not be read', expression.span);
  return own(evaluation, typedCt(expression));
}

/** The kernel has addresses and ports for each direction only. */
function requireDirection(expression: CtExpression): void {
  const isMissing = expression.direction === undefined && ctKey(expression).direction === 'required';
  if (isMissing)
    fail(
      'missing-direction',
      `write \`ct original ${expression.key}\` or \`ct reply ${expression.key}\``,
      expression.span,
    );
}

function checkFamily(evaluation: Evaluation, family: AddressFamily, { span }: CtExpression): void {
  const network = evaluation.protocols.at('network')?.name;
  if ((network === 'ip' || network === 'ip6') && network !== family)
    fail('conflicting-protocols', `conflicting protocols: ${network} and ${family}`, span);
}

/** `ct original saddr`: the key stays as it is, its type is the address of the network protocol. */
function familylessAddress(evaluation: Evaluation, expression: CtExpression): TypedCt {
  const network = evaluation.protocols.at('network')?.name;
  if (network !== 'ip' && network !== 'ip6')
    return fail(
      'unknown-family',
      `write \`ct ip ${expression.key}\` or \`ct ip6 ${expression.key}\` here`,
      expression.span,
    );
  if (evaluation.family === 'bridge')
    fail('invalid-for-family', `write \`ct ${network} ${expression.key}\` in a bridge`, expression.span);
  const { type, bits } = ctKey({ ...expression, family: network });
  return { ...typedCt(expression), type, bits };
}

/** True of `ct original saddr` and its like, whose type depends on the rule. */
export function isFamilylessAddress(expression: Expression): boolean {
  return expression.kind === 'ct' && isFamilyless(expression);
}
