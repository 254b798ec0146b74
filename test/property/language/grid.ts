// Every selector in every family with every form of comparison, assignment, set and map, one after the other: what the random
// draws of rules meet rarely. Values are those of the selector's kind, so that more than half is taken by both.

import { Draw } from './draw.ts';
import type { Drawn } from './drawn.ts';
import {
  anySelector,
  conntrack,
  ethernet,
  extensions,
  ip4,
  ip6,
  machine,
  meta,
  options,
  type Selector,
  transport,
  tunnels,
} from './selectors.ts';
import { value as anyValue, type Kind } from './values.ts';

const selectors: readonly Selector[] = [
  ...ethernet,
  ...ip4,
  ...ip6,
  ...transport,
  ...tunnels,
  ...extensions,
  ...options,
  ...meta,
  ...conntrack,
  ...machine,
];

const families = ['inet', 'ip', 'ip6', 'netdev', 'bridge', 'arp'] as const;

const bits = /^u(\d+)$/;

/** Mostly a value that fits. */
function value(draw: Draw, kind: Kind): string {
  const width = bits.exec(kind)?.[1];
  if (width === undefined || draw.oneIn(10)) return anyValue(draw, kind);
  const number = draw.below(Math.min(2 ** Number(width), 0x40000000));
  return draw.oneIn(3) ? `0x${number.toString(16)}` : String(number);
}

/** Two values with a dash between them, the smaller one first where both are numbers. */
function range(draw: Draw, kind: Kind): string {
  const ends = [value(draw, kind), value(draw, kind)];
  const rank = (text: string): number => text.split('.').reduce((sum, part) => sum * 256 + Number(part), 0);
  if (ends.every(end => Number.isFinite(rank(end)))) ends.sort((a, b) => rank(a) - rank(b));
  return ends.join('-');
}

/** One form, of a selector and one that stands beside it. */
type Form = (draw: Draw, one: Selector, other: Selector) => string;

const v = (draw: Draw, { kind }: Selector): string => value(draw, kind);
const r = (draw: Draw, { kind }: Selector): string => (draw.oneIn(2) ? range(draw, kind) : value(draw, kind));

const operators = ['&', '|', '^', '<<', '>>', 'and', 'or', 'xor', 'lshift', 'rshift'];
const word = (draw: Draw): string => `0x${draw.hex(1 + draw.below(8))}`;

/** Declares a set or map in front of the rule. */
function declared(draw: Draw, kind: 'set' | 'map', text: string): string {
  const name = draw.name('s');
  draw.declarations.add(`add ${kind} ${draw.family} t ${name} { ${text} }`);
  return `@${name}`;
}

const forms: readonly Form[] = [
  (d, a) => `${a.text} ${v(d, a)}`,
  (d, a) => `${a.text} != ${v(d, a)}`,
  (d, a) => `${a.text} ${d.pick(['<', '>', '<=', '>='])} ${v(d, a)}`,
  (d, a) => `${a.text} ${d.maybe('!= ')}${range(d, a.kind)}`,
  (d, a) => `${a.text} ${d.maybe('!= ')}{ ${v(d, a)}, ${r(d, a)}, ${r(d, a)} }`,
  (d, a) => `${a.text} & ${v(d, a)} ${d.pick(['==', '!=', '<', '>'])} ${v(d, a)}`,
  (d, a) => `${a.text} & (${v(d, a)} | ${v(d, a)}) ${d.pick(['==', '!='])} ${v(d, a)}`,
  (d, a) => `(${a.text} ${d.pick(operators)} ${word(d)}) ${d.pick(operators)} ${d.below(9)} == ${v(d, a)}`,
  (d, a) => `${a.text} ${d.maybe('!= ')}${v(d, a)} / ${v(d, a)}`,
  (d, a) => `${a.text} ${d.maybe('!= ')}${v(d, a)}/${d.below(33)}`,
  (d, a) => `${a.text} ${d.maybe('!= ')}${v(d, a)},${v(d, a)}`,
  (d, a) => `${a.text} & ${word(d)} vmap { ${v(d, a)} : accept, ${v(d, a)} : drop }`,
  (d, a) => `${a.text} ${d.pick(operators)} ${d.below(20)} { ${v(d, a)}, ${v(d, a)} }`,
  (d, a) => `${a.text} vmap { ${v(d, a)} : accept, ${r(d, a)} : jump other${d.maybe(', * : drop', 4)} }`,
  (d, a) => `meta mark set ${a.text} map { ${v(d, a)} : 5, ${r(d, a)} : 0x6 }`,
  (d, a, b) => `${b.text} set ${a.text} map { ${v(d, a)} : ${v(d, b)}, ${r(d, a)} : ${v(d, b)} }`,
  (d, a, b) => `${a.text} . ${b.text} ${d.maybe('!= ')}{ ${v(d, a)} . ${v(d, b)}, ${v(d, a)} . ${v(d, b)} }`,
  (d, a, b) => `${b.text} . ${a.text} { ${r(d, b)} . ${r(d, a)}, ${r(d, b)} . ${r(d, a)} }`,
  (d, a, b) => `${a.text} . ${b.text} . ${a.text} vmap { ${v(d, a)} . ${r(d, b)} . ${v(d, a)} : drop }`,
  (d, a, b) => `meta mark set ${b.text} . ${a.text} map { ${v(d, b)} . ${v(d, a)} : ${word(d)} }`,
  (d, a, b) => `${a.text} & ${word(d)} . ${b.text} { ${v(d, a)} . ${v(d, b)} }`,
  (_, a) => `meta mark set ${a.text}`,
  (d, a) => `ct mark set ${a.text} ${d.pick(operators)} ${d.below(30)}`,
  (d, a) => `meta ${d.pick(['mark', 'priority'])} set ${a.text} & ${word(d)} | ${word(d)}`,
  (d, a) => `ct mark set (meta mark | ${a.text}) & ${word(d)}`,
  (d, a) => `${a.text} set ${v(d, a)}`,
  (d, a) => `${a.text} set ${a.text} ${d.pick(operators)} ${d.one(word, e => v(e, a))}`,
  (d, a) => `${a.text} set ${a.text} & ${v(d, a)} | ${v(d, a)}`,
  (d, a, b) =>
    `${a.text} set ${d.pick(['meta mark', 'ct mark', b.text, 'numgen inc mod 3', 'jhash ip saddr mod 7'])}`,
  (d, a, b) => `${a.text} ${d.pick(['', '!= ', '< '])}${b.text}`,
  (d, a) => `add ${declared(d, 'set', `typeof ${a.text}; flags dynamic,timeout; timeout 1m;`)} { ${a.text} }`,
  (d, a, b) =>
    `update ${declared(d, 'set', `typeof ${a.text} . ${b.text}; size 10; flags dynamic;`)} { ${a.text} . ${b.text} counter }`,
  (d, a) => `${a.text} ${declared(d, 'set', `typeof ${a.text}; elements = { ${v(d, a)}, ${v(d, a)} };`)}`,
  (d, a) =>
    `${a.text} ${declared(d, 'set', `typeof ${a.text}; flags interval; ${d.maybe('auto-merge;')} elements = { ${r(d, a)}, ${r(d, a)} };`)}`,
  (d, a, b) =>
    `${a.text} . ${b.text} ${declared(d, 'set', `typeof ${a.text} . ${b.text}; flags interval; elements = { ${r(d, a)} . ${r(d, b)}, ${v(d, a)} . ${r(d, b)} };`)}`,
  (d, a, b) =>
    `${b.text} set ${a.text} map ${declared(d, 'map', `typeof ${a.text} : ${b.text}; elements = { ${v(d, a)} : ${v(d, b)} };`)}`,
  (d, a, b) =>
    `${b.text} ${a.text} map ${declared(d, 'map', `typeof ${a.text} : ${b.text}; flags interval; elements = { ${r(d, a)} : ${v(d, b)} };`)}`,
  (d, a, b) =>
    `add ${declared(d, 'map', `typeof ${a.text} : ${b.text}; flags dynamic;`)} { ${a.text} : ${d.oneIn(2) ? b.text : v(d, b)} }`,
  (d, a) =>
    `${a.text} vmap ${declared(d, 'map', `typeof ${a.text} : verdict; elements = { ${v(d, a)} : drop };`)}`,
  (d, a, b) => `${a.text} . ${b.text} vmap ${declared(d, 'map', `typeof ${a.text} . ${b.text} : verdict;`)}`,
  (d, a, b) =>
    `jhash ${a.text}${d.maybe(` . ${b.text}`)} mod ${1 + d.below(9)} seed 0x${d.hex(3)} ${d.below(9)}`,
  (d, a) => `meta mark set jhash ${a.text} mod 16 ${d.maybe('offset 100')}`,
  (d, a) => `dnat to ${a.text} map { ${v(d, a)} : ${anyValue(d, d.family === 'ip6' ? 'ip6' : 'ip4')} }`,
  (d, a) => `tcp dport 5 redirect to :${a.text} map { ${v(d, a)} : 80, ${v(d, a)} : ${d.below(65536)} }`,
  (d, a) =>
    `meta l4proto { tcp, udp } dnat ip to ${a.text} map { ${v(d, a)} : 1.2.3.4 . ${d.below(65536)}, ${v(d, a)} : 5.6.7.8 . 5-7 }`,
  (d, a) => `snat ${d.pick(['ip ', 'ip6 ', ''])}to ${a.text}`,
  (d, a) => `counter name ${a.text} map { ${v(d, a)} : "cnt" }`,
  (d, a) => `queue to ${a.text} map { ${v(d, a)} : 1, ${v(d, a)} : 2 }`,
  (d, a, b) => `${b.text} ${v(d, b)} ${a.text} ${v(d, a)} ${b.text} ${v(d, b)}`,
  (_, a) => `meter m1 size 10 { ${a.text} timeout 3s limit rate 5/second } accept`,
  (d, a) => `vxlan ${a.text} ${v(d, a)}`,
  (d, a) => `${d.pick(['geneve', 'gre', 'gretap'])} ${a.text} ${d.maybe('!= ')}{ ${v(d, a)}, ${r(d, a)} }`,
  (d, a) =>
    `fib ${d.pick(['saddr', 'daddr . iif', 'daddr . mark'])} ${d.pick(['oif', 'oifname', 'type'])} . ${a.text} vmap { ${d.pick(['1', '"lo"', 'local'])} . ${v(d, a)} : accept }`,
  (d, a) => `${a.text} map { ${v(d, a)} : ${v(d, a)} } ${v(d, a)}`,
  (d, a) =>
    `${a.text} ${d.pick(['==', '!=', 'in', ''])} ${d.pick(['$x', '{ $x, $y }', '$z', '$x-$y'])}${definitions(d, a)}`,
];

function definitions(draw: Draw, selector: Selector): string {
  for (const name of ['x', 'y']) draw.declarations.add(`define ${name} = ${v(draw, selector)}`);
  draw.declarations.add(`define z = { ${r(draw, selector)}, ${v(draw, selector)} }`);
  return '';
}

const hooks: Readonly<Record<(typeof families)[number], readonly string[]>> = {
  inet: ['filter hook input', 'nat hook prerouting', 'nat hook postrouting', 'filter hook ingress device lo'],
  ip: ['filter hook prerouting', 'nat hook prerouting', 'route hook output', 'nat hook output'],
  ip6: ['filter hook output', 'nat hook postrouting', 'nat hook prerouting'],
  netdev: ['filter hook ingress device lo', 'filter hook egress device lo'],
  bridge: ['filter hook prerouting', 'filter hook postrouting'],
  arp: ['filter hook input', 'filter hook output'],
};

const count = selectors.length * families.length * forms.length;

/** The rule at the place `seed` (modulo the number of all); the drawn parts are others in each turn. */
export function drawnGrid(seed: number): Drawn {
  const draw = new Draw(seed);
  // Steps of a number that shares no factor with the count reach all places, far from each other.
  const place = Number((BigInt(seed) * 1_000_003n) % BigInt(count));
  const family = families[place % families.length]!;
  const rest = Math.floor(place / families.length);
  const selector = selectors[rest % selectors.length]!;
  const form = forms[Math.floor(rest / selectors.length)]!;
  draw.family = family;
  const other = draw.oneIn(3) ? draw.pick(meta) : anySelector(draw);
  const rule = form(draw, selector, other);
  const base = draw.oneIn(4) ? '' : ` { type ${draw.pick(hooks[family])} priority 1; }`;
  const lines = [...draw.declarations, `add chain ${family} t c${base}`, `add rule ${family} t c ${rule}`];
  const start = [`add table ${family} t`, `add chain ${family} t other`, `add counter ${family} t cnt`];
  const subject = lines.join('\n');
  return { text: `${[...start, subject].join('\n')}\n`, subject };
}
