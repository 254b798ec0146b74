// Base chains: which type may stand on which hook of which family, hook numbers, priorities by name, policies.

import type { Family, Hook } from './family.ts';

export type ChainType = 'filter' | 'nat' | 'route';

/** Hook numbers of each family as the kernel counts them (NF_INET_*, NF_ARP_*, NF_NETDEV_*). */
const inetHooks: Readonly<Partial<Record<Hook, number>>> = {
  prerouting: 0,
  input: 1,
  forward: 2,
  output: 3,
  postrouting: 4,
};

export const hookNumbers: Readonly<Record<Family, Readonly<Partial<Record<Hook, number>>>>> = {
  ip: inetHooks,
  ip6: inetHooks,
  inet: { ...inetHooks, ingress: 5 },
  bridge: inetHooks,
  arp: { input: 0, output: 1 },
  netdev: { ingress: 0, egress: 1 },
};

const natHooks: readonly Hook[] = ['prerouting', 'input', 'output', 'postrouting'];
const allHooks = (family: Family): readonly Hook[] => Object.keys(hookNumbers[family]) as Hook[];

/** Hooks that a chain of this type may be registered on; empty where the family has no such type. */
export function hooksOf(family: Family, type: ChainType): readonly Hook[] {
  if (type === 'filter') return allHooks(family);
  const routed = family === 'ip' || family === 'ip6' || family === 'inet';
  if (!routed) return [];
  return type === 'nat' ? natHooks : ['output'];
}

/** Hooks of devices: elsewhere a chain takes none. A chain there that names no device is accepted and never runs. */
export function takesDevices(hook: Hook): boolean {
  return hook === 'ingress' || hook === 'egress';
}

/** A priority's name, its number, and where it may be used. */
interface PriorityName {
  readonly name: string;
  readonly value: number;
  readonly hooks?: readonly Hook[];
}

const filterPriority: PriorityName = { name: 'filter', value: 0 };

const routedPriorities: readonly PriorityName[] = [
  { name: 'raw', value: -300 },
  { name: 'mangle', value: -150 },
  { name: 'dstnat', value: -100, hooks: ['prerouting', 'output'] },
  filterPriority,
  { name: 'security', value: 50 },
  { name: 'srcnat', value: 100, hooks: ['input', 'postrouting'] },
];

const bridgePriorities: readonly PriorityName[] = [
  { name: 'dstnat', value: -300, hooks: ['prerouting'] },
  { name: 'filter', value: -200 },
  { name: 'out', value: 100, hooks: ['output'] },
  { name: 'srcnat', value: 300, hooks: ['postrouting'] },
];

const prioritiesOf: Readonly<Record<Family, readonly PriorityName[]>> = {
  ip: routedPriorities,
  ip6: routedPriorities,
  inet: routedPriorities,
  bridge: bridgePriorities,
  arp: [filterPriority],
  netdev: [filterPriority],
};

/** The names that a chain on this hook may use. */
export function priorityNames(family: Family, hook: Hook): readonly string[] {
  return prioritiesOf[family]
    .filter(entry => entry.hooks === undefined || entry.hooks.includes(hook))
    .map(entry => entry.name);
}

/** The number of a priority's name, `undefined` if this family and hook have no such name. */
export function priorityByName(family: Family, hook: Hook, name: string): number | undefined {
  return prioritiesOf[family].find(
    entry => entry.name === name && (entry.hooks === undefined || entry.hooks.includes(hook)),
  )?.value;
}

/** NAT needs conntrack's look-up to have run: the kernel refuses its chains at or before this priority. */
export const lastPriorityBeforeNat = -200;

/** The policy of a base chain that states none. */
export const defaultPolicy = 'accept';

/** How far from a name's number a priority may be and still be listed by the name and the difference. */
const nearPriority = 10;

/** The name that a priority is listed by; `undefined` if there is none close to it. */
export function nearestPriority(
  family: Family,
  hook: Hook,
  priority: number,
): { readonly name: string; readonly value: number } | undefined {
  return prioritiesOf[family].find(
    ({ value, hooks }) =>
      Math.abs(priority - value) <= nearPriority && (hooks === undefined || hooks.includes(hook)),
  );
}
