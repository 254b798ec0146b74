// Inputs on which the front half once disagreed with the reference, each asked again.

import { expect, it } from 'vitest';
import { isMissing } from '../../support/requirements.ts';
import { comparable, compare } from './compare.ts';
import { askAll, type Question } from './oracle.ts';

const table = 'add table ip t\nadd chain ip t c\n';
const rule = (text: string): Question => ({ text: `${table}add rule ip t c ${text}\n` });
const negative = (text: string): Question => ({
  text: `define v = -5\n${table}add rule ip t c ${text}\n`,
});
const elements = (text: string): Question => ({
  text: `add table inet t\nadd set inet t s { type ifname; flags interval; auto-merge; }\n${text}\n`,
});
const declared = (text: string): Question => ({ text: `add table inet t\nadd set inet t s { ${text} }\n` });

/** Words that are keywords behind `list` or `reset`, unless what is listed has keywords of its own. */
const words = ['sets', 'counters', 'hooks', 'rules', 'foo'];
const objects = (name: string): string => `
  chain ${name} { counter; }
  set ${name} { type mark; }
  counter ${name} { }
  quota ${name} { 5 mbytes; }
  limit ${name} { rate 5/second; }
  synproxy ${name} { mss 1460; wscale 7; }
`;
const named = ['chain', 'set', 'counter', 'quota', 'limit', 'synproxy'].flatMap(kind => [
  `list ${kind}`,
  `delete ${kind}`,
  `reset ${kind}`,
]);
const names: readonly Question[] = words.flatMap(word =>
  [...named, 'reset rules', 'reset rules chain', 'list table'].flatMap((command): Question[] => {
    const inTable = command === 'list table' ? '' : 'c';
    return [
      { before: `table ip ${word} {${objects('c')}}\n`, text: `${command} ip ${word} ${inTable}\n` },
      { before: `table ip t {${objects(word)}}\n`, text: `${command} ip t ${word}\n` },
    ];
  }),
);

const fixed = `table ip t {
  set s { type mark; flags interval, constant; auto-merge; elements = { 2-5, 0-1 }; }
  chain user { meta mark @s accept; }
}
`;

const merging = (declared: string, ...commands: readonly string[]): Question => {
  const given = declared === '' ? '' : `elements = { ${declared} }`;
  const lines = commands.map(command => command.replace(' ', ' element inet t s { ')).join(' }\n');
  return {
    text: `add table inet t\nadd set inet t s { type mark; flags interval; auto-merge; ${given} }\n${lines} }\n`,
  };
};
const ports = `table inet t {
  set s { type inet_service; flags interval; auto-merge; elements = { 20, 8-9 }; }
}
`;

const threeRules = `table ip t {
  chain c { accept; counter; return; }
}
`;
const mapped = 'add map ip t m { type ipv4_addr : counter; elements = { 1.1.1.1 : "o" }; }';

const questions: Readonly<Record<string, readonly Question[]>> = {
  'keywords as names': names,
  'computed strings': [
    'meta iifkind ^ ("vlan" | "vrf") == "vlan"',
    '(meta iifkind & 0xac) ^ "vlan" != "vrf"',
    'meta iifkind ("vlan" ^ "vlan")',
    'meta iifkind == { "a" ^ "a" }',
    'meta iifkind ^ "vlan" == "vlam"',
    'meta iifkind ^ "vlan" != "wlan"',
    'iifname ("ax" ^ "5R")',
    'iifname ("x" ^ "R")',
    'iifname { "ax" ^ "5R" }',
    'iifname ^ "5R" == "ax"',
    'iifname ^ "5R" == { "ax", "foo" }',
    'iifname ^ "5R" vmap { "ax" : accept, "foo" : drop }',
    'iifname ^ "50" vmap { "5z" : accept }',
  ].map(rule),
  'shifts by more than a word': [
    '(ct original packets << 33) | 7 == 5',
    'meta mark set ct original packets << 33',
    'meta mark set ct original packets << 31',
    'meta mark set ct original packets << 32',
  ].map(rule),
  'negative numbers in variables': [
    ...[
      'ct state $v',
      'ct state { $v }',
      'ct state & $v == 0',
      'ct state new,$v',
      'tcp flags $v',
      'tcp sequence $v',
    ],
    ...[
      'meta mark set $v',
      'meta mark & $v == 1',
      'meta mark { $v, 5 }',
      'ip ttl $v',
      'ip dscp $v',
      'iifname $v',
    ],
    ...['meta priority $v', 'fib daddr type $v', 'ip checksum $v', 'tcp sequence 5-$v', 'ip saddr { $v }'],
    ...['ct label { $v }', 'queue num $v', 'meta mark . tcp dport { $v . 5 }', 'meta mark lshift $v == 0'],
  ].map(negative),
  'elements that merge, among strings': [
    'add element inet t s { "eth4*" }\ndelete element inet t s { "eth4*" }',
    'add element inet t s { "eth3*", "eth40" }\ndelete element inet t s { "eth46" }',
    'add element inet t s { "eth40" }\ndelete element inet t s { "eth41" }',
    'add element inet t s { "eth3*", "eth22" }\ndelete element inet t s { "eth22" }',
  ].map(elements),
  'fixed sets that merge': [
    ...[
      'add element ip t s { 2 }',
      'create element ip t s { 2 }',
      'add element ip t s { 2-5, 0-1 timeout 1h }',
    ],
    ...['add element ip t s { 2-6 }', 'add element ip t s { 0-5 }', 'delete element ip t s { 2 }'],
    ...['add element ip t s { 2-5, 7 }', 'flush set ip t s'],
  ].flatMap((text): Question[] => [{ before: fixed, text: `${text}\n` }, { text: `${fixed}${text}\n` }]),
  'what rules make for themselves': [
    'tcp dport { 1, 2 } jump { tcp dport { 3, 4 } accept; tcp sport { 1, 4 } drop; } tcp sport { 5, 6 }',
    'goto { ip frag-off set 7963; log accept; } meta l4proto { tcp, udp } counter',
  ].map(rule),
  'parts of ranges that merged': [
    ...[
      merging('1-10', 'delete 5'),
      merging('1-10', 'add 20', 'delete 5'),
      merging('1-10', 'add 11', 'delete 5'),
    ],
    ...[merging('', 'add 1-10', 'add 20', 'delete 5'), merging('1-10, 20', 'add 21', 'delete 20')],
    ...[merging('1-10', 'add 5', 'delete 5'), merging('', 'add 1-10, 20', 'add 21', 'delete 20-21')],
    ...[
      merging('20', 'add 21', 'delete 20-21'),
      merging('20', 'add 21', 'delete 20'),
      merging('20,21', 'delete 20'),
    ],
    ...[merging('1-10,20', 'delete 20', 'delete 5'), merging('1-10,20', 'add 11', 'add 30', 'delete 1-10')],
    ...[merging('1-10,20', 'add 11', 'delete 1-11, 20'), merging('20-22', 'add 30', 'delete 21, 30')],
    ...[
      merging('20,21', 'delete 20-21'),
      merging('20,21,30', 'delete 30, 20'),
      merging('20-25,21,30', 'delete 21'),
    ],
    ...[merging('20-25,22-28,30', 'delete 20-25'), merging('20-25,21,30', 'delete 20-25')],
    ...[merging('1-10', 'add 0-0xffffffff', 'delete 5')],
    ...[merging('20', 'add 30', 'destroy 40'), merging('20-22, 5', 'delete 20-22', 'add 40-50', 'delete 45')],
  ],
  'times in what merges': [
    ...[
      '20-30 timeout 1h',
      '20 timeout 1h',
      '15-20 timeout 1h',
      '10 timeout 1h',
      '9 timeout 1h',
      '7-8 timeout 1h',
    ],
    ...['18, 18-20 timeout 1h', '8-9 timeout 1h'],
  ].flatMap((element): Question[] => {
    const text = `add element inet t s { ${element} }\n`;
    return [{ before: ports, text }, { text: `${ports}${text}` }];
  }),
  'catch-all elements of maps, and operations': [
    ...['ip6 dscp vmap { 33 : accept, * : drop }', 'ip6 dscp vmap { * : drop, 33 : accept }'],
    ...['meta mark >> 8 vmap { 5 : accept, * : drop }', 'meta mark >> 8 vmap { * : drop, 5 : accept }'],
    ...['meta mark set ip6 dscp map { 33 : 5, * : 6 }', '@th,2,12 vmap { 5 : accept, * : drop }'],
  ].map(text => ({ text: rule(text).text.replaceAll('ip t', 'ip6 t') })),
  'sizes that are declared again': [
    ['size 5;', 'size 2; elements = { 1, 2, 3 }'],
    ['size 2;', 'size 5; elements = { 1, 2, 3 }'],
    ['', 'size 2; elements = { 1, 2, 3 }'],
    ['elements = { 1, 2, 3 }', 'size 2;'],
    ['elements = { 1, 2, 3 }', 'size 2; elements = { 4 }'],
    ['size 4; elements = { 1, 2, 3 }', 'size 7; elements = { 4, 5 }'],
    ['size 4; elements = { 1, 2, 3 }', 'size 2; elements = { 4 }'],
  ].flatMap(([first, second]): Question[] => {
    const before = `table inet t { set s { type inet_service; ${first}; }; }\n`;
    const text = `add set inet t s { type inet_service; ${second}; }\n`;
    return [{ before, text }, { text: `${before}${text}` }];
  }),
  'sets in variables': [
    ...[
      'ct mark set $v',
      'meta mark set $v',
      'tcp dport set $v',
      'tcp dport & $v == 0',
      'tcp dport & 5 == $v',
    ],
    ...[
      'meta mark set tcp dport & $v',
      'ct mark set 5 | $v',
      'ct mark set ct mark and $v',
      'tcp dport != $v',
    ],
    ...['tcp dport . tcp sport { $v . 5 }', 'tcp dport { $v }', 'queue num $v', 'add $v { tcp dport }'],
  ].map(text => ({
    text: `define v = @ports\n${table}add set ip t ports { type inet_service; }\nadd rule ip t c ${text}\n`,
  })),
  'the modulus of a hash': [
    ...[
      'tunnel path . ip saddr mod 5',
      'ip saddr . tunnel id mod 5',
      'ip saddr . tunnel id . ip daddr mod 5',
    ],
    ...['tcp option maxseg . ip saddr mod 5', 'tcp option maxseg mod 5', 'ip option lsrr . ip saddr mod 5'],
    ...['tunnel id mod 5', 'sctp chunk init . ip saddr mod 5', 'gre icmp type mod 5', 'gre icmp code mod 5'],
    ...['ip saddr . gre igmp type . ip daddr mod 5', 'gre tcp dport mod 5', 'ip saddr . icmp type mod 5'],
  ].map(text => ({
    text: `add table netdev t\nadd chain netdev t c\nadd rule netdev t c meta mark set jhash ${text}\n`,
  })),
  'elements of concatenated ranges that are added twice': [...['*', '5 . 1.1.1.1-1.1.1.5']].map(element => ({
    text: `add table ip t
add set ip t s { type inet_proto . ipv4_addr; flags interval; elements = { ${element}, 7 . 2.2.2.2 } }
add element ip t s { ${element} }
destroy element ip t s { ${element} }
`,
  })),
  'places of rules that are gone': [
    ...[
      'replace rule ip t c handle 2 drop',
      'replace rule ip t c handle 2 drop\nreplace rule ip t c handle 2 return',
    ],
    ...[
      'delete rule ip t c handle 2\ninsert rule ip t c handle 2 drop',
      'flush chain ip t c\nadd rule ip t c index 1 drop',
    ],
    ...[
      'delete rule ip t c handle 2\nadd rule ip t c index 1 drop',
      'delete rule ip t c handle 2\nadd rule ip t c index 0 drop',
    ],
    ...[
      'delete rule ip t c handle 2\ndelete rule ip t c handle 2',
      'delete rule ip t c handle 2\nreplace rule ip t c handle 2 drop',
    ],
    ...[
      'flush chain ip t c\nadd rule ip t c drop\nadd rule ip t c index 0 log',
      'flush table ip t\nadd rule ip t c handle 3 drop',
    ],
    'delete rule ip t c handle 3\nadd rule ip t c log\ninsert rule ip t c index 3 drop\nadd rule ip t c index 1 last',
    'insert rule ip t c index 1 drop\ndelete rule ip t c handle 2\ninsert rule ip t c index 1 log',
    'delete rule ip t c handle 4\nadd rule ip t c drop\nadd rule ip t c handle 4 log\ndelete rule ip t c handle 5',
  ].flatMap((text): Question[] => [
    { before: threeRules, text: `${text}\n` },
    { text: `${threeRules}${text}\n` },
  ]),
  'what rules add to sets': [
    ...[
      'add @m { meta mark : 1 | 2 }',
      'add @m { meta mark : 5 | meta mark }',
      'add @m { meta mark : (1 | 2) }',
    ],
    ...[
      'add @m { 1 | 2 : 5 }',
      'add @s { (1 | 2) }',
      'add @s { 5 | meta mark }',
      'add @s { (5) }',
      'set add 1 | 2 @s',
    ],
    ...['add @m { meta mark : 1 << 2 }', 'add @s { (meta mark & 5) | 6 }', 'meter x { 5 | 6 counter }'],
    ...['add @m { meta mark : ct mark & 5 | 1 }', 'add @s { meta mark & meta mark }'],
  ].map(text => ({
    text: `${table}add map ip t m { typeof meta mark : meta mark; flags dynamic; }
add set ip t s { typeof meta mark; flags dynamic; }
add rule ip t c ${text}
`,
  })),
  'devices in variables': ['{ "lo" : accept }', '{ "lo", "lo" }', '{ "lo" }'].map(devices => ({
    text: `define v = ${devices}
add table netdev n
add chain netdev n b { type filter hook ingress devices = $v priority 0; }
`,
  })),
  'devices that are named twice': [
    ...[
      '{ "lo", "lo" }',
      '{ "lo", "lo*" }',
      '{ "lo*", "lo*" }',
      '{ "l*", "lo*" }',
      '{ "lo", "lo1*" }',
      '{ "lo" }',
    ],
  ].map(devices => ({
    text: `add table netdev n\nadd chain netdev n b { type filter hook ingress devices = ${devices} priority 0; }\n`,
  })),
  'patterns in concatenations': [
    ...[
      '"eth18*" . 7',
      '"eth18*" . 6',
      '"eth185" . 6',
      '"eth2*" . 5',
      '"eth21*" . 5',
      '"eth210" . 5',
      '"foo" . 5',
    ],
  ].map(element => ({
    text: `add table ip t
add set ip t s { type ifname . inet_service; flags interval; elements = { "eth21*" . 5, "eth18*" . 6 } }
delete element ip t s { ${element} }
`,
  })),
  'objects that maps give': [
    'add rule ip t c counter name ip saddr map { 1.1.1.1 : "o" }\ndelete counter ip t o',
    'add rule ip t c counter name ip saddr map { 1.1.1.1 : "o" }\nflush chain ip t c\ndelete counter ip t o',
    ...[`${mapped}\ndelete counter ip t o`, `${mapped}\ndelete map ip t m\ndelete counter ip t o`],
    ...[`${mapped}\nflush map ip t m\ndelete counter ip t o`],
    `${mapped}\ndelete element ip t m { 1.1.1.1 }\ndestroy counter ip t o`,
    `${mapped}\nadd element ip t m { 1.1.1.2 : "o" }\ndelete element ip t m { 1.1.1.1 }\ndestroy counter ip t o`,
    'define v = { 1.1.1.1 : "o" }\nadd rule ip t c counter name ip saddr map $v\ndelete counter ip t o',
  ].map(text => ({ text: `${table}add counter ip t o\n${text}\n` })),
  'sets that a run reads': [
    ...['rules', 'rules inet', 'rule inet t c handle 4', 'set inet t s', 'counters', 'counter inet t o'].map(
      subject => `reset ${subject}`,
    ),
    ...['ruleset', 'table inet t', 'chain inet t c', 'sets', 'set inet t s', 'maps', 'meters', 'hooks'].map(
      subject => `list ${subject}`,
    ),
    ...['tables', 'chains', 'counters', 'counter inet t o', 'limits', 'flowtables', 'secmarks'].map(
      subject => `list ${subject}`,
    ),
    ...['flush set inet t s', 'flush meter inet t s', 'flush chain inet t c', 'add chain inet t d'],
    ...['add rule inet t c accept', 'add element inet t s { 5 }', 'delete rule inet t c handle 4'],
  ].map(command => ({
    before: `table inet t {
  chain c { counter; }
  set s { type inet_service; flags dynamic; size 10; elements = { 20 }; }
  counter o { }
}
`,
    text: `add set inet t s { type inet_service; }\n${command}\n`,
  })),
  'keys of concatenated ranges that are compared in part': [
    'ip6 dscp . meta cgroup { cs7 . 0-5, 45 . 3-9 }',
    'ip6 dscp . meta cgroup { cs7 . 2-5, 45 . 0-9 }',
    'meta cgroup . ip6 dscp { 2-5 . cs7, 3 . cs1 }',
    'ip6 flowlabel . meta cgroup { 5 . 2-5, 6 . 3-9 }',
    'ip6 dscp . meta cgroup vmap { cs7 . 0-5 : accept, 45 . 3-9 : drop }',
  ].map(text => ({
    text: `add table netdev t\nadd chain netdev t c\nadd rule netdev t c ${text}\n`,
  })),
  'times of zero': [
    ...['type mark; flags constant; timeout 0s;', 'type mark; flags constant; timeout 1s;'],
    ...['type mark; flags constant; gc-interval 0s;', 'type mark; flags constant; gc-interval 1ms;'],
    ...['type mark; flags interval; auto-merge; elements = { 5 timeout never, 5-6 }'],
    ...['type mark; flags interval; auto-merge; elements = { 4-6, 5 timeout never }'],
    ...['type mark; flags interval; auto-merge; timeout 5s; elements = { 5 timeout never }'],
    ...['type mark; timeout 0s; elements = { 1 timeout 5s }', 'type mark; gc-interval 999ms; timeout 0ms;'],
  ].map(declared),
};

it.skipIf(isMissing('root', 'nft')).each(Object.entries(questions))(
  '%s',
  async (_, asked) => {
    const different: string[] = [];
    for await (const [question, answer] of askAll(asked.map(comparable))) {
      const { verdict, cause, detail } = compare(question, answer);
      // Both take it, but what the reference then lists cannot be read again: more elements than the size.
      const isUnread = verdict === 'unknown' && cause === 'listing';
      if (verdict !== 'same' && !isUnread) different.push(`${verdict}: ${question.text}${detail}`);
    }
    expect(different.join('\n')).toBe('');
  },
  120_000,
);
