// Loads: what an expression reads from the packet or its surroundings.

import type { FibExpression, NumgenExpression, OsfExpression } from '../../ast/nodes/index.ts';
import { conntrackKeys } from '../../model/ct-keys.ts';
import {
  addressTypeType,
  booleanType,
  type Datatype,
  integerType,
  interfaceIndexType,
  interfaceNameType,
} from '../../model/datatype.ts';
import { metaKeys } from '../../model/meta-keys.ts';
import {
  fingerprintKey,
  ipsecKeys,
  routeKeys,
  type SelectorKey,
  socketKeys,
  tunnelKeys,
} from '../../model/other-keys.ts';
import { type HeaderBase, protocols } from '../../model/protocol.ts';
import type { Span } from '../../source/span.ts';
import type { Expression } from '../linear/ir.ts';
import { exthdrTree } from './exthdr.ts';
import { numberNode } from './make.ts';
import { rawPayload } from './payload.ts';
import type { Registers } from './registers.ts';
import type { Ct, Hash, Meta, Selector, Shape, Tree } from './tree.ts';

type Of<Op extends Expression['op']> = Extract<Expression, { readonly op: Op }>;

function byIrName<Key extends { readonly irName: string }>(
  keys: ReadonlyMap<string, Key>,
): ReadonlyMap<string, Key> {
  return new Map([...keys.values()].map(key => [key.irName, key]));
}

const metaByIrName = byIrName(metaKeys);
const conntrackByIrName = byIrName(conntrackKeys);
const routeByIrName = byIrName(routeKeys);
const socketByIrName = byIrName(socketKeys);
const ipsecByIrName = byIrName(ipsecKeys);
const tunnelByIrName = byIrName(tunnelKeys);

function known<Key>(keys: ReadonlyMap<string, Key>, name: string): Key {
  const key = keys.get(name);
  if (key === undefined) throw new Error(`no key ${name}`);
  return key;
}

export function metaTree(irName: string): Meta {
  const key = known(metaByIrName, irName);
  return { kind: 'meta', key, type: key.type, bits: key.bits, order: key.order };
}

/** Keys of which the kernel does not tell the direction. */
const undirected: ReadonlySet<string> = new Set(['l3proto', 'protocol']);

export function ctTree({ key: irName, direction }: Pick<Of<'ct'>, 'key' | 'direction'>): Ct {
  const key = known(conntrackByIrName, irName);
  return {
    kind: 'ct',
    key,
    ...(direction !== undefined && !undirected.has(key.name) && { direction }),
    type: key.type,
    bits: key.bits,
    order: key.order,
  };
}

function selector(node: Selector['node'], { type, bits, order }: Shape): Selector {
  return { kind: 'selector', node, type, bits, order };
}

/** The two words of keys that are of an address family. */
function splitKey({ name }: SelectorKey): { readonly key: string; readonly family?: 'ip' | 'ip6' } {
  const [first = '', second] = name.split(' ');
  return second === undefined ? { key: first } : { key: second, family: first as 'ip' | 'ip6' };
}

/** The tree of a load; `undefined` of an expression that is none. */
export function selectorTree(expression: Expression, registers: Registers, span: Span): Tree | undefined {
  switch (expression.op) {
    case 'payload':
      return payloadTree(expression);
    case 'inner':
      return innerTree(expression);
    case 'exthdr':
      return exthdrTree(expression);
    case 'meta':
      return metaTree(expression.key);
    case 'ct':
      return ctTree(expression);
    case 'fib':
      return fibTree(expression, span);
    case 'rt': {
      const key = known(routeByIrName, expression.key);
      return selector({ kind: 'rt', ...splitKey(key), span } as Selector['node'], key);
    }
    case 'socket': {
      const key = known(socketByIrName, expression.key);
      const level = expression.level === undefined ? {} : { level: numberNode(expression.level, span) };
      return selector({ kind: 'socket', key: key.name, ...level, span } as Selector['node'], key);
    }
    case 'osf':
      return osfTree(expression, span);
    case 'xfrm':
      return ipsecTree(expression, span);
    case 'tunnel':
      return selector({ kind: 'tunnel', key: expression.key, span }, known(tunnelByIrName, expression.key));
    case 'numgen':
      return numgenTree(expression, span);
    case 'hash':
      return hashTree(expression, registers);
    default:
      return undefined;
  }
}

const headerBases: Readonly<Record<Of<'payload'>['base'], HeaderBase>> = {
  link: 'link',
  network: 'network',
  transport: 'transport',
  inner: 'inner',
  tunnel: 'inner',
};

function payloadTree({ base, offset, length }: Of<'payload'>): Tree {
  return rawPayload(headerBases[base], offset * 8, length * 8);
}

/** What is read behind the header of a tunnel, or of that header itself. */
function innerTree({ type, headerSize, flags, expression }: Of<'inner'>): Tree {
  const tunnel = [...protocols.values()].find(
    ({ tunnel: facts }) => facts?.type === type && facts.headerLength === headerSize && facts.flags === flags,
  );
  const tree = expression.op === 'meta' ? metaTree(expression.key) : payloadTree(expression);
  if (tunnel === undefined || (tree.kind !== 'payload' && tree.kind !== 'meta')) return tree;
  tree.tunnel = tunnel;
  if (tree.kind !== 'payload' || tree.base !== 'inner') return tree;
  const field = [...tunnel.fields.values()].find(
    ({ offset, length }) => offset === tree.offset && length === tree.bits,
  );
  if (field !== undefined) Object.assign(tree, { protocol: tunnel, field });
  return tree;
}

const fibTypes: Readonly<Record<Of<'fib'>['result'], readonly [type: Datatype, bits: number]>> = {
  oif: [interfaceIndexType, 32],
  oifname: [interfaceNameType, 128],
  type: [addressTypeType, 32],
};

function fibTree({ flags, result, present }: Of<'fib'>, span: Span): Tree {
  const [type, bits] = present ? ([booleanType, 8] as const) : fibTypes[result];
  const shown: FibExpression['result'] = present ? 'check' : result;
  return selector({ kind: 'fib', flags, result: shown, span }, { type, bits, order: 'host' });
}

function osfTree({ ttl, version }: Of<'osf'>, span: Span): Tree {
  const node: OsfExpression = {
    kind: 'osf',
    key: version ? 'version' : 'name',
    ...(ttl !== 'true' && { ttl }),
    span,
  };
  return selector(node, fingerprintKey);
}

function ipsecTree({ direction, spnum, key: irName }: Of<'xfrm'>, span: Span): Tree {
  const key = known(ipsecByIrName, irName);
  const number = spnum === 0 ? {} : { spnum: numberNode(spnum, span) };
  return selector({ kind: 'ipsec', direction, ...number, ...splitKey(key), span } as Selector['node'], key);
}

const generated = { type: integerType, bits: 32, order: 'host' } as const;

function numgenTree({ mode, modulus, offset }: Of<'numgen'>, span: Span): Tree {
  const node: NumgenExpression = {
    kind: 'numgen',
    mode,
    modulus: numberNode(modulus, span),
    ...(offset !== 0 && { offset: numberNode(offset, span) }),
    span,
  };
  return selector(node, generated);
}

function hashTree({ source, length, seed, modulus, offset }: Of<'hash'>, registers: Registers): Hash {
  return {
    kind: 'hash',
    ...(source !== undefined && { source: registers.value(source, (length ?? 0) * 8) }),
    modulus,
    ...(seed !== undefined && { seed }),
    offset,
    ...generated,
  };
}
