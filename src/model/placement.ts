// Where the kernel lets statements and expressions run: it checks every rule that a base chain reaches against the hook
// of that base chain. Families that are not named have no place for the feature at all.

import type { Family, Hook } from './family.ts';
import type { ChainType } from './hooks.ts';

export type Feature =
  | 'snat'
  | 'dnat'
  | 'masquerade'
  | 'redirect'
  | 'reject'
  | 'fib oif'
  | 'fib type'
  | 'fib type with iif'
  | 'fib type with oif'
  | 'tproxy'
  | 'synproxy'
  | 'flow'
  | 'meta pkttype set'
  | 'meta broute set'
  | 'meta sdif'
  | 'meta ipsec'
  | 'rt'
  | 'rt mtu'
  | 'socket'
  | 'osf'
  | 'ipsec in'
  | 'ipsec out';

/** Hooks by family; `routed` are ip, ip6 and inet, of which only inet has ingress. */
interface Places {
  readonly chainType?: ChainType;
  readonly routed: readonly Hook[];
  readonly bridge?: readonly Hook[];
  readonly netdev?: readonly Hook[];
  /** Not in ip6, though it is a routed family. */
  readonly notIp6?: boolean;
}

const entering: readonly Hook[] = ['prerouting', 'input', 'forward'];
const leaving: readonly Hook[] = ['forward', 'output', 'postrouting'];
const everywhere: readonly Hook[] = ['prerouting', 'input', 'forward', 'output', 'postrouting'];

const places: Readonly<Record<Feature, Places>> = {
  snat: { chainType: 'nat', routed: ['input', 'postrouting'] },
  dnat: { chainType: 'nat', routed: ['prerouting', 'output'] },
  masquerade: { chainType: 'nat', routed: ['postrouting'] },
  redirect: { chainType: 'nat', routed: ['prerouting', 'output'] },
  reject: {
    routed: [...entering, 'output', 'ingress'],
    bridge: ['prerouting', 'input'],
    netdev: ['ingress'],
  },
  'fib oif': { routed: entering, netdev: ['ingress'] },
  'fib type': { routed: everywhere, netdev: ['ingress', 'egress'] },
  'fib type with iif': { routed: entering, netdev: ['ingress'] },
  'fib type with oif': { routed: leaving, netdev: ['egress'] },
  tproxy: { routed: ['prerouting'] },
  synproxy: { routed: ['input', 'forward'] },
  flow: { routed: ['forward'] },
  'meta pkttype set': { routed: ['prerouting'], bridge: ['prerouting'], netdev: ['ingress'] },
  'meta broute set': { routed: [], bridge: ['prerouting'] },
  'meta sdif': { routed: ['input', 'forward'] },
  'meta ipsec': { routed: entering, netdev: ['ingress'] },
  rt: { routed: [...everywhere, 'ingress'] },
  'rt mtu': { routed: leaving },
  socket: { routed: ['prerouting', 'input', 'output'] },
  osf: { routed: entering, notIp6: true },
  'ipsec in': { routed: entering },
  'ipsec out': { routed: leaving },
};

/** The hooks of a family on which the feature may run. */
export function placesOf(feature: Feature, family: Family): readonly Hook[] {
  const { routed, bridge = [], netdev = [], notIp6 = false } = places[feature];
  if (family === 'bridge') return bridge;
  if (family === 'netdev') return netdev;
  if (family === 'arp' || (family === 'ip6' && notIp6)) return [];
  return family === 'inet' ? routed : routed.filter(hook => hook !== 'ingress');
}

/** The only type of chain that the feature may run in, if it is not free in that. */
export function chainTypeOf(feature: Feature): ChainType | undefined {
  return places[feature].chainType;
}

/** Families whose packets have no connections: `ct` is refused in any of their chains. */
export const untrackedFamilies: readonly Family[] = ['arp', 'netdev'];
