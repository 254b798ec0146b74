// Statements of rules: their arguments at the ends of what they take and beyond, in the chains where they belong.

import { describe, expect, it } from 'vitest';
import { isMissing } from '../../support/requirements.ts';
import { judge } from '../type/reference.ts';

const anywhere: readonly string[] = [
  ...[
    'counter',
    'counter packets 5 bytes 6',
    'counter packets 18446744073709551615 bytes 0',
    'counter packets 1',
  ],
  ...[
    'limit rate 5/second',
    'limit rate over 10/minute burst 7 packets',
    'limit rate 0/second',
    'limit rate 1/week',
  ],
  ...[
    'limit rate 10 kbytes/second burst 1 mbytes',
    'limit rate 17 mbytes/hour',
    'limit rate 1/day burst 213504 packets',
  ],
  ...['limit rate 5/second burst 4294967299 packets', 'limit rate 18446744073709551615/second'],
  ...[
    'quota 5 mbytes',
    'quota over 5 kbytes used 1 kbytes',
    'quota until 1 bytes used 5 bytes',
    'quota 17592186044416 mbytes',
  ],
  ...['last', 'last used never', 'last used 5s', 'last used 1d', 'ct count 5', 'ct count over 4294967299'],
  ...[
    'log',
    'log prefix "a b"',
    'log level warn',
    'log level audit',
    'log flags all',
    'log flags tcp sequence,options',
  ],
  ...[
    'log group 5 snaplen 100 queue-threshold 3',
    'log group 65541',
    'log level err group 2',
    'log prefix ""',
  ],
  ...[
    'meta mark set 5',
    'meta mark set 1-5',
    'meta priority set 1:5',
    'meta nftrace set 1',
    'meta nftrace set 2',
  ],
  ...[
    'ct mark set 5',
    'ct zone set 65535',
    'ct label set 127',
    'ct event set new,destroy',
    'ct state set new',
  ],
  ...[
    'ip ttl set 5',
    'ip dscp set af11',
    'tcp dport set 80',
    'ip saddr set 1.1.1.1',
    'udp checksum set 0',
    'ip ecn set 1',
  ],
  ...[
    'ip6 flowlabel set 5',
    'ip6 hoplimit set 5',
    'tcp flags set syn',
    'tcp option maxseg size set 1400',
    '@th,16,16 set 5',
  ],
  ...[
    '@nh,8,4 set 5',
    '@nh,0,16 set 70000',
    'tcp dport set 80-90',
    'ip version set 4',
    'reset tcp option sack-perm',
  ],
  ...[
    'jump d',
    'goto d',
    'return',
    'continue',
    'accept',
    'drop',
    'jump c',
    'jump nowhere',
    'jump { counter; accept; }',
  ],
  ...[
    'reject',
    'reject with icmpx port-unreachable',
    'reject with icmp 256',
    'tcp dport 5 reject with tcp reset',
  ],
  ...[
    'synproxy mss 1460 wscale 7 timestamp sack-perm',
    'synproxy wscale 15',
    'synproxy mss 70000',
    'dup to 1.1.1.1',
    'fwd to lo',
  ],
];

const translating: readonly string[] = [
  ...[
    'dnat to 1.1.1.1',
    'dnat to 1.1.1.1-1.1.1.5',
    'dnat to 1.1.1.0/24',
    'dnat to 1.1.1.1:80',
    'dnat to :80',
  ],
  ...[
    'tcp dport 5 dnat to 1.1.1.1:80',
    'tcp dport 5 dnat to 1.1.1.1:80-90',
    'tcp dport 5 dnat to :80',
    'dnat ip6 to ::1',
  ],
  ...[
    'tcp dport 5 dnat to 1.1.1.1-1.1.1.5:80-90 random,persistent',
    'dnat prefix to 10.0.0.0/24',
    'dnat to ip saddr',
  ],
  ...[
    'dnat to ip saddr map { 1.1.1.1 : 2.2.2.2, 3.3.3.3 : 4.4.4.4-4.4.4.9 }',
    'tcp dport 5 redirect to :80-90',
    'redirect',
  ],
  ...[
    'dnat ip prefix to ip daddr map { 10.0.0.0/24 : 10.1.0.0/24 }',
    'tcp dport 5 redirect to :tcp sport map { 1 : 5-6 }',
  ],
  ...[
    'meta l4proto tcp dnat ip to ip saddr . tcp dport map { 1.1.1.1 . 5 : 2.2.2.2 . 6 }',
    'redirect to :80',
    'masquerade',
  ],
  ...[
    'meta l4proto tcp dnat to ip saddr map { 1.1.1.1 : 2.2.2.2 . 6-8 }',
    'dnat to numgen inc mod 2 map { 0 : 1.1.1.1, 1 : 1.1.1.2 }',
  ],
  ...[
    'dnat to 1.1.1.1 fully-random',
    'snat to 1.1.1.1',
    'dnat to 1.1.1.1 accept',
    'dnat to ::1',
    'dnat to "lo"',
  ],
];

const early: readonly string[] = [
  ...[
    'notrack',
    'tcp dport 5 tproxy to :80',
    'tcp dport 5 tproxy to 1.1.1.1',
    'tproxy to :80',
    'udp dport 5 tproxy to 1.1.1.1:80',
  ],
  ...[
    'tcp dport 5 tproxy to 1.1.1.1-1.1.1.5',
    'tcp dport 5 tproxy to :80-90',
    'dup to 1.1.1.1 device lo',
    'dup to ip saddr',
  ],
];

describe.skipIf(isMissing('root', 'nft'))('statements', () => {
  it('of any chain are those of the reference', async () => {
    const { disagreements, accepted, refused } = await judge(
      [{ family: 'ip' }, { family: 'inet' }],
      anywhere,
    );
    expect(disagreements).toEqual([]);
    expect(accepted).toBeGreaterThan(anywhere.length);
    expect(refused).toBeGreaterThan(anywhere.length / 4);
  });

  it('of chains that translate addresses are those of the reference', async () => {
    const hook = 'type nat hook prerouting priority 0;';
    const { disagreements, accepted } = await judge(
      [
        { family: 'ip', hook },
        { family: 'inet', hook },
      ],
      translating,
    );
    expect(disagreements).toEqual([]);
    expect(accepted).toBeGreaterThan(translating.length / 2);
  });

  it('of chains in front of connection tracking are those of the reference', async () => {
    const hook = 'type filter hook prerouting priority -400;';
    const { disagreements, accepted } = await judge(
      [
        { family: 'ip', hook },
        { family: 'inet', hook },
      ],
      early,
    );
    expect(disagreements).toEqual([]);
    expect(accepted).toBeGreaterThan(early.length / 2);
  });
});
