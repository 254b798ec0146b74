// Expressions that `typeof` names, as nft lists them again.

import type { Expression, FibFlag } from '../../ast/nodes/index.ts';
import { optionHeaders } from '../../model/option-header.ts';
import { tcpOptionTree } from './exthdr.ts';
import { exthdrNode } from './exthdr-node.ts';
import { bareMetaKeys } from './node.ts';

/** In the order listed. */
const fibFlags: readonly FibFlag[] = ['saddr', 'daddr', 'mark', 'iif', 'oif'];

export function listedTypeof(expression: Expression): Expression {
  switch (expression.kind) {
    case 'variable':
      return listedTypeof(expression.value);
    case 'concat':
      return { ...expression, parts: expression.parts.map(listedTypeof) };
    case 'meta':
      return { ...expression, qualified: !bareMetaKeys.has(expression.key) };
    case 'fib':
      return { ...expression, flags: fibFlags.filter(flag => expression.flags.includes(flag)) };
    case 'tcp_option':
      return expression.field === undefined ? { ...expression, field: 'kind' } : expression;
    case 'ip_option':
    case 'sctp_chunk':
      return expression.field === undefined ? { ...expression, field: 'type' } : expression;
    case 'exthdr_exists': {
      const { header, span } = expression;
      return { kind: 'exthdr', header, field: 'nexthdr', span };
    }
    case 'raw_tcp_option': {
      const { option, offset, length, span } = expression;
      const type = typeof option === 'string' ? optionHeaders.tcpopt.get(option)?.type : Number(option.value);
      if (type === undefined) return expression;
      return exthdrNode(tcpOptionTree(type, Number(offset.value), Number(length.value)), span);
    }
    default:
      return expression;
  }
}
