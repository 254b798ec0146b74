// Selectors of what is in the packet: fields of headers, of extension headers, of options and chunks.

import { optionHeaders } from '../../../model/option-header.ts';
import { protocols } from '../../../model/protocol.ts';
import type { Span } from '../../../source/span.ts';
import type {
  DccpOptionExpression,
  ExthdrExistsExpression,
  ExthdrExpression,
  InnerExpression,
  IpOptionExpression,
  NumberLiteral,
  PayloadExpression,
  PayloadProtocol,
  RawPayloadExpression,
  RawTcpOptionExpression,
  SctpChunkExpression,
  TcpOptionExpression,
} from '../../nodes/index.ts';
import { fail } from '../../type/failure.ts';
import type { JsonValue } from '../value.ts';
import { choiceOf, Fields, given, known, type Reading } from './reading.ts';

const payloadProtocols: readonly PayloadProtocol[] = [
  'ether',
  'vlan',
  'arp',
  'ip',
  'icmp',
  'igmp',
  'ip6',
  'icmpv6',
  'ah',
  'esp',
  'comp',
  'udp',
  'udplite',
  'tcp',
  'dccp',
  'sctp',
  'th',
  'vxlan',
  'gre',
  'geneve',
];

const tunnels = ['geneve', 'gre', 'gretap', 'vxlan'] as const;

/** Fields that have another name in JSON than the grammar has for them. */
const fieldNames: Readonly<Record<string, string>> = { 'parameter-problem': 'param-problem' };
/** Words of the text language only. */
const textFields: readonly string[] = ['cfi', 'param-problem'];

function payloadField(fields: Fields, protocol: PayloadProtocol, span: Span): PayloadExpression {
  const names = [...protocols.get(protocol)!.fields.keys()].filter(name => !textFields.includes(name));
  const jsonNames = [...names, ...(protocol === 'icmpv6' ? Object.keys(fieldNames) : [])];
  const field = known(fields.string('field'), jsonNames, 'unknown-field', `${protocol} field`);
  return { kind: 'payload', protocol, field: fieldNames[field] ?? field, span };
}

const bases = ['ll', 'nh', 'th', 'ih'] as const;

export function readPayload(
  reading: Reading,
  value: JsonValue,
): PayloadExpression | RawPayloadExpression | InnerExpression {
  const fields = new Fields(reading, value, ['base', 'offset', 'len', 'tunnel', 'protocol', 'field']);
  const { span } = value;
  if (fields.has('base')) return rawPayload(fields);
  const name = fields.string('protocol');
  const protocol = known(name, payloadProtocols, 'unknown-word', 'protocol') as PayloadProtocol;
  const expression = payloadField(fields, protocol, span);
  if (!fields.has('tunnel')) return expression;
  const tunnel = choiceOf(fields.string('tunnel'), tunnels, 'a tunnel');
  return tunnel === protocol ? expression : { kind: 'inner', tunnel, expression, span };
}

const longestRaw = 512n;

function rawPayload(fields: Fields): RawPayloadExpression {
  const base = fields.choice('base', bases, 'a base of raw payload');
  const length = fields.number('len');
  if (length.value < 1n || length.value > longestRaw)
    fail('value-out-of-range', `a raw load has 1 to ${longestRaw} bits, not ${length.value}`, length.span);
  return { kind: 'raw_payload', base, offset: fields.number('offset'), length, span: fields.span };
}

const extensionHeaders = ['hbh', 'rt', 'rt0', 'rt2', 'srh', 'frag', 'dst', 'mh'] as const;

/** `addr[1]` of rt0 may be counted on from by `offset`. */
export function readExthdr(reading: Reading, value: JsonValue): ExthdrExpression | ExthdrExistsExpression {
  const fields = new Fields(reading, value, ['name', 'field', 'offset']);
  const header = fields.choice('name', extensionHeaders, 'an extension header');
  const { span } = value;
  const field = fields.optionalString('field');
  if (field === undefined) return exthdrExists(header, fields);
  const element = /^(\w+)\[([12])\]$/.exec(field.text);
  const { fields: plain, array } = optionHeaders.ipv6.get(header)!;
  if (element === null || array === undefined || element[1] !== array.name) {
    const name = known(field, plain.keys(), 'unknown-field', `${header} field`);
    return { kind: 'exthdr', header, field: name, span };
  }
  const index =
    BigInt(element[2]!) + (header === 'rt0' ? (fields.optionalNumber('offset')?.value ?? 0n) : 0n);
  const literal: NumberLiteral = { kind: 'number', text: String(index), value: index, span: field.span };
  return { kind: 'exthdr', header, field: array.name, index: literal, span };
}

function exthdrExists(header: (typeof extensionHeaders)[number], { span }: Fields): ExthdrExistsExpression {
  if (header === 'rt0' || header === 'rt2' || header === 'srh')
    return fail('missing-property', `${header} is told by its fields only: name one as \`field\``, span);
  return { kind: 'exthdr_exists', header, span };
}

function optionByte(number: NumberLiteral): NumberLiteral {
  if (number.value <= 255n) return number;
  return fail(
    'value-out-of-range',
    `the number of an option is at most 255, not ${number.value}`,
    number.span,
  );
}

/** Names that the text grammar has and JSON has not. */
const textOptions: readonly string[] = ['echo'];

export function readTcpOption(
  reading: Reading,
  value: JsonValue,
): TcpOptionExpression | RawTcpOptionExpression {
  const fields = new Fields(reading, value, ['name', 'field', 'base', 'offset', 'len']);
  const { span } = value;
  if (fields.has('base')) return rawTcpOption(fields);
  const names = [...optionHeaders.tcpopt.keys()].filter(name => !textOptions.includes(name));
  const name = known(fields.string('name'), names, 'unknown-option', 'TCP option');
  const option = name === 'sack0' ? 'sack' : name;
  const field = fields.optionalString('field');
  if (field === undefined) return { kind: 'tcp_option', option, span };
  const headers = optionHeaders.tcpopt.get(option)!;
  return {
    kind: 'tcp_option',
    option,
    field: known(field, headers.fields.keys(), 'unknown-field', `${option} field`),
    span,
  };
}

/** The first byte of an option asks whether it is there. */
function rawTcpOption(fields: Fields): TcpOptionExpression | RawTcpOptionExpression {
  const { span } = fields;
  const option = optionByte(fields.number('base'));
  const offset = fields.number('offset');
  const length = fields.number('len');
  if (offset.value === 0n && length.value === 8n) return { kind: 'tcp_option', option, span };
  if (length.value < 1n || length.value > longestRaw)
    fail('value-out-of-range', `a raw load has 1 to ${longestRaw} bits, not ${length.value}`, length.span);
  return { kind: 'raw_tcp_option', option, offset, length, span };
}

/** The option that `reset` takes away. nft lists one without a name as a load of no bits. */
export function readStrippedOption(reading: Reading, value: JsonValue): TcpOptionExpression {
  const fields = new Fields(reading, value, ['name', 'base', 'offset', 'len']);
  const { span } = value;
  if (!fields.has('base')) return readTcpOption(reading, value) as TcpOptionExpression;
  const { value: offset, span: place } = fields.number('offset');
  const { value: length } = fields.number('len');
  if (offset !== 0n || (length !== 0n && length !== 8n))
    fail('unknown-option', 'an option is reset as a whole: offset 0, len 0', place);
  return { kind: 'tcp_option', option: optionByte(fields.number('base')), span };
}

export function readIpOption(reading: Reading, value: JsonValue): IpOptionExpression {
  const fields = new Fields(reading, value, ['name', 'field']);
  const option = fields.choice('name', ['lsrr', 'rr', 'ssrr', 'ra'], 'an IP option');
  const field = fields.optionalString('field');
  const names = optionHeaders.ipv4.get(option)!.fields.keys();
  const name =
    field && (known(field, names, 'unknown-field', `${option} field`) as IpOptionExpression['field']);
  return { kind: 'ip_option', option, ...given('field', name), span: value.span };
}

export function readSctpChunk(reading: Reading, value: JsonValue): SctpChunkExpression {
  const fields = new Fields(reading, value, ['name', 'field']);
  const chunk = known(fields.string('name'), optionHeaders.sctp.keys(), 'unknown-option', 'SCTP chunk');
  const field = fields.optionalString('field');
  const names = optionHeaders.sctp.get(chunk)!.fields.keys();
  const name = field && known(field, names, 'unknown-field', `${chunk} field`);
  return { kind: 'sctp_chunk', chunk, ...given('field', name), span: value.span };
}

export function readDccpOption(reading: Reading, value: JsonValue): DccpOptionExpression {
  const fields = new Fields(reading, value, ['type']);
  return { kind: 'dccp_option', option: optionByte(fields.number('type')), span: value.span };
}
