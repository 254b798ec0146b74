// Fields of headers. Before a field is read the rule must have made sure that its header is there; a link header that
// follows another one begins where that one ends.

import { inetServiceType, integerType } from '../../model/datatype.ts';
import type { HeaderBase, HeaderField, Protocol, TunnelFacts } from '../../model/protocol.ts';
import type { InnerExpression, PayloadExpression, RawPayloadExpression } from '../nodes/index.ts';
import { adjustBits } from './bits.ts';
import { ensureProtocol } from './dependency.ts';
import type { Evaluation } from './evaluation.ts';
import { fail, refuse } from './failure.ts';
import { typedField } from './header-field.ts';
import { ensureInner } from './inner.ts';
import { suggest } from './literal/suggest.ts';
import { knownProtocol } from './protocol-context.ts';
import type { Tunnel, TypedExpression, TypedPayload } from './typed.ts';

/** The field that a payload expression names. */
export function fieldOf(expression: PayloadExpression): {
  readonly protocol: Protocol;
  readonly field: HeaderField;
} {
  const protocol = knownProtocol(expression.protocol);
  const { field: name, span } = expression;
  const field = protocol.fields.get(name);
  if (field !== undefined) return { protocol, field };
  return fail(
    'unknown-field',
    `${protocol.name} has no field \`${name}\``,
    span,
    suggest(name, span, protocol.fields.keys()),
  );
}

/** A field that the rule may read now, its place in the packet settled. Bit fields are not yet taken apart. */
export function placedField(evaluation: Evaluation, expression: PayloadExpression): TypedPayload {
  const { protocol, field } = fieldOf(expression);
  return ensureProtocol(evaluation, typedField(protocol, field, expression.span));
}

export function evaluatePayload(evaluation: Evaluation, expression: PayloadExpression): TypedExpression {
  const { protocol, span } = expression;
  if (protocol === 'vxlan' || protocol === 'geneve')
    return evaluateInner(evaluation, { kind: 'inner', tunnel: protocol, expression, span });
  if (protocol === 'th') return read(evaluation, typedTransport(expression));
  return read(evaluation, placedField(evaluation, expression));
}

/** A port, whatever the transport protocol is: it implies no test of one. */
export function typedTransport(expression: PayloadExpression): TypedPayload {
  const { protocol, field } = fieldOf(expression);
  const { protocol: _, field: __, ...port } = typedField(protocol, field, expression.span);
  return port;
}

/** Sets what is expected and masks what is not whole bytes. */
function read(evaluation: Evaluation, payload: TypedPayload): TypedExpression {
  const { key } = evaluation.expected;
  evaluation.expect(payload.type, payload.bits, payload.order, key === undefined ? {} : { key });
  return adjustBits(evaluation, payload, payload.offset);
}

const bases: Readonly<Record<RawPayloadExpression['base'], HeaderBase>> = {
  ll: 'link',
  nh: 'network',
  th: 'transport',
  ih: 'inner',
};

const longestLoad = 512;
/** The kernel has 16 bits for the offset in bytes. */
const offsetLimit = 8n << 16n;

/** `@base,offset,length`: needs no header; ports are ports. */
export function typedRawPayload(expression: RawPayloadExpression): TypedPayload {
  const { offset: from, length, span } = expression;
  const base = bases[expression.base];
  if (length.value === 0n || length.value > longestLoad)
    fail('value-out-of-range', `a raw payload expression has 1 to ${longestLoad} bits`, length.span);
  // nft keeps 32 bits of the offset.
  const kept = BigInt.asUintN(32, from.value);
  if (kept >= offsetLimit) fail('value-out-of-range', 'the offset is out of range', from.span);
  const offset = Number(kept);
  const bits = Number(length.value);
  const isPort = base === 'transport' && bits === 16 && (offset === 0 || offset === 16);
  return {
    kind: 'payload',
    base,
    offset,
    type: isPort ? inetServiceType : integerType,
    bits,
    order: 'network',
    span,
  };
}

export function evaluateRawPayload(
  evaluation: Evaluation,
  expression: RawPayloadExpression,
): TypedExpression {
  return read(evaluation, typedRawPayload(expression));
}

export function tunnelOf({ type, headerLength, flags }: TunnelFacts): Tunnel {
  return { type, headerSize: headerLength, flags };
}

/** A field inside a tunnel. The tunnel's own header counts as the payload of what carries it. */
export function evaluateInner(evaluation: Evaluation, expression: InnerExpression): TypedExpression {
  const tunnel = knownProtocol(expression.tunnel);
  const { expression: inner, span } = expression;
  if (inner.kind !== 'payload')
    return refuse(
      'unsupported-inner',
      `${inner.kind.replaceAll('_', ' ')} inside a tunnel is not supported`,
      span,
    );
  ensureInner(evaluation, tunnel, span);
  if (knownProtocol(inner.protocol).base !== 'inner') evaluation.tunnel = tunnel;
  const placed = inner.protocol === 'th' ? typedTransport(inner) : placedField(evaluation, inner);
  const facts = tunnel.tunnel;
  return read(evaluation, facts === undefined ? placed : { ...placed, tunnel: tunnelOf(facts) });
}
