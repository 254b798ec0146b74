// Selectors of what is not in the packet: meta, conntrack, routes, sockets, hashes, policies.

import { conntrackKeys } from '../../../model/ct-keys.ts';
import { metaKeyAliases, metaKeys } from '../../../model/meta-keys.ts';
import type {
  CtExpression,
  Expression,
  FibExpression,
  IpsecExpression,
  JhashExpression,
  MetaExpression,
  NumgenExpression,
  OsfExpression,
  RtExpression,
  SocketExpression,
  SymhashExpression,
  TunnelExpression,
} from '../../nodes/index.ts';
import { fail } from '../../type/failure.ts';
import type { JsonValue } from '../value.ts';
import type { Place } from './expressions.ts';
import { readExpression } from './expressions.ts';
import { choiceOf, Fields, given, known, type Reading } from './reading.ts';

export function readMeta(reading: Reading, value: JsonValue): MetaExpression {
  const key = new Fields(reading, value, ['key']).string('key');
  const names = [...metaKeys.keys(), ...metaKeyAliases.keys()];
  const name = known(key, names, 'unknown-key', 'meta key');
  return { kind: 'meta', key: metaKeyAliases.get(name) ?? name, qualified: true, span: value.span };
}

export function readCt(reading: Reading, value: JsonValue): CtExpression {
  const fields = new Fields(reading, value, ['key', 'dir']);
  const key = fields.string('key');
  const name = known(key, conntrackKeys.keys(), 'unknown-key', 'ct key');
  const direction = fields.optionalChoice('dir', ['original', 'reply'], 'a direction');
  if (direction !== undefined && conntrackKeys.get(name)!.direction === 'none')
    fail('unexpected-property', `ct ${name} is the same in both directions`, fields.string('dir').span);
  const [, family, plain = name] = /^(ip6?) (.*)$/.exec(name) ?? [];
  return {
    kind: 'ct',
    key: plain,
    ...given('direction', direction),
    ...given('family', family as 'ip' | 'ip6' | undefined),
    span: value.span,
  };
}

export function readFib(reading: Reading, value: JsonValue): FibExpression {
  const fields = new Fields(reading, value, ['result', 'flags']);
  const result = fields.choice('result', ['oif', 'oifname', 'type', 'check'], 'a result of fib');
  const flags = fields.flags('flags', ['saddr', 'daddr', 'mark', 'iif', 'oif']);
  const wrong = (message: string): never => fail('invalid-fib', message, value.span);
  if (flags.includes('saddr') === flags.includes('daddr')) wrong('fib needs one of saddr and daddr');
  if (flags.includes('iif') && flags.includes('oif')) wrong('fib takes one of iif and oif');
  return { kind: 'fib', flags, result, span: value.span };
}

export function familyIn(fields: Fields): 'ip' | 'ip6' | undefined {
  return fields.optionalChoice('family', ['ip', 'ip6'], 'a family here');
}

export function readRt(reading: Reading, value: JsonValue): RtExpression {
  const fields = new Fields(reading, value, ['key', 'family']);
  const key = fields.choice('key', ['classid', 'nexthop', 'mtu', 'ipsec'], 'a key of rt');
  return { kind: 'rt', key, ...given('family', familyIn(fields)), span: value.span };
}

/** nft lists `cgroupv2` without its level, and does not read it. */
export function readSocket(reading: Reading, value: JsonValue): SocketExpression {
  const fields = new Fields(reading, value, ['key']);
  const key = fields.string('key');
  if (key.text === 'cgroupv2')
    fail('lost-in-json', 'JSON has no place for the level of `socket cgroupv2`; write nft text', value.span);
  return {
    kind: 'socket',
    key: choiceOf(key, ['transparent', 'mark', 'wildcard'], 'a key of socket'),
    span: value.span,
  };
}

export function readOsf(reading: Reading, value: JsonValue): OsfExpression {
  const fields = new Fields(reading, value, ['key', 'ttl']);
  const key = fields.choice('key', ['name', 'version'], 'a key of osf');
  const ttl = fields.optionalChoice('ttl', ['loose', 'skip'], 'a ttl of osf');
  return { kind: 'osf', key, ...given('ttl', ttl), span: value.span };
}

export function readNumgen(reading: Reading, value: JsonValue): NumgenExpression {
  const fields = new Fields(reading, value, ['mode', 'mod', 'offset']);
  const mode = fields.choice('mode', ['inc', 'random'], 'a mode of numgen');
  const offset = fields.optionalNumber('offset');
  return {
    kind: 'numgen',
    mode,
    modulus: fields.number('mod'),
    ...given('offset', offset),
    span: value.span,
  };
}

export function readSymhash(reading: Reading, value: JsonValue): SymhashExpression {
  const fields = new Fields(reading, value, ['mod', 'offset']);
  const offset = fields.optionalNumber('offset');
  return { kind: 'symhash', modulus: fields.number('mod'), ...given('offset', offset), span: value.span };
}

export function readJhash(reading: Reading, value: JsonValue, place: Place): JhashExpression {
  const fields = new Fields(reading, value, ['mod', 'offset', 'seed', 'expr']);
  const expression: Expression = readExpression(reading, fields.require('expr'), place);
  return {
    kind: 'jhash',
    expression,
    modulus: fields.number('mod'),
    ...given('seed', fields.optionalNumber('seed')),
    ...given('offset', fields.optionalNumber('offset')),
    span: value.span,
  };
}

export function readIpsec(reading: Reading, value: JsonValue): IpsecExpression {
  const fields = new Fields(reading, value, ['key', 'family', 'dir', 'spnum']);
  const key = fields.choice('key', ['saddr', 'daddr', 'reqid', 'spi'], 'a key of ipsec');
  const spnum = fields.optionalNumber('spnum');
  if (spnum !== undefined && spnum.value > 255n)
    fail('value-out-of-range', 'spnum is at most 255', spnum.span);
  return {
    kind: 'ipsec',
    direction: fields.choice('dir', ['in', 'out'], 'a direction of ipsec'),
    key,
    ...given('spnum', spnum),
    ...given('family', familyIn(fields)),
    span: value.span,
  };
}

export function readTunnelKey(reading: Reading, value: JsonValue): TunnelExpression {
  const fields = new Fields(reading, value, ['key']);
  return { kind: 'tunnel', key: fields.choice('key', ['path', 'id'], 'a key of tunnel'), span: value.span };
}
