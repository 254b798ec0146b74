// Fields of headers as expressions.

import type { HeaderField, Protocol } from '../../model/protocol.ts';
import type { Span } from '../../source/span.ts';
import type { TypedPayload } from './typed.ts';

/** A field as its header says, at its place in it. */
export function typedField(protocol: Protocol, field: HeaderField, span: Span): TypedPayload {
  const { offset, length: bits, type } = field;
  return {
    kind: 'payload',
    base: protocol.base,
    offset,
    protocol,
    field,
    type,
    bits,
    order: 'network',
    span,
  };
}
