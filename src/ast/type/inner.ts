// Headers inside of a tunnel: the tunnel must be what the packet carries.

import { type Protocol, protocolLink } from '../../model/protocol.ts';
import type { Span } from '../../source/span.ts';
import { constant } from './constants.ts';
import type { Evaluation } from './evaluation.ts';
import { fail } from './failure.ts';
import { conflict } from './implied-test.ts';
import { knownProtocol } from './protocol-context.ts';
import { typedMeta } from './selector.ts';

/** The tunnel must be what the packet carries. */
export function ensureInner(evaluation: Evaluation, tunnel: Protocol, span: Span): void {
  const context = evaluation.protocols;
  const transport = context.at('transport');
  if (tunnel.base !== 'inner') {
    if (transport !== undefined) return;
    const network = context.at('network') ?? knownProtocol('ip');
    const number = protocolLink(network, tunnel.name);
    if (number === undefined) conflict(network, tunnel, span);
    const left = typedMeta('l4proto', span);
    const right = constant(BigInt(number), left.type, left.bits, left.order, span);
    evaluation.statements.push({ kind: 'match', operator: 'eq', left, right, span });
    context.set('transport', tunnel);
    return;
  }
  if (transport === undefined) fail('ambiguous-protocol', 'no transport protocol is specified', span);
  if (protocolLink(transport, tunnel.name) === undefined)
    fail('conflicting-protocols', `${transport.name} does not carry ${tunnel.name}`, span);
  context.set('inner', tunnel);
}
