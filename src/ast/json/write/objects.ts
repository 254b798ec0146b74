// Named objects as nft lists them in JSON.

import type { ByteAmount, ObjectDeclaration, TunnelOptions, TunnelProperties } from '../../nodes/index.ts';
import { expressionJson, secondsOf, type Writing } from './expressions.ts';
import { limitObjectFields } from './stateful.ts';
import { synproxyFields } from './statements.ts';
import type { Json, JsonObjectOut } from './text.ts';

const unitBytes = { bytes: 1n, kbytes: 1024n, mbytes: 1024n * 1024n } as const;
const bytesOf = ({ number, unit }: ByteAmount): bigint => number.value * unitBytes[unit];

export function objectFields(writing: Writing, object: ObjectDeclaration): JsonObjectOut {
  switch (object.objectType) {
    case 'counter':
      return { packets: object.packets?.value ?? 0, bytes: object.bytes?.value ?? 0 };
    case 'quota': {
      const { quota } = object;
      return {
        bytes: quota === undefined ? 0 : bytesOf(quota.amount),
        used: quota?.used === undefined ? 0 : bytesOf(quota.used),
        inv: quota?.mode === 'over',
      };
    }
    case 'limit':
      return object.limit === undefined ? {} : limitObjectFields(object.limit);
    case 'secmark':
      return { context: object.context?.text };
    case 'synproxy':
      return object.synproxy === undefined ? {} : synproxyFields(object.synproxy);
    case 'ct helper':
      return { type: object.helper?.text, protocol: object.protocol, l3proto: object.l3protocol };
    case 'ct timeout': {
      const { protocol, l3protocol, policy } = object;
      const states = policy.map(({ state, timeout }) => [
        state.text,
        timeout.kind === 'number' ? timeout.value : secondsOf(timeout),
      ]);
      return {
        protocol,
        l3proto: l3protocol,
        policy: states.length === 0 ? null : Object.fromEntries(states),
      };
    }
    case 'ct expectation': {
      const { protocol, dport, timeout, size, l3protocol } = object;
      const milliseconds = timeout?.milliseconds;
      return {
        protocol,
        dport: dport?.value,
        timeout: milliseconds === 'never' ? undefined : milliseconds,
        size: size?.value,
        l3proto: l3protocol,
      };
    }
    case 'tunnel':
      return tunnelFields(writing, object);
  }
}

function tunnelFields(writing: Writing, tunnel: TunnelProperties): JsonObjectOut {
  const { id, family = 'ip', source, destination, sport, dport, tos, ttl, options } = tunnel;
  const version = family === 'ip' ? 'ipv4' : 'ipv6';
  return {
    id: id?.value,
    [`src-${version}`]: source && expressionJson(writing, source),
    [`dst-${version}`]: destination && expressionJson(writing, destination),
    sport: sport?.value ?? 0,
    dport: dport?.value ?? 0,
    tos: tos?.value ?? 0,
    ttl: ttl?.value ?? 0,
    type: options?.kind,
    tunnel: options && tunnelOptions(options),
  };
}

function tunnelOptions(options: TunnelOptions): Json {
  switch (options.kind) {
    case 'vxlan':
      return { gbp: options.gbp?.value ?? 0 };
    case 'erspan': {
      const { version, index, direction = 'ingress', id } = options;
      return version?.value === 1n
        ? { version: 1, index: index?.value ?? 0 }
        : { version: version?.value ?? 0, dir: direction, hwid: id?.value ?? 0 };
    }
    case 'geneve':
      return options.options.map(option => ({
        class: option.class.value,
        'opt-type': option.type.value,
        data: option.data.text,
      }));
  }
}
