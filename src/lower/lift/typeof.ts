// Expressions that `typeof` names, as nft lists them again.

import type { Expression, FibFlag, TcpOptionExpression } from '../../ast/nodes/index.ts';
import { typeofParts } from '../../ast/type/typeof.ts';
import { integerType } from '../../model/datatype.ts';
import { optionHeaders } from '../../model/option-header.ts';
import { tcpOptionTree } from './exthdr.ts';
import { exthdrNode } from './exthdr-node.ts';
import { numberNode } from './make.ts';
import { bareMetaKeys } from './node.ts';

/** Whether nft finds the expression again when it lists the set: not if `osf` is one part of several. */
export function isKeptTypeof(expression: Expression | undefined): boolean {
  if (expression?.kind === 'variable') return isKeptTypeof(expression.value);
  if (expression?.kind === 'concat') return !expression.parts.some(part => part.kind === 'osf');
  return expression !== undefined;
}

/** A field that is a plain number: of a range of them nft takes down the width of both ends. */
export function isPlainField(expression: Expression | undefined): boolean {
  if (expression?.kind === 'variable') return isPlainField(expression.value);
  if (expression?.kind === 'raw_payload') return true;
  return expression?.kind === 'payload' && typeofParts(expression)[0]?.type === integerType;
}

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
      return listedTcpOption(expression);
    case 'osf':
      return { kind: 'osf', key: 'name', span: expression.span };
    case 'socket':
      if (expression.level === undefined) return expression;
      return { ...expression, level: numberNode(0, expression.span) };
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

/** Blocks of the sack option are told apart by their place only: all begin with the same kind and length. */
function listedTcpOption(expression: TcpOptionExpression): Expression {
  const { option, field = 'kind', span } = expression;
  const header = typeof option === 'string' ? optionHeaders.tcpopt.get(option) : undefined;
  const known = header?.fields.get(field);
  if (header === undefined || known === undefined) return { ...expression, field };
  return exthdrNode(tcpOptionTree(header.type, known.offset, known.length), span);
}
