// Fields of ICMP that only messages of some types have: the type is tested first.

import { icmpMessages, type Protocol } from '../../model/protocol.ts';
import type { Span } from '../../source/span.ts';
import { makeAnonymousSet } from './anonymous-set.ts';
import { constant } from './constants.ts';
import type { Evaluation } from './evaluation.ts';
import { fail } from './failure.ts';
import { typedField } from './header-field.ts';
import { refuseContradiction } from './implied-test.ts';
import { learnIcmp } from './learn.ts';
import type { TypedPayload } from './typed.ts';

/** Some fields of ICMP exist in messages of some types only. */
export function ensureMessage(evaluation: Evaluation, payload: TypedPayload): void {
  const { protocol, field, span } = payload;
  if (field?.message === undefined || protocol === undefined) return;
  const context = evaluation.protocols;
  const { implied, accepts } = icmpMessages[field.message];
  if (context.icmpType !== 0) {
    if (accepts.includes(context.icmpType)) return;
    fail('conflicting-message', `the messages that are matched have no field ${field.name}`, span);
  }
  for (const type of implied) learnIcmp(context, protocol.name, type);
  testMessage(evaluation, protocol, implied, span);
  refuseContradiction(evaluation);
}

/** As nft does it, the test is of the outer packet even where the field is one of a tunnel's. */
function testMessage(evaluation: Evaluation, protocol: Protocol, types: readonly number[], span: Span): void {
  const field = protocol.fields.get('type');
  if (field === undefined) return;
  const left = typedField(protocol, field, span);
  const { type, bits } = left;
  const [only] = types;
  if (types.length === 1 && only !== undefined) {
    const right = constant(BigInt(only), type, bits, 'network', span);
    evaluation.statements.push({ kind: 'match', operator: 'eq', left, right, span });
    return;
  }
  const elements = types.map(number => ({ span, parts: [{ from: BigInt(number), to: BigInt(number) }] }));
  const set = makeAnonymousSet(evaluation, {
    keyType: type,
    keyParts: [{ type, bits, order: 'network' }],
    elements,
    span,
  });
  const right = { kind: 'set_reference', set, type, bits, order: 'network', span } as const;
  evaluation.statements.push({ kind: 'match', operator: 'implicit', left, right, span });
}
