// Declarations of named objects.

import type {
  ByteAmount,
  CtTimeoutState,
  ObjectDeclaration,
  ObjectType,
  QuotaArguments,
  TunnelOptions,
  TunnelProperties,
} from '../../nodes/index.ts';
import { fail } from '../../type/failure.ts';
import type { JsonValue } from '../value.ts';
import { anywhere, readExpression } from './expressions.ts';
import { families, type Heading } from './headings.ts';
import {
  Fields,
  given,
  numberOf,
  type Reading,
  requireItems,
  requireObject,
  textOf,
  wrongType,
} from './reading.ts';
import { limitArguments, limitProperties } from './stateful.ts';
import { synproxyArguments } from './statements.ts';

const l4protocols = ['tcp', 'udp'] as const;

const protocolsOf = (fields: Fields): object => ({
  ...given('protocol', fields.optionalChoice('protocol', l4protocols, 'a protocol here')),
  ...given('l3protocol', fields.optionalChoice('l3proto', families, 'a family')),
});

interface ObjectReader {
  readonly properties: readonly string[];
  readonly read: (fields: Fields, reading: Reading) => object;
}

const text = (fields: Fields, name: string): object | undefined => {
  const value = fields.optionalString(name);
  return value && textOf(value);
};

const tunnelAddresses = ['src-ipv4', 'src-ipv6', 'dst-ipv4', 'dst-ipv6'];
const tunnelNumbers = ['id', 'sport', 'dport', 'ttl', 'tos'];

const readers: Readonly<Record<ObjectType, ObjectReader>> = {
  counter: {
    properties: ['packets', 'bytes'],
    read: fields => ({
      ...given('packets', fields.optionalNumber('packets')),
      ...given('bytes', fields.optionalNumber('bytes')),
    }),
  },
  quota: { properties: ['bytes', 'used', 'inv'], read: fields => ({ quota: quotaOf(fields) }) },
  limit: { properties: limitProperties, read: fields => ({ limit: limitOf(fields) }) },
  secmark: { properties: ['context'], read: fields => given('context', text(fields, 'context')) },
  synproxy: {
    properties: ['mss', 'wscale', 'flags'],
    read: fields => {
      fields.require('mss');
      fields.require('wscale');
      return { synproxy: synproxyArguments(fields) };
    },
  },
  'ct helper': {
    properties: ['type', 'protocol', 'l3proto'],
    read: fields => ({ ...given('helper', text(fields, 'type')), ...protocolsOf(fields) }),
  },
  'ct timeout': {
    properties: ['protocol', 'l3proto', 'policy'],
    read: fields => ({ ...protocolsOf(fields), policy: timeoutPolicy(fields) }),
  },
  'ct expectation': {
    properties: ['protocol', 'l3proto', 'dport', 'timeout', 'size'],
    read: fields => ({ ...protocolsOf(fields), ...expectationOf(fields) }),
  },
  tunnel: { properties: ['type', 'tunnel', ...tunnelAddresses, ...tunnelNumbers], read: tunnelOf },
};

export const objectProperties = (type: ObjectType): readonly string[] => [
  ...readers[type].properties,
  'comment',
];

export function readObject(
  reading: Reading,
  objectType: ObjectType,
  heading: Heading,
  fields: Fields,
): ObjectDeclaration {
  const comment = given('comment', fields.comment());
  const properties = readers[objectType].read(fields, reading);
  return { kind: 'object', objectType, ...heading, ...comment, ...properties } as ObjectDeclaration;
}

function quotaOf(fields: Fields): QuotaArguments {
  const bytes = (name: string): ByteAmount | undefined => {
    const number = fields.optionalNumber(name);
    return number && { number, unit: 'bytes' };
  };
  const none: ByteAmount = {
    number: { kind: 'number', text: '0', value: 0n, span: fields.span },
    unit: 'bytes',
  };
  return {
    mode: fields.isTrue('inv') ? 'over' : 'until',
    amount: bytes('bytes') ?? none,
    ...given('used', bytes('used')),
  };
}

/** Other than a statement, a named limit without a burst has none. */
function limitOf(fields: Fields): object {
  const limit = limitArguments(fields);
  if (limit.burst !== undefined || limit.rateUnit !== undefined) return limit;
  const burst = { kind: 'number', text: '0', value: 0n, span: fields.span } as const;
  return { ...limit, burst, burstUnit: 'packets' };
}

function timeoutPolicy(fields: Fields): readonly CtTimeoutState[] {
  const value = fields.value('policy');
  if (value === undefined || value.kind === 'null') return [];
  const { members, names } = requireObject(value);
  return [...members].map(([state, seconds]) => ({
    kind: 'ct_timeout_state',
    state: { kind: 'name', text: state, span: names.get(state)! },
    timeout: seconds.kind === 'integer' ? numberOf(seconds) : wrongType(seconds, 'seconds'),
    span: seconds.span,
  }));
}

/** The timeout is in milliseconds, as nft lists it. */
function expectationOf(fields: Fields): object {
  const timeout = fields.optionalNumber('timeout');
  return {
    ...given('dport', fields.optionalNumber('dport')),
    ...(timeout !== undefined && {
      timeout: { kind: 'time', text: `${timeout.value}ms`, milliseconds: timeout.value, span: timeout.span },
    }),
    ...given('size', fields.optionalNumber('size')),
  };
}

function tunnelOf(fields: Fields, reading: Reading): TunnelProperties {
  const family = fields.has('src-ipv4') || fields.has('dst-ipv4') ? 'ip' : 'ip6';
  const [version, other] = family === 'ip' ? ['ipv4', 'ipv6'] : ['ipv6', 'ipv4'];
  for (const side of ['src', 'dst'])
    if (fields.has(`${side}-${other}`))
      fail(
        'family-mismatch',
        'both ends of a tunnel are of one family',
        fields.require(`${side}-${other}`).span,
      );
  return {
    family,
    source: readExpression(reading, fields.require(`src-${version}`), anywhere),
    destination: readExpression(reading, fields.require(`dst-${version}`), anywhere),
    ...Object.fromEntries(tunnelNumbers.flatMap(name => entryOf(name, fields.optionalNumber(name)))),
    ...given('options', tunnelOptions(reading, fields)),
  };
}

const entryOf = <T>(name: string, value: T | undefined): readonly (readonly [string, T])[] =>
  value === undefined ? [] : [[name, value]];

function tunnelOptions(reading: Reading, fields: Fields): TunnelOptions | undefined {
  const kind = fields.optionalChoice('type', ['erspan', 'vxlan', 'geneve'], 'a type of tunnel');
  if (kind === undefined) return undefined;
  const value = fields.require('tunnel');
  if (kind === 'geneve')
    return { kind, options: requireItems(value).map(item => geneveOption(reading, item)) };
  if (kind === 'erspan') return erspanOptions(reading, value);
  return { kind, ...given('gbp', new Fields(reading, value, ['gbp']).optionalNumber('gbp')) };
}

function geneveOption(
  reading: Reading,
  value: JsonValue,
): Extract<TunnelOptions, { readonly kind: 'geneve' }>['options'][number] {
  const fields = new Fields(reading, value, ['class', 'opt-type', 'data']);
  return {
    class: fields.number('class'),
    type: fields.number('opt-type'),
    data: textOf(fields.string('data')),
  };
}

function erspanOptions(reading: Reading, value: JsonValue): TunnelOptions {
  const fields = new Fields(reading, value, ['version', 'index', 'dir', 'hwid']);
  const version = fields.number('version');
  if (version.value === 1n) return { kind: 'erspan', version, index: fields.number('index') };
  if (version.value !== 2n)
    return fail('value-out-of-range', 'erspan has the versions 1 and 2', version.span);
  const direction = fields.choice('dir', ['ingress', 'egress'], 'a direction');
  return { kind: 'erspan', version, direction, id: fields.number('hwid') };
}
