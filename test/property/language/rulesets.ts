// Whole inputs: a rule with what it needs, or a ruleset of blocks and commands.

import { Draw } from './draw.ts';
import type { Drawn } from './drawn.ts';
import { mutate } from './mutate.ts';
import { objectBody, objectKinds } from './objects.ts';
import { anySelector } from './selectors.ts';
import { anySet, block, mapOf } from './sets.ts';
import { rule } from './statements.ts';
import { duration } from './values.ts';

/** Base chains that exist for each family: type, hook, what else. */
const chains: Readonly<Record<string, readonly string[]>> = {
  ip: [
    'filter input',
    'filter prerouting',
    'filter output',
    'filter forward',
    'filter postrouting',
    'nat prerouting',
    'nat postrouting',
    'nat output',
    'nat input',
    'route output',
  ],
  ip6: [
    'filter input',
    'filter prerouting',
    'nat prerouting',
    'nat postrouting',
    'route output',
    'filter forward',
  ],
  inet: [
    'filter input',
    'filter prerouting',
    'filter output',
    'filter forward',
    'nat prerouting',
    'nat postrouting',
    'nat output',
    'filter ingress device lo',
  ],
  arp: ['filter input', 'filter output'],
  bridge: ['filter input', 'filter prerouting', 'filter forward', 'filter postrouting'],
  netdev: ['filter ingress device lo', 'filter egress device lo'],
};
const families = ['ip', 'ip', 'ip6', 'inet', 'inet', 'inet', 'arp', 'bridge', 'netdev'];
const priorities = [
  '0',
  '-100',
  'filter',
  'dstnat',
  'srcnat',
  'raw',
  'mangle',
  'security',
  'filter + 10',
  'mangle - 5',
  '-300',
  'out',
  '100',
  '-2147483648',
  '2147483648',
  'bogus',
  '$prio',
];

function baseChain(draw: Draw): string {
  const [type, hook, ...rest] = draw.pick(chains[draw.family]!).split(' ');
  return `type ${type} hook ${hook} ${rest.join(' ')} priority 0;`;
}

/** One rule, and the declarations that it needs in front of it. */
export function drawnRule(seed: number): Drawn {
  const draw = new Draw(seed);
  draw.family = draw.pick(families);
  const base = draw.oneIn(8) ? '' : ` { ${baseChain(draw)} }`;
  const text = rule(draw);
  const subject = draw.oneIn(6) ? mutate(draw, text) : text;
  const table = draw.family;
  const declared = [...draw.declarations];
  const flow = subject.includes('@f')
    ? [`add flowtable ${table} t f { hook ingress priority 0; devices = { lo }; }`]
    : [];
  const lines = [
    `add table ${table} t`,
    ...flow,
    `add chain ${table} t other`,
    ...declared,
    `add chain ${table} t c${base}`,
    `add rule ${table} t c ${subject}`,
  ];
  return { text: `${lines.join('\n')}\n`, subject: lines.slice(flow.length + 2).join('\n') };
}

function chainBlock(draw: Draw): string {
  const lines = [
    draw.oneIn(3)
      ? ''
      : draw.oneIn(3)
        ? `type ${draw.pick(['filter', 'nat', 'route'])} hook ${draw.pick(['input', 'output', 'ingress', 'egress', 'forward', 'prerouting', 'postrouting', 'bogus'])} ${draw.maybe(d => d.pick(['device lo', 'devices = { lo }', 'device "lo"', 'device nosuch']), 3)} priority ${draw.pick(priorities)}`
        : baseChain(draw).slice(0, -1),
    draw.maybe(d => `policy ${d.pick(['accept', 'drop', '$pol', 'reject'])}`, 4),
    draw.maybe('comment "chain"', 12),
    draw.maybe('flags offload', 40),
    draw.maybe(d => `define inner = ${d.number(100)}`, 12),
    ...Array.from({ length: draw.below(3) }, () => rule(draw)),
  ];
  return block(lines);
}

function tableItem(draw: Draw): string {
  return draw.one(
    d => `chain ${d.name('c')} ${chainBlock(d)}`,
    d => `chain ${d.name('c')} ${chainBlock(d)}`,
    d => {
      const kind = d.pick(objectKinds);
      const body = objectBody(d, kind);
      return `${kind} ${d.name('o')} ${body.startsWith('{') ? body : `{ ${body} }`}`;
    },
    'flags dormant;',
    'comment "table";',
    d =>
      `flowtable ${d.name('f')} { hook ingress priority ${d.pick(priorities)}; devices = { ${d.pick(['lo', '"lo"', 'lo, nosuch', ''])} }; ${d.maybe('counter')}; }`,
    d => {
      anySet(d);
      return '';
    },
    d => {
      mapOf(d, [anySelector(d)], d.oneIn(2) ? 'verdict' : anySelector(d));
      return '';
    },
  );
}

function command(draw: Draw): string {
  const where = `${draw.family} t`;
  const named = draw.pick(['c', 's', 'm', 'nosuch', 'o']);
  return draw.one(
    d =>
      `${d.pick(['add', 'insert', 'create'])} rule ${where} c ${d.maybe(e => `${e.pick(['index', 'position', 'handle'])} ${e.number(5)} `, 3)}${rule(d)}`,
    d => `${where} c ${rule(d)}`,
    d => `replace rule ${where} c handle ${d.number(5)} accept`,
    d => `${d.pick(['delete', 'destroy'])} rule ${where} c handle ${d.number(5)}`,
    d =>
      `${d.pick(['delete', 'destroy', 'flush', 'list', 'reset', 'create', 'add'])} ${d.pick(['table', 'chain', 'set', 'map', 'counter', 'quota', 'limit', 'flowtable', 'ct helper', 'ct timeout', 'ct expectation', 'secmark', 'synproxy', 'tunnel', 'ruleset', 'meter'])} ${where} ${named}`,
    d => `${d.pick(['delete', 'destroy', 'flush', 'add', 'create'])} table ${where}`,
    d =>
      `${d.pick(['add', 'create', 'delete', 'destroy'])} element ${where} ${d.pick(['s', 'm'])} { ${d.several(e => e.one('1.2.3.4', '5.6.7.8', '10.0.0.0/8', '1.2.3.4 : accept', '1.2.3.4 timeout 5s'), ', ', 1, 3)} }`,
    d => `rename chain ${where} c ${d.pick(['d', 'other', 'c'])}`,
    d =>
      `flush ${d.pick(['ruleset', `ruleset ${d.family}`, `chain ${where} c`, `set ${where} s`, `map ${where} m`, `table ${where}`])}`,
    d =>
      `${d.pick(['define', 'redefine'])} v = ${d.pick(['5', '{ 1.2.3.4 }', '$v', 'a', '{ }', '-5', '1, 2', '1-2', '"x"', '1.2.3.0/24'])}`,
    'undefine v',
    d => `add chain ${where} ${d.name('c')} ${chainBlock(d)}`,
    d => `add set ${where} ${d.name('s')} { type ipv4_addr; timeout ${duration(d)}; }`,
  );
}

/** Tables in blocks, declarations and commands, so that they meet each other. */
export function drawnRuleset(seed: number): Drawn {
  const draw = new Draw(seed);
  draw.family = draw.pick(families);
  const where = draw.family;
  const start = [
    'define prio = 5',
    'define pol = "drop"',
    `add table ${where} t`,
    `add chain ${where} t other`,
    `add chain ${where} t c`,
    `add set ${where} t s { type ipv4_addr; ${draw.maybe('flags interval;')} }`,
    `add map ${where} t m { type ipv4_addr : verdict; }`,
  ];
  const items = Array.from({ length: 1 + draw.below(3) }, () =>
    draw.one(command, command, d => `table ${where} t {\n${d.several(tableItem, '\n', 1, 3)}\n}`),
  );
  const subject = [...draw.declarations, ...items].join('\n');
  const changed = draw.oneIn(6) ? mutate(draw, subject) : subject;
  return { text: `${start.join('\n')}\n${changed}\n`, subject: changed };
}
