// Expressions as nft lists them in JSON.

import type {
  BinaryExpression,
  BinaryOperator,
  CtExpression,
  Element,
  Expression,
  ExthdrExpression,
  FibExpression,
  FibFlag,
  InnerExpression,
  IpsecExpression,
  NumberLiteral,
  PayloadExpression,
  RawTcpOptionExpression,
  SelectorExpression,
  TcpOptionExpression,
  TimeLiteral,
  VerdictExpression,
} from '../../nodes/index.ts';
import type { OutputOptions } from '../../print/options.ts';
import { statefulObject } from './stateful.ts';
import type { Json, JsonObjectOut } from './text.ts';

export interface Writing {
  readonly options: OutputOptions;
  /** Inside of a match nft lists `fib … check` by what it looks up. */
  readonly inMatch?: boolean;
}

export function expressionJson(writing: Writing, expression: Expression): Json {
  const json = (part: Expression): Json => expressionJson(writing, part);
  switch (expression.kind) {
    case 'number':
      return integerJson(expression.value);
    case 'symbol':
      return expression.text;
    case 'typed_symbol':
      return expression.type === 'boolean' ? expression.text === 'exists' : expression.text;
    case 'variable':
      return json(expression.value);
    case 'prefix':
      return { prefix: { addr: json(expression.base), len: expression.length.value } };
    case 'range':
      return { range: [json(expression.from), json(expression.to)] };
    case 'concat':
      return { concat: expression.parts.map(json) };
    case 'list':
      return expression.items.map(json);
    case 'binary':
      return { [expression.operator]: operands(expression, expression.operator).map(json) };
    case 'catchall':
      return '*';
    case 'set':
      return { set: elementsJson(writing, expression.elements) };
    case 'set_reference':
      return `@${expression.name}`;
    case 'map':
      return { map: { key: json(expression.key), data: json(expression.map) } };
    case 'verdict':
      return verdictJson(expression);
    default:
      return selectorJson(writing, expression);
  }
}

const signed64 = 1n << 63n;
const unsigned64 = 1n << 64n;

/** nft writes the upper half of 64 bits as negative numbers, and what is longer in hexadecimal. */
export function integerJson(value: bigint): Json {
  if (value >= unsigned64) return `0x${value.toString(16)}`;
  return value >= signed64 ? value - unsigned64 : value;
}

/** Operands of one operator stand side by side. */
function operands(expression: Expression, operator: BinaryOperator): readonly Expression[] {
  if (expression.kind !== 'binary' || expression.operator !== operator) return [expression];
  const { left, right }: BinaryExpression = expression;
  return [...operands(left, operator), ...operands(right, operator)];
}

export function verdictJson({ verdict, chain }: VerdictExpression): Json {
  if (chain === undefined) return { [verdict]: null };
  return { [verdict]: { target: chain.kind === 'name' ? chain.text : chain.name } };
}

export function elementsJson(
  writing: Writing,
  elements: { readonly length: number; at(index: number): Element },
): readonly Json[] {
  return Array.from({ length: elements.length }, (_, index) => elementJson(writing, elements.at(index)));
}

function elementJson(writing: Writing, element: Element): Json {
  const key = keyJson(writing, element);
  return element.data === undefined ? key : [key, expressionJson(writing, element.data)];
}

/** What NFT_NEVER_TIMEOUT is in seconds. */
const neverSeconds = (unsigned64 - 1n) / 1000n;

export const secondsOf = ({ milliseconds }: TimeLiteral): bigint =>
  milliseconds === 'never' ? neverSeconds : milliseconds / 1000n;

/** A key by itself, or with what belongs to its element. */
export function keyJson(writing: Writing, element: Element): Json {
  const { timeout, expires, comment, statements } = element;
  const key = expressionJson(writing, element.key);
  const isPlain =
    timeout === undefined && expires === undefined && comment === undefined && statements.length === 0;
  if (isPlain) return key;
  const state: JsonObjectOut = Object.assign(
    {},
    ...statements.map(statement => statefulObject(writing.options, statement)).reverse(),
  );
  return {
    elem: {
      val: key,
      timeout: timeout && secondsOf(timeout),
      expires: expires && secondsOf(expires),
      comment: comment?.text,
      ...state,
    },
  };
}

function selectorJson(writing: Writing, selector: SelectorExpression): Json {
  switch (selector.kind) {
    case 'payload':
      return { payload: payloadFields(selector) };
    case 'raw_payload': {
      const { base, offset, length } = selector;
      return { payload: { base, offset: offset.value, len: length.value } };
    }
    case 'inner':
      return innerJson(writing, selector);
    case 'meta':
      return { meta: { key: selector.key } };
    case 'ct':
      return { ct: ctFields(selector) };
    case 'exthdr':
      return { exthdr: { name: selector.header, field: extensionField(selector) } };
    case 'exthdr_exists':
      return { exthdr: { name: selector.header } };
    case 'tcp_option':
      return { 'tcp option': tcpOptionFields(selector) };
    case 'raw_tcp_option':
      return { 'tcp option': rawOptionFields(selector) };
    case 'ip_option':
      return { 'ip option': { name: selector.option, field: selector.field } };
    case 'sctp_chunk':
      return { 'sctp chunk': { name: selector.chunk, field: selector.field } };
    case 'dccp_option':
      return { 'dccp option': { type: selector.option.value } };
    case 'fib':
      return { fib: { result: fibResult(writing, selector), flags: fibFlags(selector) } };
    case 'rt':
      return { rt: { key: selector.key, family: selector.key === 'nexthop' ? selector.family : undefined } };
    case 'socket':
      return { socket: { key: selector.key } };
    case 'osf':
      return { osf: { key: selector.key, ttl: selector.ttl } };
    case 'numgen': {
      const { mode, modulus, offset } = selector;
      return { numgen: { mode, mod: modulus.value, offset: offset?.value ?? 0 } };
    }
    case 'jhash': {
      const { expression, modulus, seed, offset } = selector;
      const expr = expressionJson(writing, expression);
      return { jhash: { mod: modulus.value, seed: seed?.value, offset: notZero(offset), expr } };
    }
    case 'symhash':
      return { symhash: { mod: selector.modulus.value, offset: notZero(selector.offset) } };
    case 'ipsec':
      return { ipsec: ipsecFields(selector) };
    case 'tunnel':
      return { tunnel: { key: selector.key } };
  }
}

const notZero = (number: NumberLiteral | undefined): bigint | undefined =>
  number?.value === 0n ? undefined : number?.value;

/** nft lists some fields by another name than the one it prefers in its own tables. */
const listedFields: Readonly<Record<string, string>> = { 'param-problem': 'parameter-problem', cfi: 'dei' };
const tunnelHeaders: readonly string[] = ['vxlan', 'geneve'];

function payloadFields({ protocol, field }: PayloadExpression, tunnel?: string): JsonObjectOut {
  return {
    tunnel: tunnel ?? (tunnelHeaders.includes(protocol) ? protocol : undefined),
    protocol,
    field: listedFields[field] ?? field,
  };
}

/** That a key of meta is read inside of a tunnel is lost. */
function innerJson(writing: Writing, { tunnel, expression }: InnerExpression): Json {
  if (expression.kind === 'payload') return { payload: payloadFields(expression, tunnel) };
  return selectorJson(writing, expression);
}

function ctFields({ key, direction, family }: CtExpression): JsonObjectOut {
  return { key: family === undefined ? key : `${family} ${key}`, dir: direction };
}

function extensionField({ field, index }: ExthdrExpression): string {
  return index === undefined ? field : `${field}[${index.value}]`;
}

/** An option without a name is told by its first byte. */
function tcpOptionFields({ option, field }: TcpOptionExpression): JsonObjectOut {
  if (typeof option === 'string') return { name: option, field };
  return { base: option.value, offset: field === undefined ? 0 : 8, len: 8 };
}

/** What is no field of an option with a name is lost. */
function rawOptionFields({ option, offset, length }: RawTcpOptionExpression): JsonObjectOut {
  if (typeof option === 'string') return { name: option, field: 'unknown' };
  return { base: option.value, offset: offset.value, len: length.value };
}

const fibFlagOrder: readonly FibFlag[] = ['saddr', 'daddr', 'mark', 'iif', 'oif'];

const fibFlags = ({ flags }: FibExpression): readonly FibFlag[] =>
  fibFlagOrder.filter(flag => flags.includes(flag));

function fibResult({ inMatch }: Writing, { result }: FibExpression): string {
  return result === 'check' && inMatch === true ? 'oif' : result;
}

function ipsecFields({ key, family, direction, spnum }: IpsecExpression): JsonObjectOut {
  const isAddress = key === 'saddr' || key === 'daddr';
  return { key, family: isAddress ? (family ?? 'ip') : undefined, dir: direction, spnum: spnum?.value ?? 0 };
}
