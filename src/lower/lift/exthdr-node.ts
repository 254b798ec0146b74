// Options and extension headers as nodes.

import type { Expression, NumberLiteral } from '../../ast/nodes/index.ts';
import type { Span } from '../../source/span.ts';
import { numberNode } from './make.ts';
import type { Exthdr } from './tree.ts';

/** What nft lists for a place in a known option that is none of its fields. */
const unknownField = 'unknown';

export function exthdrNode(exthdr: Exthdr, span: Span): Expression {
  const { space, number, present, header, field } = exthdr;
  const name = header?.name ?? '';
  const fieldName = present ? {} : { field: field?.name ?? unknownField };
  switch (space) {
    case 'tcpopt':
      return tcpOptionNode(exthdr, span);
    case 'ipv4':
      return { kind: 'ip_option', option: name, ...fieldName, span } as unknown as Expression;
    case 'sctp':
      return { kind: 'sctp_chunk', chunk: name, ...fieldName, span };
    case 'dccp':
      return { kind: 'dccp_option', option: numberNode(number, span), span };
    case 'ipv6':
      if (present) return { kind: 'exthdr_exists', header: name, span } as unknown as Expression;
      return {
        kind: 'exthdr',
        header: name,
        ...indexed(field?.name ?? unknownField, span),
        span,
      } as Expression;
  }
}

/** An option that nft has no name for is listed by its number and the place in it. */
function tcpOptionNode({ number, offset, bits, present, header, field }: Exthdr, span: Span): Expression {
  if (present) return { kind: 'tcp_option', option: header?.name ?? numberNode(number, span), span };
  if (header !== undefined)
    return { kind: 'tcp_option', option: header.name, field: field?.name ?? unknownField, span };
  return {
    kind: 'raw_tcp_option',
    option: numberNode(number, span),
    offset: numberNode(offset, span),
    length: numberNode(bits, span),
    span,
  };
}

/** `addr[1]` is a field with an index. */
function indexed(name: string, span: Span): { readonly field: string; readonly index?: NumberLiteral } {
  const parts = /^(.*)\[(\d+)\]$/.exec(name);
  return parts === null ? { field: name } : { field: parts[1]!, index: numberNode(Number(parts[2]), span) };
}
