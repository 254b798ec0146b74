// IPv6 extension headers, TCP and IPv4 options, SCTP chunks, DCCP options.

import { booleanType, integerType } from '../../model/datatype.ts';
import {
  arrayField,
  dccpOption,
  numberedTcpOption,
  type OptionHeader,
  type OptionSpace,
  optionHeaders,
  tcpOptionAliases,
} from '../../model/option-header.ts';
import type { HeaderField } from '../../model/protocol.ts';
import type { Span } from '../../source/span.ts';
import type {
  DccpOptionExpression,
  ExthdrExistsExpression,
  ExthdrExpression,
  IpOptionExpression,
  NumberLiteral,
  RawTcpOptionExpression,
  SctpChunkExpression,
  SelectorExpression,
  TcpOptionExpression,
} from '../nodes/index.ts';
import { adjustBits } from './bits.ts';
import { ensureNetwork } from './dependency.ts';
import type { Evaluation } from './evaluation.ts';
import { fail } from './failure.ts';
import { suggest } from './literal/suggest.ts';
import type { TypedExpression, TypedExthdr } from './typed.ts';

export type ExthdrNode =
  | ExthdrExpression
  | ExthdrExistsExpression
  | TcpOptionExpression
  | RawTcpOptionExpression
  | IpOptionExpression
  | SctpChunkExpression
  | DccpOptionExpression;

export function isExthdr(selector: SelectorExpression): selector is ExthdrNode {
  switch (selector.kind) {
    case 'exthdr':
    case 'exthdr_exists':
    case 'tcp_option':
    case 'raw_tcp_option':
    case 'ip_option':
    case 'sctp_chunk':
    case 'dccp_option':
      return true;
    default:
      return false;
  }
}

/** Bytes that options can have at most, in bits. */
const optionSpaceBits: Readonly<Partial<Record<OptionSpace, number>>> = { tcpopt: 320, ipv4: 320 };

export function evaluateExthdr(evaluation: Evaluation, node: ExthdrNode): TypedExpression {
  const exthdr = typedExthdr(node);
  const implied = evaluation.statements.length;
  if (exthdr.header === 'ipv6') ensureNetwork(evaluation, 'ip6', exthdr.span);
  if (exthdr.header === 'ipv4') ensureNetwork(evaluation, 'ip', exthdr.span);
  // An implied test makes nft forget that the field is part of a key, so that a bit field is not converted.
  if (evaluation.statements.length > implied) evaluation.expect(undefined, 0);
  return readExthdr(evaluation, exthdr);
}

/** Sets what is expected, masks what is not whole bytes. */
function readExthdr(evaluation: Evaluation, exthdr: TypedExthdr): TypedExpression {
  const { key } = evaluation.expected;
  evaluation.expect(exthdr.type, exthdr.bits, exthdr.order, key === undefined ? {} : { key });
  const limit = optionSpaceBits[exthdr.header];
  if (limit !== undefined && exthdr.offset + exthdr.bits > limit)
    fail('field-too-long', `the field ends beyond the ${limit / 8} bytes that options can have`, exthdr.span);
  return adjustBits(evaluation, exthdr, exthdr.offset);
}

/** The field itself, whatever the rule is about. */
export function typedExthdr(node: ExthdrNode): TypedExthdr {
  switch (node.kind) {
    case 'exthdr':
      return ipv6Field(node);
    case 'exthdr_exists':
      return presence(header('ipv6', node.header, node.span), node.span);
    case 'tcp_option':
      return namedField(tcpOption(node.option), node.field, node.span);
    case 'raw_tcp_option':
      return rawTcpOption(node);
    case 'ip_option':
      return namedField(
        header('ipv4', node.option, node.span),
        node.field === 'type' ? undefined : node.field,
        node.span,
      );
    case 'sctp_chunk':
      return namedField(header('sctp', node.chunk, node.span), node.field, node.span);
    case 'dccp_option':
      return presence(dccpOption(optionNumber(node.option)), node.span);
  }
}

const spaceNames = {
  ipv6: 'extension header',
  tcpopt: 'TCP option',
  ipv4: 'IP option',
  sctp: 'SCTP chunk',
} as const;

function header(space: Exclude<OptionSpace, 'dccp'>, name: string, span: Span): OptionHeader {
  const table = optionHeaders[space];
  const found = table.get(name);
  return (
    found ??
    fail(
      'unknown-option',
      `there is no ${spaceNames[space]} \`${name}\``,
      span,
      suggest(name, span, table.keys()),
    )
  );
}

function optionNumber(literal: NumberLiteral): number {
  if (literal.value > 255n)
    fail('value-out-of-range', `${literal.text} exceeds the range 0-255`, literal.span);
  return Number(literal.value);
}

function tcpOption(option: string | NumberLiteral): OptionHeader {
  if (typeof option === 'string') {
    const name = tcpOptionAliases.get(option) ?? option;
    const found = optionHeaders.tcpopt.get(name);
    if (found === undefined) throw new Error(`no TCP option ${option}`);
    return found;
  }
  return numberedTcpOption(optionNumber(option));
}

function ipv6Field(node: ExthdrExpression): TypedExthdr {
  const found = header('ipv6', node.header, node.span);
  const field =
    node.index === undefined ? found.fields.get(node.field) : arrayField(found, optionNumber(node.index));
  return fieldOf(found, field ?? unknownField(found, node.field, node.span), node.span);
}

function namedField(found: OptionHeader, name: string | undefined, span: Span): TypedExthdr {
  if (name === undefined) return presence(found, span);
  return fieldOf(found, found.fields.get(name) ?? unknownField(found, name, span), span);
}

function unknownField(found: OptionHeader, name: string, span: Span): never {
  return fail(
    'unknown-field',
    `${found.name} has no field \`${name}\``,
    span,
    suggest(name, span, found.fields.keys()),
  );
}

function fieldOf(found: OptionHeader, field: HeaderField, span: Span): TypedExthdr {
  const { space, type: option } = found;
  const { offset, length: bits, type } = field;
  return {
    kind: 'exthdr',
    header: space,
    option,
    offset,
    present: false,
    type,
    bits,
    order: 'network',
    span,
  };
}

/** Whether the header or option is there: as wide as the first field of it. */
function presence(found: OptionHeader, span: Span): TypedExthdr {
  const { space, type: option } = found;
  const facts = { type: booleanType, bits: 8, order: 'network', span } as const;
  return { kind: 'exthdr', header: space, option, offset: 0, present: true, ...facts };
}

function rawTcpOption(node: RawTcpOptionExpression): TypedExthdr {
  const { type: option } = tcpOption(node.option);
  const limit = 320n;
  if (node.offset.value > limit || node.length.value > limit || node.length.value === 0n)
    fail('value-out-of-range', 'TCP options have at most 320 bits', node.span);
  const offset = Number(node.offset.value);
  const bits = Number(node.length.value);
  const facts = { type: integerType, bits, order: 'network', span: node.span } as const;
  return { kind: 'exthdr', header: 'tcpopt', option, offset, present: false, ...facts };
}
