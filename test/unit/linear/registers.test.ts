// Which registers the expressions of a rule use: the printed numbers are the reference's. What needs more than there
// are is refused.

import { describe, expect, it } from 'vitest';
import { isMissing } from '../../support/requirements.ts';
import { judge } from '../type/reference.ts';

const v6 = '2001:db8::1';
const declarations = [
  'set pairs { type ipv6_addr . inet_service; flags dynamic; size 10; }',
  'map targets { type ipv6_addr . inet_service : ipv6_addr . inet_service; flags dynamic; size 10; }',
  'map marks { type inet_service : mark; flags dynamic; size 10; }',
];

const rules: readonly string[] = [
  `ip6 saddr . ip6 daddr { ${v6} . ${v6} }`,
  `ip6 saddr . ip6 daddr . tcp dport { ${v6} . ${v6} . 5 }`,
  `ip6 saddr . ip6 daddr . ip6 saddr . ip6 daddr { ${v6} . ${v6} . ${v6} . ${v6} }`,
  `ip6 saddr . ip6 daddr . ip6 saddr . ip6 daddr . tcp dport { ${v6} . ${v6} . ${v6} . ${v6} . 5 }`,
  `iifname . oifname . ip6 saddr . tcp dport { "lo" . "lo" . ${v6} . 5 }`,
  `iifname . oifname . ip6 saddr . ip6 daddr { "lo" . "lo" . ${v6} . ${v6} }`,
  'meta mark . ct mark . meta mark . tcp dport . tcp sport { 1 . 2 . 3 . 4 . 5 }',
  'meta mark . tcp dport . meta l4proto vmap { 1 . 2 . tcp : accept, 3-4 . 5-6 . udp : drop }',
  'meta mark set ip6 saddr . tcp dport map { 2001:db8::1 . 5 : 7 }',
  'meta mark set jhash ip6 saddr . tcp dport mod 5',
  'meta mark set jhash ip6 saddr . ip6 daddr . tcp dport mod 5 seed 7 offset 9',
  'meta mark set (meta mark & 0xff) | 0x100',
  'meta mark set meta mark | ct mark',
  'meta mark set (meta mark ^ ct mark) & 0xff',
  'ct mark set meta mark << 8 | 5',
  'add @pairs { ip6 saddr . tcp dport }',
  'add @pairs { ip6 saddr . tcp dport limit rate 5/second }',
  'update @targets { ip6 saddr . tcp dport : ip6 daddr . tcp sport }',
  'update @marks { tcp dport : meta mark | 5 }',
  'add @marks { tcp dport : jhash ip6 saddr mod 5 }',
  'ip6 saddr & ffff:: == 2001::',
  'ip6 saddr 2001:db8::/29',
  'ip6 saddr 2001:db8::/32',
  'ip6 saddr != 2001:db8::1-2001:db8::5',
  'meta mark 5-10 meta mark != 7',
  'meta mark < 5 tcp dport > 10',
  'tcp dport . meta mark < 5',
  'ip6 dscp set ip6 dscp | 3',
  'ip6 saddr set ip6 daddr',
  'meta priority set tcp dport map { 5 : 1:2 }',
  'ct original ip6 saddr . ct original proto-dst { 2001:db8::1 . 5 }',
  'fib daddr . iif type local tcp dport 5',
];

describe.skipIf(isMissing('root', 'nft'))('registers', () => {
  it('are those of the reference', async () => {
    const { disagreements, accepted, refused } = await judge({ family: 'inet', declarations }, rules);
    expect(disagreements).toEqual([]);
    expect(accepted).toBeGreaterThan(20);
    expect(refused).toBeGreaterThan(1);
  });
});
