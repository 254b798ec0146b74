// Sets and maps with elements near each other, so that ranges touch, overlap, nest and merge; in one declaration and in
// several commands.

import { Draw } from './draw.ts';
import type { Drawn } from './drawn.ts';

/** A value out of few, by its number. */
type Writer = (value: number) => string;

const writers: Readonly<Record<string, Writer>> = {
  inet_service: value => String(value + (value > 60 ? 65_471 : 0)),
  ipv4_addr: value =>
    value === 0 ? '0.0.0.0' : value === 64 ? '255.255.255.255' : `10.0.${value >> 4}.${(value & 15) * 16}`,
  ipv6_addr: value => (value === 0 ? '::' : `2001:db8::${value.toString(16)}`),
  mark: value => (value === 64 ? '0xffffffff' : `0x${value.toString(16)}`),
  ether_addr: value => `00:00:00:00:00:${value.toString(16).padStart(2, '0')}`,
  inet_proto: value => (value === 64 ? '255' : String(value)),
  ifname: value => (value % 3 === 0 ? `"eth${value}*"` : `"eth${value}"`),
  icmp_type: value => String(value),
};
const largest = 64;

const prefixBits: Readonly<Record<string, readonly number[]>> = {
  ipv4_addr: [0, 8, 24, 28, 30, 32],
  ipv6_addr: [0, 64, 120, 126, 128],
};

function part(draw: Draw, type: string): string {
  const write = writers[type]!;
  const from = draw.below(largest + 1);
  if (draw.oneIn(3)) return `${write(from)}-${write(Math.min(largest, from + draw.below(8)))}`;
  const prefixes = prefixBits[type];
  return prefixes !== undefined && draw.oneIn(4) ? `${write(from)}/${draw.pick(prefixes)}` : write(from);
}

function data(draw: Draw, type: string): string {
  return type === 'verdict'
    ? draw.pick(['accept', 'drop', 'jump other', 'continue'])
    : writers[type]!(draw.below(largest + 1));
}

function elements(draw: Draw, key: readonly string[], value: string | undefined): string {
  const one = (d: Draw): string => {
    const text = d.oneIn(20) ? '*' : key.map(type => part(d, type)).join(' . ');
    const options = d.words(d.maybe('counter', 20), d.maybe('timeout 1h', 20), d.maybe('comment "c"', 20));
    return `${d.words(text, options)}${value === undefined ? '' : ` : ${data(d, value)}`}`;
  };
  return `{ ${draw.several(one, ', ', 1, 6)} }`;
}

/** One set or map, the elements that come and go, and a rule that asks it. */
export function drawnSet(seed: number): Drawn {
  const draw = new Draw(seed);
  const key = Array.from({ length: draw.pick([1, 1, 1, 2, 3]) }, () => draw.pick(Object.keys(writers)));
  const value = draw.oneIn(3) ? draw.pick(['verdict', 'verdict', ...Object.keys(writers)]) : undefined;
  const kind = value === undefined ? 'set' : 'map';
  const type = `type ${key.join(' . ')}${value === undefined ? '' : ` : ${value}`};`;
  const properties = draw.words(
    draw.oneIn(6)
      ? ''
      : `flags ${draw.pick(['interval', 'interval', 'interval', 'interval, timeout', 'interval, constant', 'timeout'])};`,
    draw.maybe('auto-merge;', kind === 'set' ? 3 : 30),
    draw.maybe('size 100;', 10),
    draw.maybe('timeout 1d;', 12),
    draw.maybe('counter;', 12),
    draw.maybe('policy memory;', 12),
  );
  const first = draw.maybe(d => `elements = ${elements(d, key, value)}`);
  const lines = [
    `add ${kind} inet t s { ${draw.words(type, properties, first)} }`,
    ...Array.from({ length: draw.below(3) }, () => `add element inet t s ${elements(draw, key, value)}`),
    ...(draw.oneIn(8)
      ? [`${draw.pick(['delete', 'destroy', 'create'])} element inet t s ${elements(draw, key, value)}`]
      : []),
  ];
  return {
    text: `add table inet t\nadd chain inet t other\n${lines.join('\n')}\n`,
    subject: lines.join('\n'),
  };
}
