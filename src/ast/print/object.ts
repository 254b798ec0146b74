// Named objects as nft lists them.

import type { CtTimeoutState, ObjectDeclaration, TunnelOptions, TunnelProperties } from '../nodes/index.ts';
import { expressionText } from './expression.ts';
import type { OutputOptions } from './options.ts';
import { burstText, quotaText, rateText, timeText } from './stateful.ts';

export function* objectLines(object: ObjectDeclaration, options: OutputOptions): Generator<string> {
  if (object.comment !== undefined) yield `comment "${object.comment.text}"`;
  switch (object.objectType) {
    case 'counter':
      if (!options.stateless) yield `packets ${object.packets?.text ?? 0} bytes ${object.bytes?.text ?? 0}`;
      return;
    case 'quota':
      yield object.quota === undefined ? '0 bytes' : quotaText(object.quota, options);
      return;
    case 'limit':
      if (object.limit !== undefined) yield `${rateText(object.limit)}${limitBurst(object.limit)}`;
      return;
    case 'secmark':
      yield `"${object.context?.text ?? ''}"`;
      return;
    case 'synproxy':
      yield* synproxyLines(object);
      return;
    case 'ct helper':
      yield `type "${object.helper?.text ?? ''}" protocol ${object.protocol}`;
      yield `l3proto ${object.l3protocol}`;
      return;
    case 'ct timeout':
      yield `protocol ${object.protocol}`;
      yield `l3proto ${object.l3protocol}`;
      yield `policy = { ${object.policy.map(state => stateText(state, options)).join(', ')} }`;
      return;
    case 'ct expectation':
      yield `protocol ${object.protocol}`;
      yield `dport ${object.dport?.text}`;
      if (object.timeout !== undefined) yield `timeout ${timeText(object.timeout, options)}`;
      yield `size ${object.size?.text}`;
      yield `l3proto ${object.l3protocol}`;
      return;
    case 'tunnel':
      yield* tunnelLines(object, options);
  }
}

type Limit = NonNullable<Extract<ObjectDeclaration, { readonly objectType: 'limit' }>['limit']>;

/** That the kernel allows bursts of five packets goes without saying. */
function limitBurst(limit: Limit): string {
  const value = limit.burst?.value;
  return limit.rateUnit === undefined && (value === 5n || value === 0n) ? '' : burstText(limit);
}

function stateText({ state, timeout }: CtTimeoutState, options: OutputOptions): string {
  return `${state.text} : ${timeout.kind === 'time' ? timeText(timeout, options) : timeout.text}`;
}

function* synproxyLines({
  synproxy,
}: Extract<ObjectDeclaration, { readonly objectType: 'synproxy' }>): Generator<string> {
  if (synproxy?.mss !== undefined) yield `mss ${synproxy.mss.text}`;
  if (synproxy?.wscale !== undefined) yield `wscale ${synproxy.wscale.text}`;
  const timestamp = synproxy?.timestamp === true ? 'timestamp' : '';
  const sack = synproxy?.sackPermitted === true ? 'sack-perm' : '';
  if (timestamp !== '' || sack !== '') yield `${timestamp} ${sack}`;
}

function* tunnelLines(tunnel: TunnelProperties, options: OutputOptions): Generator<string> {
  const { id, family = 'ip', source, destination, sport, dport, tos, ttl } = tunnel;
  if (id !== undefined) yield `id ${id.text}`;
  if (source !== undefined) yield `${family} saddr ${expressionText(source, options)}`;
  if (destination !== undefined) yield `${family} daddr ${expressionText(destination, options)}`;
  for (const [name, value] of Object.entries({ sport, dport, tos, ttl }))
    if (value !== undefined && value.value !== 0n) yield `${name} ${value.text}`;
  if (tunnel.options !== undefined) {
    yield `${tunnel.options.kind} {`;
    for (const line of tunnelOptionLines(tunnel.options)) yield `\t${line}`;
    yield '}';
  }
}

function* tunnelOptionLines(options: TunnelOptions): Generator<string> {
  switch (options.kind) {
    case 'vxlan':
      yield `gbp ${options.gbp?.text ?? 0}`;
      return;
    case 'erspan':
      yield `version ${options.version?.text ?? 0}`;
      if (options.version?.value === 1n) yield `index ${options.index?.text ?? 0}`;
      else {
        yield `direction ${options.direction ?? 'ingress'}`;
        yield `id ${options.id?.text ?? 0}`;
      }
      return;
    case 'geneve':
      for (const option of options.options)
        yield `class 0x${option.class.value.toString(16)} opt-type 0x${option.type.value.toString(16)} data "${option.data.text}"`;
  }
}
