// Named objects and flowtables.

import type {
  FlowtableDeclaration,
  ObjectDeclaration,
  SynproxyArguments,
  TunnelOptions,
} from '../../ast/nodes/index.ts';
import type { ObjectProperties, TunnelOptionsState } from '../../ast/type/typed.ts';
import { connectionTimeouts } from '../../model/ct-timeouts.ts';
import { ipv4AddressType, ipv6AddressType } from '../../model/datatype.ts';
import type { Span } from '../../source/span.ts';
import type { IrFlowtable, IrObject } from '../linear/ir.ts';
import { deviceNodes, priorityNode } from './chain.ts';
import { literalOf } from './literal.ts';
import { handleOf, nameNode, numberNode, textNode, timeNode } from './make.ts';
import { limitArguments, quotaArguments } from './stateful.ts';
import type { TableContext } from './table-context.ts';

type Facts = { readonly [property: string]: unknown };

export function liftObject(context: TableContext, object: IrObject): ObjectDeclaration {
  const { kind, name, span, comment } = object;
  return {
    kind: 'object',
    table: context.reference,
    name: nameNode(name, span),
    objectType: kind,
    ...(comment !== undefined && { comment: textNode(comment, span) }),
    ...handleOf(object),
    ...stateOf(object),
    ...(object.properties !== undefined && propertiesOf(context, object.properties, span)),
    span,
  } as unknown as ObjectDeclaration;
}

function stateOf({ expression, span }: IrObject): Facts {
  switch (expression?.op) {
    case 'counter':
      return { packets: numberNode(expression.packets, span), bytes: numberNode(expression.bytes, span) };
    case 'quota':
      return { quota: quotaArguments(expression, span) };
    case 'limit':
      return { limit: limitArguments(expression, span) };
    default:
      return {};
  }
}

/** Bits of `flags` (NF_SYNPROXY_OPT_*). */
const synproxyBits = { mss: 1, wscale: 2, sackPermitted: 4, timestamp: 8 } as const;

export function synproxyArguments(
  { mss, wscale, flags }: { readonly mss: number; readonly wscale: number; readonly flags: number },
  span: Span,
): SynproxyArguments {
  const has = (bit: number): boolean => (flags & bit) !== 0;
  return {
    ...(has(synproxyBits.mss) && { mss: numberNode(mss, span) }),
    ...(has(synproxyBits.wscale) && { wscale: numberNode(wscale, span) }),
    timestamp: has(synproxyBits.timestamp),
    sackPermitted: has(synproxyBits.sackPermitted),
  };
}

function propertiesOf(context: TableContext, properties: ObjectProperties, span: Span): Facts {
  switch (properties.kind) {
    case 'ct helper': {
      const { helper, protocol, family } = properties;
      return { helper: textNode(helper, span), protocol, l3protocol: family };
    }
    case 'ct timeout': {
      const { protocol, family, policy } = properties;
      const states = [...connectionTimeouts[protocol]].flatMap(([state, usual]) => {
        const seconds = policy.get(state) ?? usual;
        const timeout = timeNode(seconds * 1000n, span);
        return seconds === usual
          ? []
          : [{ kind: 'ct_timeout_state', state: nameNode(state, span), timeout, span }];
      });
      return { protocol, l3protocol: family, policy: states };
    }
    case 'ct expectation': {
      const { protocol, family, dport, timeout, size } = properties;
      return {
        protocol,
        l3protocol: family,
        dport: numberNode(dport, span),
        timeout: timeNode(timeout, span),
        size: numberNode(size, span),
      };
    }
    case 'secmark':
      return { context: textNode(properties.context, span) };
    case 'synproxy':
      return { synproxy: synproxyArguments(properties, span) };
    case 'tunnel':
      return tunnelFacts(context, properties, span);
  }
}

/** What the kernel takes where none is given. */
const defaultTtl = 255;

function tunnelFacts(
  context: TableContext,
  tunnel: Extract<ObjectProperties, { readonly kind: 'tunnel' }>,
  span: Span,
): Facts {
  const { id, family, source, destination, sport, dport, ttl = defaultTtl, tos, options } = tunnel;
  const type = family === 'ip' ? ipv4AddressType : ipv6AddressType;
  const address = (value: bigint) =>
    literalOf({ value, type, bits: type.bits, order: type.order }, context.options, span);
  const number = (value: number | undefined) => (value === undefined ? undefined : numberNode(value, span));
  return {
    id: numberNode(id, span),
    family,
    ...(source !== undefined && { source: address(source) }),
    ...(destination !== undefined && { destination: address(destination) }),
    ...defined({ sport: number(sport), dport: number(dport), ttl: number(ttl), tos: number(tos) }),
    ...(options !== undefined && { options: tunnelOptions(options, span) }),
  };
}

function defined(facts: Facts): Facts {
  return Object.fromEntries(Object.entries(facts).filter(([, value]) => value !== undefined));
}

function tunnelOptions(options: TunnelOptionsState, span: Span): TunnelOptions {
  switch (options.kind) {
    case 'vxlan':
      return { kind: options.kind, gbp: numberNode(options.gbp, span) };
    case 'erspan': {
      const { kind, version, index, direction, id } = options;
      return {
        kind,
        version: numberNode(version, span),
        ...(index !== undefined && { index: numberNode(index, span) }),
        ...(direction !== undefined && { direction }),
        ...(id !== undefined && { id: numberNode(id, span) }),
      };
    }
    case 'geneve':
      return {
        kind: options.kind,
        options: options.options.map(option => ({
          class: numberNode(option.class, span),
          type: numberNode(option.type, span),
          data: textNode(option.data, span),
        })),
      };
  }
}

export function liftFlowtable(context: TableContext, flowtable: IrFlowtable): FlowtableDeclaration {
  const { name, span, priority, devices, counter, offload } = flowtable;
  return {
    kind: 'flowtable',
    table: context.reference,
    name: nameNode(name, span),
    hook: nameNode('ingress', span),
    priority: priorityNode({ family: 'netdev', options: context.options }, 'ingress', priority, span),
    ...(devices.length > 0 && { devices: deviceNodes(devices, span) }),
    counter,
    offload,
    ...handleOf(flowtable),
    span,
  };
}
