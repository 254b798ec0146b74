// State of the named objects that are no statements: what their declarations say, as the kernel is given it.

import { ipv4AddressType, ipv6AddressType } from '../../model/datatype.ts';
import type { Expression, NumberLiteral, ObjectDeclaration, TunnelOptions } from '../nodes/index.ts';
import { Evaluation } from './evaluation.ts';
import { evaluateExpression } from './expression.ts';
import { fail } from './failure.ts';
import type { EvaluateOptions } from './options.ts';
import type { TableScope } from './scope.ts';
import type { ObjectProperties, TunnelOptionsState } from './typed.ts';

type Declared<T extends ObjectDeclaration['objectType']> = Extract<
  ObjectDeclaration,
  { readonly objectType: T }
>;

/** Bits of `flags` (NF_SYNPROXY_OPT_*). */
const synproxyBits = { mss: 1, wscale: 2, sackPermitted: 4, timestamp: 8 } as const;

const numberOf = (literal: NumberLiteral | undefined, bits: number): number =>
  Number(BigInt.asUintN(bits, literal?.value ?? 0n));

/** `undefined` of counters, quotas and limits: their state is a statement's. */
export function objectProperties(
  object: ObjectDeclaration,
  scope: TableScope,
  options: EvaluateOptions,
): ObjectProperties | undefined {
  switch (object.objectType) {
    case 'ct helper':
      return {
        kind: object.objectType,
        helper: object.helper?.text ?? '',
        protocol: object.protocol ?? 'tcp',
        family: object.l3protocol ?? scope.family,
      };
    case 'ct timeout':
      return timeoutProperties(object, scope);
    case 'ct expectation':
      return expectationProperties(object, scope);
    case 'secmark':
      return { kind: object.objectType, context: object.context?.text ?? '' };
    case 'synproxy':
      return synproxyProperties(object);
    case 'tunnel':
      return tunnelProperties(object, new Evaluation(scope, options));
    case 'counter':
    case 'quota':
    case 'limit':
      return undefined;
  }
}

const millisecondsOfSecond = 1000n;

function timeoutProperties(object: Declared<'ct timeout'>, scope: TableScope): ObjectProperties {
  const policy = new Map<string, bigint>();
  for (const { state, timeout } of object.policy) {
    const seconds =
      timeout.kind === 'number'
        ? timeout.value
        : timeout.milliseconds === 'never'
          ? 0n
          : timeout.milliseconds / millisecondsOfSecond;
    policy.set(state.text, BigInt.asUintN(32, seconds));
  }
  return {
    kind: object.objectType,
    protocol: object.protocol ?? 'tcp',
    family: object.l3protocol ?? scope.family,
    policy,
  };
}

function expectationProperties(object: Declared<'ct expectation'>, scope: TableScope): ObjectProperties {
  const milliseconds = object.timeout?.milliseconds ?? 0n;
  return {
    kind: object.objectType,
    protocol: object.protocol ?? 'tcp',
    family: object.l3protocol ?? scope.family,
    dport: numberOf(object.dport, 16),
    timeout: BigInt.asUintN(32, milliseconds === 'never' ? 0n : milliseconds),
    size: numberOf(object.size, 8),
  };
}

function synproxyProperties({ objectType, synproxy }: Declared<'synproxy'>): ObjectProperties {
  const flags = synproxy === undefined ? 0 : synproxyFlags(synproxy);
  return { kind: objectType, mss: numberOf(synproxy?.mss, 16), wscale: numberOf(synproxy?.wscale, 8), flags };
}

function synproxyFlags(synproxy: NonNullable<Declared<'synproxy'>['synproxy']>): number {
  return (
    (synproxy.mss === undefined ? 0 : synproxyBits.mss) |
    (synproxy.wscale === undefined ? 0 : synproxyBits.wscale) |
    (synproxy.timestamp ? synproxyBits.timestamp : 0) |
    (synproxy.sackPermitted ? synproxyBits.sackPermitted : 0)
  );
}

function tunnelProperties(object: Declared<'tunnel'>, evaluation: Evaluation): ObjectProperties {
  const { family = 'ip', source, destination, sport, dport, ttl, tos, options } = object;
  const address = (expression: Expression): bigint => addressOf(evaluation, family, expression);
  return {
    kind: object.objectType,
    id: numberOf(object.id, 32),
    family,
    ...(source !== undefined && { source: address(source) }),
    ...(destination !== undefined && { destination: address(destination) }),
    ...(sport !== undefined && { sport: numberOf(sport, 16) }),
    ...(dport !== undefined && { dport: numberOf(dport, 16) }),
    ...(ttl !== undefined && { ttl: numberOf(ttl, 8) }),
    ...(tos !== undefined && { tos: numberOf(tos, 8) }),
    ...(options !== undefined && { options: tunnelOptions(options) }),
  };
}

function addressOf(evaluation: Evaluation, family: 'ip' | 'ip6', expression: Expression): bigint {
  const type = family === 'ip' ? ipv4AddressType : ipv6AddressType;
  evaluation.expect(type, type.bits, type.order);
  const typed = evaluateExpression(evaluation, expression);
  return typed.kind === 'value'
    ? typed.value
    : fail('not-an-address', 'the end of a tunnel is one address', expression.span);
}

function tunnelOptions(options: TunnelOptions): TunnelOptionsState {
  switch (options.kind) {
    case 'vxlan':
      return { kind: options.kind, gbp: numberOf(options.gbp, 32) };
    case 'erspan': {
      const { kind, version, index, direction, id } = options;
      return {
        kind,
        version: numberOf(version, 32),
        ...(index !== undefined && { index: numberOf(index, 32) }),
        ...(direction !== undefined && { direction }),
        ...(id !== undefined && { id: numberOf(id, 8) }),
      };
    }
    case 'geneve':
      return {
        kind: options.kind,
        options: options.options.map(option => ({
          class: numberOf(option.class, 16),
          type: numberOf(option.type, 8),
          data: option.data.text,
        })),
      };
  }
}
