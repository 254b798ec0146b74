// Which nodes are features that the kernel allows on some hooks only.

import type { Feature } from '../../model/placement.ts';
import type { Span } from '../../source/span.ts';

/** Any node, for a walk that looks at few kinds and passes through all others. */
export interface AnyNode {
  readonly kind: string;
  readonly span: Span;
  readonly [property: string]: unknown;
}

/** `ct` stands for everything that needs connection tracking. */
export interface Used {
  readonly feature: Feature | 'ct';
  readonly span: Span;
}

function fibFeature({ result, flags }: AnyNode): Feature {
  if (result !== 'type') return 'fib oif';
  const used = flags as readonly string[];
  if (used.includes('iif')) return 'fib type with iif';
  return used.includes('oif') ? 'fib type with oif' : 'fib type';
}

function metaFeature({ key }: AnyNode): Feature | undefined {
  if (key === 'sdif' || key === 'sdifname') return 'meta sdif';
  return key === 'ipsec' ? 'meta ipsec' : undefined;
}

function assignFeature({ target }: AnyNode): Feature | undefined {
  const { kind, key } = target as AnyNode;
  if (kind !== 'meta') return undefined;
  if (key === 'broute') return 'meta broute set';
  return key === 'pkttype' ? 'meta pkttype set' : undefined;
}

const trackedObjects = ['ct helper', 'ct timeout', 'ct expectation'];

type Finder = (node: AnyNode) => Used['feature'] | undefined;

const finders: Readonly<Record<string, Finder>> = {
  nat: ({ action }) => action as Feature,
  reject: () => 'reject',
  fib: fibFeature,
  tproxy: () => 'tproxy',
  synproxy: () => 'synproxy',
  flow: () => 'flow',
  assign: assignFeature,
  meta: metaFeature,
  rt: ({ key }) => (key === 'mtu' ? 'rt mtu' : 'rt'),
  socket: () => 'socket',
  osf: () => 'osf',
  ipsec: ({ direction }) => (direction === 'in' ? 'ipsec in' : 'ipsec out'),
  ct: () => 'ct',
  connlimit: () => 'ct',
  object_reference: ({ objectType }) => {
    if (objectType === 'synproxy') return 'synproxy';
    return trackedObjects.includes(String(objectType)) ? 'ct' : undefined;
  },
};

/** What a node is, if it is one of them. */
export function featureOf(node: AnyNode): Used['feature'] | undefined {
  return Object.hasOwn(finders, node.kind) ? finders[node.kind]!(node) : undefined;
}
