// Selectors: expressions that have a type of their own, which tells what the literals that follow are.

import { booleanType, integerType, stringType } from '../../model/datatype.ts';
import { metaKeys } from '../../model/meta-keys.ts';
import { fibResults, ipsecKeys, routeKeys, socketKeys, tunnelKeys } from '../../model/other-keys.ts';
import type {
  FibExpression,
  IpsecExpression,
  JhashExpression,
  MetaExpression,
  NumberLiteral,
  NumgenExpression,
  OsfExpression,
  RtExpression,
  SelectorExpression,
  SocketExpression,
  SymhashExpression,
  TunnelExpression,
} from '../nodes/index.ts';
import { evaluateCt } from './ct.ts';
import type { Evaluation } from './evaluation.ts';
import { evaluateExpression } from './expression.ts';
import { evaluateExthdr, isExthdr } from './exthdr.ts';
import { fail } from './failure.ts';
import { bitMask } from './literal/number.ts';
import { suggest } from './literal/suggest.ts';
import { lowBits } from './low-bits.ts';
import { evaluateInner, evaluatePayload, evaluateRawPayload } from './payload.ts';
import type { TableScope } from './scope.ts';
import { requireMetaFamily, requireSelectorFamily } from './selector-families.ts';
import type {
  TypedExpression,
  TypedFib,
  TypedHash,
  TypedMeta,
  TypedNumgen,
  TypedOsf,
  TypedRt,
  TypedSocket,
  TypedTunnelKey,
  TypedXfrm,
} from './typed.ts';

export function evaluateSelector(evaluation: Evaluation, selector: SelectorExpression): TypedExpression {
  if (isExthdr(selector)) return evaluateExthdr(evaluation, selector);
  requireSelectorFamily(evaluation.family, selector);
  switch (selector.kind) {
    case 'payload':
      return evaluatePayload(evaluation, selector);
    case 'raw_payload':
      return evaluateRawPayload(evaluation, selector);
    case 'inner':
      return evaluateInner(evaluation, selector);
    case 'meta':
      return evaluateMeta(evaluation, selector);
    case 'ct':
      return evaluateCt(evaluation, selector);
    case 'fib':
      return evaluateFib(evaluation, selector);
    case 'rt':
      return own(evaluation, typedRt(evaluation, selector));
    case 'socket':
      return evaluateSocket(evaluation, selector);
    case 'osf':
      return own(evaluation, typedOsf(selector));
    case 'numgen':
      return evaluateNumgen(evaluation, selector);
    case 'jhash':
      return evaluateHash(evaluation, selector, selector.expression);
    case 'symhash':
      return evaluateHash(evaluation, selector, undefined);
    case 'ipsec':
      return own(evaluation, typedIpsec(selector));
    case 'tunnel':
      return own(evaluation, typedTunnelKey(selector));
  }
}

/** From here on literals are values of the type of `selector`. */
export function own<T extends TypedExpression>(evaluation: Evaluation, selector: T): T {
  evaluation.expect(selector.type, selector.bits, selector.order);
  return selector;
}

/** The entry of a table of keys that the grammar has checked. */
function known<T>(table: ReadonlyMap<string, T>, name: string): T {
  const entry = table.get(name);
  if (entry === undefined) throw new Error(`no key ${name}`);
  return entry;
}

function low32(table: TableScope, literal: NumberLiteral | undefined): number {
  return literal === undefined ? 0 : Number(lowBits(table, literal.value, 32, literal.span));
}

export function typedMeta(name: string, span: MetaExpression['span']): TypedMeta {
  const key = metaKeys.get(name);
  if (key === undefined)
    return fail(
      'unknown-key',
      `there is no meta key \`${name}\``,
      span,
      suggest(name, span, metaKeys.keys()),
    );
  const { type, bits, order } = key;
  return { kind: 'meta', key: key.irName, type, bits, order, span };
}

const lastDay = 6n;
/** What the kernel does not read. */
const writeOnlyKeys: ReadonlySet<string> = new Set(['nftrace', 'broute']);

function evaluateMeta(evaluation: Evaluation, expression: MetaExpression): TypedMeta {
  const meta = typedMeta(expression.key, expression.span);
  requireMetaFamily(evaluation.family, expression.key, expression.span);
  if (writeOnlyKeys.has(expression.key))
    fail('write-only', `meta ${expression.key} can be set, not read`, expression.span);
  if (expression.key === 'nfproto' && evaluation.family !== 'inet' && evaluation.tunnel === undefined)
    fail('useless-key', 'meta nfproto is of use in tables of the inet family only', expression.span);
  evaluation.expect(meta.type, meta.bits, meta.order, expression.key === 'day' ? { maximum: lastDay } : {});
  return meta;
}

export function typedFib(expression: FibExpression): TypedFib {
  const { flags, span } = expression;
  checkFibFlags(expression);
  const present = expression.result === 'check';
  const result = expression.result === 'check' ? 'oif' : expression.result;
  const key = known(fibResults, result);
  const facts = present ? { type: booleanType, bits: 8 } : { type: key.type, bits: key.bits };
  return { kind: 'fib', flags, result, present, ...facts, order: key.order, span };
}

/** `asksForAny`: whether there is a result. The kernel does not look up the device by the device. */
export function evaluateFib(evaluation: Evaluation, expression: FibExpression, asksForAny = false): TypedFib {
  if (expression.flags.includes('oif') && expression.result !== 'type')
    fail('invalid-fib', `fib gives no ${expression.result} for a given oif`, expression.span);
  if (asksForAny && expression.result === 'oifname')
    fail('invalid-fib', 'whether there is a device is asked of `oif`, or with `check`', expression.span);
  const fib = typedFib(expression);
  return own(evaluation, asksForAny ? { ...fib, present: true, type: booleanType, bits: 8 } : fib);
}

function checkFibFlags({ flags, span }: FibExpression): void {
  const given = new Set(flags);
  if (given.has('saddr') === given.has('daddr'))
    fail('invalid-fib', 'fib looks up one of saddr and daddr', span);
  if (given.has('iif') && given.has('oif')) fail('invalid-fib', 'fib takes one of iif and oif', span);
}

/** `rt nexthop` is of the family that the rule is about, in nft even if `ip` is written. */
function typedRt(evaluation: Evaluation, expression: RtExpression): TypedRt {
  const { span } = expression;
  if (expression.key !== 'nexthop') return routeKey(expression.key, span);
  const network = evaluation.protocols.at('network')?.name;
  const ofRule = network === 'ip' || network === 'ip6' ? network : undefined;
  const family = expression.family === 'ip6' ? 'ip6' : (ofRule ?? expression.family);
  if (family === undefined)
    return fail('unknown-family', 'write `rt ip nexthop` or `rt ip6 nexthop` here', span);
  const { family: table } = evaluation;
  if ((table === 'ip' || table === 'ip6') && table !== family)
    fail('conflicting-protocols', `rt ${family} nexthop never matches in a table of family ${table}`, span);
  return routeKey(`${family} nexthop`, span);
}

export function routeKey(name: string, span: RtExpression['span']): TypedRt {
  const { irName, type, bits, order } = known(routeKeys, name);
  return { kind: 'rt', key: irName, type, bits, order, span };
}

export function typedSocket(expression: SocketExpression): TypedSocket {
  const { irName, type, bits, order } = known(socketKeys, expression.key);
  return { kind: 'socket', key: irName, type, bits, order, span: expression.span };
}

function evaluateSocket(evaluation: Evaluation, expression: SocketExpression): TypedSocket {
  const level = expression.level === undefined ? {} : { level: low32(evaluation.table, expression.level) };
  const socket = { ...typedSocket(expression), ...level };
  const isTruth = expression.key === 'transparent' || expression.key === 'wildcard';
  evaluation.expect(socket.type, socket.bits, socket.order, isTruth ? { maximum: 1n } : {});
  return socket;
}

export function typedOsf(expression: OsfExpression): TypedOsf {
  const { ttl = 'true', key, span } = expression;
  return { kind: 'osf', ttl, version: key === 'version', type: stringType, bits: 128, order: 'host', span };
}

/** Transformations of a packet that the kernel keeps. */
const deepest = 6;

function typedIpsec(expression: IpsecExpression): TypedXfrm {
  const key = ipsecKey(expression);
  if (key.spnum >= deepest) fail('value-out-of-range', `spnum is at most ${deepest - 1}`, expression.span);
  return key;
}

export function ipsecKey(expression: IpsecExpression): TypedXfrm {
  const { direction, key, span } = expression;
  const isAddress = key === 'saddr' || key === 'daddr';
  const facts = known(ipsecKeys, isAddress ? `${expression.family ?? 'ip'} ${key}` : key);
  const spnum = expression.spnum?.value ?? 0n;
  if (spnum > 255n) fail('value-out-of-range', 'spnum is at most 255', span);
  const { irName, type, bits, order } = facts;
  return { kind: 'xfrm', direction, spnum: Number(spnum), key: irName, type, bits, order, span };
}

export function typedTunnelKey({ key, span }: TunnelExpression): TypedTunnelKey {
  const { type, bits, order } = known(tunnelKeys, key);
  return { kind: 'tunnel_key', key, type, bits, order, span };
}

/** Where a statement wants a 32-bit number, such as a mark, a drawn or hashed number is one. */
function numberType(evaluation: Evaluation): Pick<TypedNumgen, 'type' | 'bits'> {
  const { type, bits } = evaluation.expected;
  return type?.base === integerType && bits === 32 ? { type, bits } : { type: integerType, bits: 32 };
}

/** What the numbers are drawn from; the last of them must have 32 bits as well. */
function numbersOf(
  { table }: Evaluation,
  { modulus, offset }: Pick<NumgenExpression, 'modulus' | 'offset'>,
): Pick<TypedNumgen, 'modulus' | 'offset'> {
  const count = low32(table, modulus);
  const first = low32(table, offset);
  if (count === 0) fail('value-out-of-range', 'the modulus is at least 1', modulus.span);
  if (first + count > 2 ** 32)
    fail('value-out-of-range', 'offset and modulus exceed 32 bits', offset?.span ?? modulus.span);
  return { modulus: count, offset: first };
}

/** Expects values that the number may have; as nft, modulo 2^32. */
function expectNumber(
  evaluation: Evaluation,
  { type, bits, order, modulus, offset }: TypedNumgen | TypedHash,
): void {
  const maximum = BigInt(modulus + offset - 1) & bitMask(32);
  evaluation.expect(type, bits, order, maximum === 0n ? {} : { maximum });
}

function evaluateNumgen(evaluation: Evaluation, expression: NumgenExpression): TypedNumgen {
  const { mode, span } = expression;
  const facts = { ...numbersOf(evaluation, expression), ...numberType(evaluation) };
  const numgen: TypedNumgen = { kind: 'numgen', mode, ...facts, order: 'host', span };
  expectNumber(evaluation, numgen);
  return numgen;
}

function evaluateHash(
  evaluation: Evaluation,
  expression: JhashExpression | SymhashExpression,
  hashed: JhashExpression['expression'] | undefined,
): TypedHash {
  const { span } = expression;
  const written = expression.kind === 'jhash' ? expression.seed : undefined;
  const seed = written === undefined ? {} : { seed: low32(evaluation.table, written) };
  const facts = { ...numbersOf(evaluation, expression), ...numberType(evaluation), span };
  evaluation.expect(undefined, 0);
  const source = hashed === undefined ? {} : { source: evaluateExpression(evaluation, hashed) };
  const hash: TypedHash = { kind: 'hash', ...seed, ...facts, order: 'host', ...source };
  expectNumber(evaluation, hash);
  return hash;
}
