// Keys that are computed, and what is looked up in sets and maps by them: how long the elements may be, which type they
// must have; and fields inside of tunnels, also as the key of what statements take.

import { describe, expect, it } from 'vitest';
import { isMissing } from '../../support/requirements.ts';
import { judge, type Place } from './reference.ts';

const keys: readonly string[] = [
  ...[
    'ip dscp',
    'ip6 dscp',
    'ip version',
    'ip protocol',
    'ip6 flowlabel',
    'tcp dport',
    'tcp doff',
    'tcp sequence',
  ],
  ...[
    'meta mark',
    'meta cpu',
    'ct zone',
    'ct mark',
    'icmp type',
    'vlan id',
    'vlan pcp',
    '@th,5,6',
    '@th,16,16',
  ],
];
const operations: readonly string[] = ['& 3', '| 3', '^ 3', '<< 1', '>> 1', '>> 3', '>> 9'];
const forms: readonly string[] = [
  'KEY 2',
  'KEY { 2, 4 }',
  'KEY { 2, 4-6 }',
  'KEY vmap { 2 : accept, 4 : drop }',
  'meta mark set KEY map { 2 : 1, 4 : 2 }',
];

const computed = keys.flatMap(key =>
  operations.flatMap(operation => forms.map(form => form.replace('KEY', `${key} ${operation}`))),
);

const tunnelled: readonly string[] = [
  ...['gretap', 'gre', 'udp dport 4789 vxlan', 'vxlan', 'geneve'].flatMap(tunnel => [
    `${tunnel} th dport 5`,
    `${tunnel} th sport { 5, 6 }`,
    `${tunnel} ip protocol udp ${tunnel.replace(/^.* /, '')} th dport 5`,
  ]),
  'gretap th sport 5 gretap udp dport 6',
  'gretap th dport set 5',
  'meta mark set gre th sport',
];

const translated: readonly string[] = [
  'meta l4proto { tcp, udp } redirect to gretap ip checksum map { 1 : 5 }',
  'redirect to gretap ip checksum map { 1 : 5 }',
  'udp dport 5 dnat ip to gretap ip saddr map { 1.1.1.1 : 2.2.2.2 } : gretap ip checksum map { 5 : 6 }',
  'udp dport 5 dnat ip to gretap ip saddr map { 1.1.1.1 : 2.2.2.2 . 5 }',
  'dnat ip to gretap ip saddr map { 1.1.1.1 : 2.2.2.2 . 5 }',
];

const others: readonly string[] = [
  ...[
    'check exists',
    'check != exists',
    'oif exists',
    'oif > missing',
    'oifname exists',
    'type local',
  ].flatMap(result => ['daddr', 'daddr . iif', 'daddr . oif'].map(key => `fib ${key} ${result}`)),
  ...['@ih,4294967296,8 2', '@nh,4294967304,8 2', '@nh,4299161600,8 2', '@nh,18446744073709551608,8 2'],
  ...[
    'ct original bytes | udplite checksum',
    'ct original bytes | ct mark',
    'ct mark | udplite checksum',
  ].flatMap(value =>
    ['ct mark', 'ct original zone', '@nh,0,64', '@nh,0,16'].map(target => `${target} set ${value}`),
  ),
  ...['ct mark << 5', 'ct original bytes << 5', 'meta cpu & 3', 'meta cpu'].map(
    value => `@nh,0,64 set ${value}`,
  ),
  'meter m { ip saddr timeout 1m ct count over 3 }',
  'meter m { ip saddr ct count over 3 }',
  'ip length 5 ct reply saddr 192.0.2.1',
];

const inet: Place = { family: 'inet' };

describe.skipIf(isMissing('root', 'nft'))('as the reference takes them', () => {
  it.each<readonly [string, Place, readonly string[]]>([
    ['keys that are computed', inet, computed],
    ['ports inside of tunnels', inet, tunnelled],
    [
      'keys of what is translated to',
      { family: 'inet', hook: 'type nat hook prerouting priority 0;' },
      translated,
    ],
    ['routes, raw payloads and meters', inet, others],
    ['the same in bridges', { family: 'bridge' }, others.filter(rule => !rule.startsWith('fib'))],
  ])(
    '%s',
    async (_, place, rules) => {
      const { disagreements } = await judge(place, rules);
      expect(disagreements.join('\n')).toBe('');
    },
    60_000,
  );
});
