// What users write now and then and generators of rules do not: keywords as names in every place, comments and
// continued lines, variables wherever one may stand, blocks inside of one line, several tables.

import { Draw } from './draw.ts';
import type { Drawn } from './drawn.ts';

/** Words of the language that may be names somewhere, and names that look like something else. */
const words = (
  'input output forward filter nat mark set map chain table rule counter quota limit accept drop ip ip6 tcp udp icmp ' +
  'inet last level name type size policy hour day time meta ct log flags label state comment handle index ' +
  'position add delete flush list reset log-prefix a-b a.b x/y a_b 1a a1 _ meter timeout elements snat dnat to ' +
  'priority device hook sets nosuch eth0 host any all in out ssh http performance memory constant interval dynamic ' +
  'define include typeof over until used bytes second minute'
).split(' ');

const name = (draw: Draw): string => {
  const word = draw.pick(words);
  return draw.oneIn(5) ? `"${word}"` : word;
};

const family = (draw: Draw): string =>
  draw.pick(['', '', 'ip ', 'inet ', 'ip6 ', 'netdev ', 'bridge ', 'arp ']);

/** Blanks between words: what nft's scanner skips. */
const gap = (draw: Draw): string =>
  draw.oneIn(20) ? draw.pick(['\t', '  ', ' \\\n', '\\\n ', ' \t ']) : ' ';

const spaced = (draw: Draw, text: string): string => text.replaceAll(' ', () => gap(draw));

const end = (draw: Draw): string =>
  draw.pick([';', ';', '\n', '\n', ' ;', ';;', '\n\n', ' # comment; }\n', ';\n']);

function named(draw: Draw): string {
  const [table, other] = [name(draw), name(draw)];
  const where = `${family(draw)}${table}`;
  return draw.one(
    `add table ${where}`,
    d => `table ${where} { chain ${other} { ${d.pick(['accept', `jump ${name(d)}`, 'counter'])}; }; }`,
    d =>
      `add table ${where}; add chain ${where} ${other}; add rule ${where} ${other} ${d.pick(['accept', `jump ${other}`, `goto ${name(d)}`, 'drop'])}`,
    d =>
      `add table ${where}; ${d.pick(['add set', 'add map'])} ${where} ${other} { type mark${d.pick([';', ' : mark;', ' : verdict;'])} }; add element ${where} ${other} { 1 }`,
    d =>
      `add table ${where}; add set ${where} ${other} { type mark; }; add chain ${where} c; add rule ${where} c meta mark ${d.pick(['', '!= '])}@${other}`,
    d =>
      `add table ${where}; add ${d.pick(['counter', 'quota', 'limit'])} ${where} ${other} ${d.pick(['', '10 mbytes', 'rate 5/second'])}; add chain ${where} c; add rule ${where} c ${d.pick(['counter', 'quota', 'limit'])} name ${other}`,
    d =>
      `add table ${where}; add chain ${where} ${other}; ${d.pick(['rename chain', 'flush chain', 'delete chain', 'destroy chain', 'list chain'])} ${where} ${other}`,
    d =>
      `table ${where} { ${d.pick(['set', 'map', 'counter', 'chain', 'flowtable', 'quota'])} ${other} { }; }`,
    `define ${other} = 5; add table ${where}; add chain ${where} c; add rule ${where} c meta mark $${other}`,
    `add table ${where}; add chain ${where} ${other}; ${where} ${other} accept`,
  );
}

/** Where a variable may stand, and what it may hold there. */
const places: readonly (readonly [text: string, values: readonly string[]])[] = [
  [
    'add chain inet t b { type filter hook input priority $v; }',
    ['5', '-5', 'filter', '"filter - 5"', 'filter - 5', '{ 1 }', '1-2'],
  ],
  [
    'add chain inet t b { type filter hook input priority 0; policy $v; }',
    ['accept', 'drop', '"drop"', 'reject', '1'],
  ],
  [
    'add chain netdev n b { type filter hook ingress device $v priority 0; }',
    ['lo', '"lo"', '{ lo }', '{ "lo" }', '1'],
  ],
  [
    'add chain netdev n b { type filter hook ingress devices = $v priority 0; }',
    ['lo', '{ lo }', '{ "lo" }'],
  ],
  [
    'add chain netdev n b { type filter hook ingress devices = { $v } priority 0; }',
    ['lo', '"lo"', '{ lo }'],
  ],
  ['add rule inet t c jump $v', ['d', '"d"', 'nosuch', '{ d }', '5', 'accept']],
  [
    'add rule inet t c tcp dport $v',
    ['22', '{ 22, 23 }', '22-23', 'ssh', '"ssh"', '{ }', '22 . 23', '@ports', '1,2', '$w'],
  ],
  ['add rule inet t c tcp dport { 80, $v }', ['22', '{ 22, 23 }', '22-23', 'ssh', '{ }', '22 : accept']],
  ['add rule inet t c tcp dport != $v accept', ['22', '{ 22, 23 }', '*']],
  ['add rule inet t c ip saddr . tcp dport $v', ['1.1.1.1 . 22', '{ 1.1.1.1 . 22 }', '1.1.1.1']],
  [
    'add rule inet t c ip saddr $v',
    ['10.0.0.0/8', '10.0.0.1-10.0.0.9', '{ 10.0.0.0/8, 11.1.1.1 }', '10.1', 'localhost'],
  ],
  ['add rule inet t c ip saddr $v/24', ['10.0.0.0', '24']],
  ['add rule inet t c ip saddr 10.0.0.0/$v', ['8', '33', '"8"']],
  ['add rule inet t c ip saddr $v-10.0.0.9', ['10.0.0.0', '10.0.0.10']],
  ['add rule inet t c tcp dport vmap $v', ['{ 22 : accept }', '{ 22 : jump d, * : drop }', '22', '@m']],
  ['add rule inet t c tcp dport vmap { 22 : $v }', ['accept', 'jump d', 'd']],
  ['add rule inet t c meta mark set tcp dport map $v', ['{ 22 : 1 }', '{ 22 : 1, 23 : 2 }', '5']],
  ['add rule inet t c meta mark set $v', ['5', '{ 5 }', 'meta mark', '0x5', 'tcp dport']],
  ['add rule inet t c log prefix $v', ['"text"', 'text', '5']],
  ['add rule inet t c log prefix "a $v b"', ['"text"', 'text', '5']],
  ['add rule inet t c iifname $v', ['lo', '"lo"', '"eth*"', '{ lo, "eth0" }', 'eth*']],
  ['add rule inet t c iif $v', ['lo', '"lo"', '1', 'nosuch']],
  ['add rule inet t c limit rate $v/second', ['5']],
  ['add rule inet t c ct state $v', ['new', 'new,established', '{ new, established }', 'invalid']],
  ['add rule inet t c tcp flags $v', ['syn', 'syn,ack', 'syn / syn,ack', 'syn | ack']],
  [
    'add rule inet t c meta hour $v',
    ['"12:00"-"13:00"', '"23:00"-"02:00"', '12:00-13:00', '{ "01:00"-"02:00" }'],
  ],
  ['add rule inet t c meta day $v', ['Monday', '{ Monday, "Tuesday" }', '1-3']],
  ['add rule inet t c queue num $v', ['3', '1-5']],
  ['add rule inet t nat dnat to $v', ['1.1.1.1', '1.1.1.1:80', '{ 1.1.1.1 }']],
  ['add rule inet t nat dnat ip to 1.1.1.1:$v', ['80', '80-90', 'http']],
  [
    'add set inet t s { type inet_service; elements = $v; }',
    ['{ 22 }', '{ 22, 23 }', '22', '{ }', '{ 22-25 }'],
  ],
  [
    'add set inet t s { type inet_service; flags interval; elements = { $v, 80 }; }',
    ['22', '{ 22, 23 }', '30-40', '{ 1-2, 4 }'],
  ],
  ['add set inet t s { type inet_service; timeout $v; }', ['5s', '5', '"5s"']],
  ['add set inet t s { type inet_service; size $v; }', ['5', '"5"']],
  ['add element inet t ports $v', ['{ 22 }', '{ 22, 23 }', '22']],
  ['add element inet t ports { $v }', ['22', '{ 22 }', 'ssh']],
  ['add flowtable inet t f { hook ingress priority $v; devices = { lo }; }', ['0', 'filter', '"filter + 1"']],
  ['define w = $v', ['5', '{ 1 }']],
  ['define w = { $v, 7 }', ['5', '{ 1 }', '1-2']],
  ['add rule inet t c tcp sport $v tcp dport $v', ['5', '{ 1, 2 }', '1-2']],
  ['add rule inet t c ip protocol $v', ['tcp', '{ tcp, udp }', '6']],
  ['add rule inet t c meta l4proto $v th dport 5', ['tcp', '{ tcp, udp }']],
  ['add rule inet t c icmp type $v', ['echo-request', '{ echo-request, echo-reply }', '8']],
  ['add rule inet t c comment $v', ['"x"', 'x']],
  ['add rule inet t c counter name $v', ['cnt', '"cnt"', 'nosuch']],
  ['add rule inet t c ct mark set $v', ['5', 'meta mark', '0x1 | 0x2']],
  ['add rule inet t c reject with icmp type $v', ['host-unreachable', '3']],
  ['add rule inet t c add @dyn { ip saddr timeout $v }', ['5s', '5']],
  ['$v', ['accept']],
  ['add table $v', ['x', 'inet']],
  ['add rule inet $v c accept', ['t']],
];

function variables(draw: Draw): string {
  const [text, values] = draw.pick(places);
  // What nft makes of a list in the prefix of a log it reads from anywhere (docs/diagnostics.md).
  const isText = text.includes('a $v b');
  const value = draw.oneIn(6) && !isText ? draw.pick(draw.pick(places)[1]) : draw.pick(values);
  const definition = draw.pick(['define v', 'define v', 'redefine v', 'define  v']);
  const again = draw.maybe(
    d => d.pick(['redefine v = 7\n', 'undefine v\n', 'define v = 8\n', 'define w = 9\n']),
    6,
  );
  const start = [
    'add table inet t\nadd table netdev n\nadd chain inet t c\nadd chain inet t d\nadd counter inet t cnt',
    'add set inet t ports { type inet_service; }\nadd map inet t m { type inet_service : verdict; }',
    'add set inet t dyn { type ipv4_addr; flags dynamic, timeout; }',
    'add chain inet t nat { type nat hook prerouting priority 0; }',
  ].join('\n');
  return `${start}\ndefine w = 23\n${definition} = ${value}\n${again}${text}\n`;
}

const sentences: readonly string[] = [
  'type filter hook input priority filter',
  'policy drop',
  'tcp dport { 22, 80, 443 } accept',
  'ip saddr 10.0.0.0/8 counter drop',
  'ct state vmap { established : accept, related : accept, invalid : drop }',
  'iifname "lo" accept',
  'log prefix "x: # not a comment; {" level warn',
  'limit rate over 10/second burst 5 packets drop',
  'jump other',
  'meta l4proto { tcp, udp } th dport 53 counter',
  'ip6 saddr fe80::/10 accept',
  'comment "a chain"',
  'reject with icmpx type port-unreachable',
  'define x = 5',
  'meta mark $x',
  'tcp flags & (fin|syn) == (fin|syn) drop',
  'ip daddr . tcp dport { 1.1.1.1 . 22, 2.2.2.2 . 80-90 } accept',
  'meta hour "22:00"-"06:00" drop',
  'meta day { "Saturday", Sunday } accept',
  'meta time < "2030-01-01 00:00:00" accept',
  'tcp option maxseg size set rt mtu',
  'counter packets 5 bytes 6 accept comment "end"',
  '',
];

/** One table over many lines, or in few, with comments, blanks and continued lines. */
function layout(draw: Draw): string {
  const rules = Array.from(
    { length: 1 + draw.below(6) },
    () => spaced(draw, draw.pick(sentences)) + end(draw),
  );
  const chain = `chain input {${draw.pick([' ', '\n'])}${rules.join(draw.pick([' ', '\n', '']))}}${end(draw)}`;
  const open = draw.pick(['{\n', '{ ', '{', '{ # comment\n', '\n{\n', ' {\n\n']);
  return `table inet t ${open}chain other { }${end(draw)}${chain}}${draw.pick(['\n', ';\n', ' # end\n', ''])}${draw.pick(['\n', '\nadd table ip x\n', ''])}`;
}

/** Comments on everything, flags and properties in any order. */
const sections = ['filter', 'raw', 'mangle', 'dstnat', 'srcnat', 'security', 'out'];
function priorities(draw: Draw): string {
  const own = draw.pick(['ip', 'ip6', 'inet', 'arp', 'bridge', 'netdev']);
  const hook = draw.pick(['prerouting', 'input', 'forward', 'output', 'postrouting', 'ingress', 'egress']);
  const type = draw.pick(['filter', 'filter', 'nat', 'route']);
  const device = hook.endsWith('gress') ? draw.pick(['device lo ', 'devices = { lo } ', '']) : '';
  const sum = draw.maybe(d => d.pick([' + 5', ' - 5', '+5', '-5', ' + -5', ' 5', ' - 2147483648']));
  const value = draw.one(
    d => `${d.pick(sections)}${sum}`,
    '0',
    '-0',
    '+5',
    '-201',
    '-200',
    '-199',
    '2147483647',
    '-2147483648',
    '4294967295',
    '0x10',
    '010',
    '1 + 1',
  );
  return `add table ${own} t\nadd chain ${own} t c { type ${type} hook ${hook} ${device}priority ${value}; ${draw.maybe(d => `policy ${d.pick(['accept', 'drop'])};`)} ${draw.maybe('comment "c";', 4)} }\n`;
}

export function drawnCorner(seed: number): Drawn {
  const draw = new Draw(seed);
  const text = draw.one(named, named, variables, variables, layout, priorities);
  return { text: text.endsWith('\n') ? text : `${text}\n`, subject: text };
}
