// One hand-made expression for each operation and form, against the line nft prints for a rule that has it.

import { describe, expect, it } from 'vitest';
import type { Expression, Register, SetId, Value } from '../../../src/lower/linear/ir.ts';
import { expressionText } from '../../../src/lower/linear/print-expression.ts';
import { checkWithNft } from '../../support/nft.ts';
import { isMissing } from '../../support/requirements.ts';

const word = (index: number): Register => index as Register;
const set = 7 as SetId;
const r1 = word(0);
const r2 = word(4);

function value(order: 'network' | 'host', ...bytes: readonly number[]): Value {
  return { bytes: Uint8Array.from(bytes), parts: [{ length: bytes.length, order }] };
}

const big = (...bytes: readonly number[]): Value => value('network', ...bytes);
const host = (...bytes: readonly number[]): Value => value('host', ...bytes);
const zeros = (count: number): readonly number[] => Array.from({ length: count }, () => 0);

/** [family, rule, the expression that nft's print of it must hold a line for] */
type Row = readonly [family: string, rule: string, expression: Expression];

const rows: readonly Row[] = [
  ['ip', 'ip saddr 1.2.3.4', { op: 'payload', base: 'network', offset: 12, length: 4, dest: r1 }],
  ['ip', 'ip saddr 1.2.3.4', { op: 'cmp', operator: 'eq', source: r1, value: big(1, 2, 3, 4) }],
  [
    'bridge',
    'ether saddr != 0:0:0:0:0:1',
    { op: 'cmp', operator: 'neq', source: r1, value: big(0, 0, 0, 0, 0, 1) },
  ],
  ['bridge', 'ether saddr 0:0:0:0:0:1', { op: 'payload', base: 'link', offset: 6, length: 6, dest: r1 }],
  ['ip', '@ih,0,16 5', { op: 'payload', base: 'inner', offset: 0, length: 2, dest: r1 }],
  ['ip', 'tcp dport > 22', { op: 'cmp', operator: 'gt', source: r1, value: big(0, 22) }],
  ['ip', 'meta mark 5', { op: 'cmp', operator: 'eq', source: r1, value: host(5, 0, 0, 0) }],
  [
    'ip',
    'iifname "eth0"',
    { op: 'cmp', operator: 'eq', source: r1, value: big(0x65, 0x74, 0x68, 0x30, ...zeros(12)) },
  ],
  ['ip', 'iifname "eth*"', { op: 'cmp', operator: 'eq', source: r1, value: big(0x65, 0x74, 0x68) }],
  [
    'ip',
    'ct label 9',
    {
      op: 'bitwise',
      source: r1,
      dest: r1,
      length: 16,
      mask: host(0, 2, ...zeros(14)),
      xor: host(...zeros(16)),
    },
  ],
  [
    'ip',
    'ip ttl set 5',
    {
      op: 'payload_write',
      base: 'network',
      offset: 8,
      length: 2,
      source: r1,
      checksumType: 1,
      checksumOffset: 10,
      checksumFlags: 0,
    },
  ],
  [
    'ip',
    'ip saddr set 1.2.3.4',
    {
      op: 'payload_write',
      base: 'network',
      offset: 12,
      length: 4,
      source: r1,
      checksumType: 1,
      checksumOffset: 10,
      checksumFlags: 1,
    },
  ],
  [
    'ip',
    'tcp option maxseg size 5',
    { op: 'exthdr', header: 'tcpopt', type: 2, offset: 2, length: 2, present: false, dest: r1 },
  ],
  [
    'ip',
    'ip option rr exists',
    { op: 'exthdr', header: 'ipv4', type: 7, offset: 0, length: 1, present: true, dest: r1 },
  ],
  [
    'ip6',
    'sctp chunk data exists',
    { op: 'exthdr', header: 'sctp', type: 0, offset: 0, length: 1, present: true, dest: r1 },
  ],
  [
    'ip',
    'tcp option maxseg size set 1400',
    { op: 'exthdr_write', header: 'tcpopt', type: 2, offset: 2, length: 2, source: r1 },
  ],
  ['ip', 'reset tcp option sack-perm', { op: 'exthdr_reset', header: 'tcpopt', type: 4 }],
  ['ip', 'meta mark 5', { op: 'meta', key: 'mark', dest: r1 }],
  ['ip', 'meta mark set 5', { op: 'meta_set', key: 'mark', source: r1 }],
  ['ip', 'ct state new', { op: 'ct', key: 'state', dest: r1 }],
  ['ip', 'ct original packets 5', { op: 'ct', key: 'packets', direction: 'original', dest: r1 }],
  ['ip', 'ct mark set 5', { op: 'ct_set', key: 'mark', source: r1 }],
  ['ip', 'ct reply zone set 5', { op: 'ct_set', key: 'zone', direction: 'reply', source: r1 }],
  ['ip', 'tcp dport 22-23', { op: 'range', invert: false, source: r1, from: big(0, 22), to: big(0, 23) }],
  ['ip', 'tcp dport != 22-23', { op: 'range', invert: true, source: r1, from: big(0, 22), to: big(0, 23) }],
  [
    'ip',
    'ip saddr & 255.0.255.0 == 1.0.3.0',
    { op: 'bitwise', source: r1, dest: r1, length: 4, mask: big(255, 0, 255, 0), xor: big(0, 0, 0, 0) },
  ],
  [
    'ip',
    'meta mark set meta mark << 3',
    { op: 'bitwise_shift', direction: 'left', source: r1, dest: r1, length: 4, shift: 3 },
  ],
  [
    'ip',
    'meta mark set ct mark >> 17',
    { op: 'bitwise_shift', direction: 'right', source: r1, dest: r1, length: 4, shift: 17 },
  ],
  [
    'ip',
    'meta mark set meta mark | ct mark',
    { op: 'bitwise_register', operator: 'or', source: r1, source2: r2, dest: r1, length: 4 },
  ],
  ['ip', 'meta mark > 5', { op: 'byteorder', direction: 'hton', source: r1, dest: r1, length: 4, size: 4 }],
  ['ip', 'meta mark set ip dscp map { 0 : 5 }', { op: 'lookup', source: r1, set, invert: false, dest: r1 }],
  ['ip', 'tcp dport != { 22, 23 }', { op: 'lookup', source: r1, set, invert: true }],
  ['ip', 'tcp dport vmap { 22 : accept }', { op: 'lookup', source: r1, set, invert: false, dest: 'verdict' }],
  ['ip', 'meta mark set 5', { op: 'immediate', dest: r1, value: host(5, 0, 0, 0) }],
  ['ip', 'accept', { op: 'verdict', verdict: { kind: 'accept' } }],
  ['ip', 'jump other', { op: 'verdict', verdict: { kind: 'jump', chain: 'other' } }],
  ['ip', 'goto other', { op: 'verdict', verdict: { kind: 'goto', chain: 'other' } }],
  ['ip', 'counter packets 5 bytes 6', { op: 'counter', packets: 5n, bytes: 6n }],
  [
    'ip',
    'limit rate 5/hour burst 7 packets',
    { op: 'limit', rate: 5n, unit: 3600n, burst: 7, type: 'packets', over: false },
  ],
  [
    'ip',
    'limit rate over 5 bytes/week',
    { op: 'limit', rate: 5n, unit: 604800n, burst: 0, type: 'bytes', over: true },
  ],
  ['ip', 'quota over 5 bytes', { op: 'quota', bytes: 5n, consumed: 0n, over: true }],
  ['ip', 'quota 5 bytes used 3 bytes', { op: 'quota', bytes: 5n, consumed: 3n, over: false }],
  ['ip', 'log', { op: 'log', flags: 0 }],
  [
    'ip',
    'log prefix "a b " level err flags ip options flags skuid flags tcp sequence',
    { op: 'log', prefix: 'a b ', level: 3, flags: 13 },
  ],
  ['ip', 'log flags ether', { op: 'log', flags: 32 }],
  ['ip', 'log group 2 snaplen 5', { op: 'log', group: 2, snaplen: 5, flags: 0 }],
  ['ip', 'counter name "c"', { op: 'objref', type: 1, name: 'c' }],
  ['ip', 'counter name tcp dport map { 22 : "c" }', { op: 'objref_map', source: r1, set }],
  ['ip', 'meta mark set numgen inc mod 5', { op: 'numgen', mode: 'inc', modulus: 5, offset: 0, dest: r1 }],
  [
    'ip',
    'meta mark set numgen random mod 5 offset 3',
    { op: 'numgen', mode: 'random', modulus: 5, offset: 3, dest: r1 },
  ],
  [
    'ip',
    'meta mark set jhash ip saddr mod 5 seed 0xbeef offset 3',
    { op: 'hash', type: 'jenkins', source: r2, length: 4, seed: 0xbeef, modulus: 5, offset: 3, dest: r1 },
  ],
  ['ip', 'meta mark set symhash mod 5', { op: 'hash', type: 'symmetric', modulus: 5, offset: 0, dest: r1 }],
  ['ip', 'reject with icmp net-unreachable', { op: 'reject', type: 0, code: 0 }],
  ['ip', 'notrack', { op: 'notrack' }],
  ['ip', 'last', { op: 'last' }],
  ['ip', 'last used 5s', { op: 'last', milliseconds: 5000n }],
  ['ip', 'ct count over 5', { op: 'connlimit', count: 5, over: true }],
  [
    'ip',
    'fib saddr . iif oif exists',
    { op: 'fib', flags: ['saddr', 'iif'], result: 'oif', present: true, dest: r1 },
  ],
  ['ip', 'fib daddr type local', { op: 'fib', flags: ['daddr'], result: 'type', present: false, dest: r1 }],
  ['ip', 'rt nexthop 1.2.3.4', { op: 'rt', key: 'nexthop4', dest: r1 }],
  ['ip', 'socket transparent 1', { op: 'socket', key: 'transparent', dest: r1 }],
  ['ip', 'osf name "Linux"', { op: 'osf', ttl: 'true', version: false, dest: r1 }],
  ['ip', 'ipsec in ip saddr 1.2.3.4', { op: 'xfrm', direction: 'in', spnum: 0, key: 'saddr4', dest: r1 }],
  ['ip', 'tunnel id 5', { op: 'tunnel', key: 'id', dest: r1 }],
  [
    'ip',
    'udp dport 4789 vxlan ip saddr 1.2.3.4',
    {
      op: 'inner',
      type: 1,
      headerSize: 8,
      flags: 15,
      expression: { op: 'payload', base: 'network', offset: 12, length: 4, dest: r1 },
    },
  ],
  [
    'ip',
    'udp dport 4789 vxlan vni 5',
    {
      op: 'inner',
      type: 1,
      headerSize: 8,
      flags: 15,
      expression: { op: 'payload', base: 'tunnel', offset: 4, length: 3, dest: r1 },
    },
  ],
  ['ip', 'snat to 1.2.3.4', { op: 'nat', type: 'snat', family: 'ip', addressMin: r1, flags: 0 }],
  [
    'ip',
    'meta l4proto tcp dnat to 1.2.3.4-1.2.3.9:22-23 random',
    {
      op: 'nat',
      type: 'dnat',
      family: 'ip',
      addressMin: r1,
      addressMax: r2,
      protoMin: word(8),
      protoMax: word(12),
      flags: 6,
    },
  ],
  ['ip', 'masquerade random,persistent', { op: 'masq', flags: 12 }],
  ['ip', 'masquerade', { op: 'masq', flags: 0 }],
  ['ip', 'tcp dport 22 redirect to :23', { op: 'redir', protoMin: r1, flags: 2 }],
  ['ip', 'meta l4proto tcp tproxy to 1.2.3.4:22', { op: 'tproxy', family: 'ip', address: r1, port: r2 }],
  ['ip', 'queue', { op: 'queue', first: 0, total: 1, flags: 0 }],
  ['ip', 'queue flags bypass,fanout to 3-5', { op: 'queue', first: 3, total: 3, flags: 3 }],
  ['ip', 'queue to numgen inc mod 5', { op: 'queue_register', source: r1, flags: 0 }],
  ['ip', 'dup to 1.2.3.4 device "lo"', { op: 'dup', address: r1, device: r2 }],
  ['netdev', 'dup to "lo"', { op: 'dup', device: r1 }],
  ['netdev', 'fwd to "lo"', { op: 'fwd', device: r1 }],
  ['netdev', 'fwd ip to 1.2.3.4 device "lo"', { op: 'fwd', device: r1, address: r2, family: 'ip' }],
  ['ip', 'synproxy mss 1460 wscale 7', { op: 'synproxy', mss: 1460, wscale: 7, flags: 3 }],
  [
    'ip',
    'update @d { ip saddr timeout 5s counter }',
    {
      op: 'dynset',
      operation: 'update',
      set,
      key: r1,
      timeout: 5000n,
      expressions: [{ op: 'counter', packets: 0n, bytes: 0n }],
    },
  ],
  ['ip', 'delete @d { ip saddr }', { op: 'dynset', operation: 'delete', set, key: r1, expressions: [] }],
  ['ip', 'flow add @f', { op: 'flow_offload', flowtable: 'f' }],
];

/** What rules may refer to; flow tables and nat need a base chain. */
function ruleset(family: string, rule: string): string {
  const declared =
    family === 'ip'
      ? 'set d { type ipv4_addr; flags dynamic,timeout; }\ncounter c { }\nflowtable f { hook ingress priority 0; devices = { lo }; }\n'
      : '';
  return `table ${family} t {\n${declared}chain other { }\nchain r {\n${rule}\n}\n}\n`;
}

const names = /set (__set%d|__map%d|__objmap%d|d)( |$)/;

describe.skipIf(isMissing('root', 'nft'))('expressions as nft prints them', () => {
  it.each(rows)('%s: %s', (family, rule, expression) => {
    const { stdout, stderr } = checkWithNft(ruleset(family, rule));
    const name = names.exec(stdout)?.[1] ?? '?';
    expect(stdout, stderr).toContain(`  [ ${expressionText(expression, () => name)} ]\n`);
  });

  it('covers every operation', () => {
    const covered = new Set(rows.map(([, , expression]) => expression.op));
    const source: readonly Expression['op'][] = [
      'payload',
      'payload_write',
      'exthdr',
      'exthdr_write',
      'exthdr_reset',
      'meta',
      'meta_set',
      'ct',
      'ct_set',
      'cmp',
      'range',
      'bitwise',
      'bitwise_shift',
      'bitwise_register',
      'byteorder',
      'lookup',
      'immediate',
      'verdict',
      'counter',
      'limit',
      'quota',
      'log',
      'objref',
      'objref_map',
      'numgen',
      'hash',
      'reject',
      'notrack',
      'last',
      'connlimit',
      'fib',
      'rt',
      'socket',
      'osf',
      'xfrm',
      'tunnel',
      'inner',
      'nat',
      'masq',
      'redir',
      'tproxy',
      'queue',
      'queue_register',
      'dup',
      'fwd',
      'synproxy',
      'dynset',
      'flow_offload',
    ];
    expect(source.filter(op => !covered.has(op))).toEqual([]);
  });
});
