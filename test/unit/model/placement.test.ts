// Where features may run, against what this kernel accepts.

import { describe, expect, it } from 'vitest';
import type { Family } from '../../../src/model/family.ts';
import { type ChainType, hooksOf, takesDevices } from '../../../src/model/hooks.ts';
import { chainTypeOf, type Feature, placesOf, untrackedFamilies } from '../../../src/model/placement.ts';
import { loadWithNft } from '../../support/nft.ts';
import { isMissing } from '../../support/requirements.ts';

const families: readonly Family[] = ['ip', 'ip6', 'inet', 'bridge', 'arp', 'netdev'];

/** A rule of each feature; where `ip` and `ip6` differ, the second is for ip6. */
const rules: Readonly<Record<Feature, string | readonly [string, string]>> = {
  snat: ['snat ip to 1.2.3.4', 'snat ip6 to ::1'],
  dnat: ['dnat ip to 1.2.3.4', 'dnat ip6 to ::1'],
  masquerade: 'masquerade',
  redirect: 'redirect',
  reject: 'reject',
  'fib oif': 'fib saddr oif 1',
  'fib type': 'fib daddr type local',
  'fib type with iif': 'fib daddr . iif type local',
  'fib type with oif': 'fib daddr . oif type local',
  tproxy: 'meta l4proto tcp tproxy to :22',
  synproxy: 'meta l4proto tcp synproxy mss 1460 wscale 7',
  flow: 'flow add @f',
  'meta pkttype set': 'meta pkttype set host',
  'meta broute set': 'meta broute set 1',
  'meta sdif': 'meta sdif 1',
  'meta ipsec': 'meta ipsec exists',
  rt: 'rt classid 5',
  'rt mtu': 'rt mtu 5',
  socket: 'socket transparent 1',
  osf: 'osf name "x"',
  'ipsec in': 'ipsec in reqid 1',
  'ipsec out': 'ipsec out reqid 1',
};

function load(family: Family, type: ChainType, hook: string, device: boolean, rule: string): string {
  const on = device ? ' device lo' : '';
  const flowtable = rule.startsWith('flow')
    ? 'flowtable f { hook ingress priority 0; devices = { lo }; }\n'
    : '';
  const chain = `chain c { type ${type} hook ${hook}${on} priority 0;\n${rule}\n}`;
  const answer = loadWithNft(`table ${family} t {\n${flowtable}${chain}\n}\n`);
  return answer.ok ? '' : answer.stderr;
}

/** Needs NFT_BRIDGE_META; without it the kernel gives the answer that a wrong hook gets. */
const bridgeMeta: readonly Feature[] = ['meta broute set'];

/** The kernel of this machine may lack a feature in a family altogether. */
const isLacking = (error: string): boolean =>
  error.includes('No such file') || error.includes('Protocol error');

describe.skipIf(isMissing('root', 'nft'))('where features run', () => {
  it.each(Object.keys(rules) as Feature[])('%s', feature => {
    const given = rules[feature];
    for (const family of families) {
      const rule = typeof given === 'string' ? given : given[family === 'ip6' ? 1 : 0];
      const type = chainTypeOf(feature) ?? 'filter';
      for (const hook of hooksOf(family, type)) {
        const error = load(family, type, hook, takesDevices(hook), rule);
        if (isLacking(error) || (family === 'bridge' && bridgeMeta.includes(feature))) continue;
        expect(error === '', `${family} ${hook} ${error}`).toBe(placesOf(feature, family).includes(hook));
      }
      if (type === 'nat') {
        const [hook] = placesOf(feature, family);
        if (hook !== undefined) expect(load(family, 'filter', hook, false, rule)).not.toBe('');
      }
    }
  });

  it('conntrack', () => {
    for (const family of untrackedFamilies) {
      for (const hook of hooksOf(family, 'filter')) {
        expect(load(family, 'filter', hook, takesDevices(hook), 'ct state new')).toContain('Protocol error');
      }
    }
    expect(load('inet', 'filter', 'ingress', true, 'ct state new')).toBe('');
  });
});
