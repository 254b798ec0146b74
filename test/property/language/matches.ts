// Comparisons: a selector (or what is made of some), an operator, and one of the forms that a right-hand side has.

import type { Draw } from './draw.ts';
import { anySelector, type Selector } from './selectors.ts';
import { setOf } from './sets.ts';
import { type Kind, value } from './values.ts';

const prefixes: Readonly<Record<string, number>> = {
  ip4: 32,
  ip6: 128,
  u32: 32,
  u16: 16,
  port: 16,
  ether: 48,
  mark: 32,
};

/** A value, a range, a prefix: what may stand as one element of a set. */
export function element(draw: Draw, kind: Kind): string {
  const form = draw.below(10);
  if (form === 0) return `${value(draw, kind)}-${value(draw, kind)}`;
  if (form === 1 && prefixes[kind] !== undefined)
    return `${value(draw, kind)}/${draw.number(prefixes[kind] + 1)}`;
  if (form === 2 && /^(port|u8|u16|u32)$/.test(kind)) return ascending(draw);
  return value(draw, kind);
}

function ascending(draw: Draw): string {
  const low = draw.below(200);
  return `${low}-${low + draw.below(100)}`;
}

const relation = (draw: Draw): string =>
  draw.one(
    '',
    '',
    '',
    '== ',
    '!= ',
    '!= ',
    '< ',
    '> ',
    '<= ',
    '>= ',
    '! ',
    'eq ',
    'ne ',
    'lt ',
    'gt ',
    'ge ',
    'le ',
  );

function masked(draw: Draw, { text, kind }: Selector): string {
  const mask = (): string =>
    draw.one(
      d => value(d, kind),
      d => `0x${d.hex(2)}`,
      d => `(${value(d, kind)} | ${value(d, kind)})`,
    );
  return draw.one(
    d => `${text} & ${mask()} ${d.one('==', '!=', '', '<', '>')} ${value(d, kind)}`,
    d => `${text} ${d.one('|', '^', '&')} ${mask()} == ${value(d, kind)}`,
    d => `(${text} & ${mask()}) ${d.one('|', '^', '&')} ${mask()} ${d.one('==', '!=')} ${value(d, kind)}`,
    d => `${text} ${d.one('<<', '>>')} ${d.number(40)} ${d.one('==', '!=', '>')} ${value(d, kind)}`,
    d => `${text} and ${mask()} xor ${mask()} == ${value(d, kind)}`,
    d => `${text} ${d.one('', '!=', '==')} ${value(d, kind)} / ${value(d, kind)}`,
    d =>
      `${text} ${d.one('', '!=')} ${value(d, kind)},${value(d, kind)} / ${value(d, kind)},${value(d, kind)}`,
    d => `${text} & ${mask()} { ${value(d, kind)}, ${value(d, kind)} }`,
    d => `${text} & ${anySelector(d).text} == ${value(d, kind)}`,
  );
}

function anonymous(draw: Draw, kinds: readonly Kind[]): string {
  const one = (): string => kinds.map(kind => element(draw, kind)).join(' . ');
  return `{ ${draw.several(() => one(), ', ', 1, 4)}${draw.maybe(',', 8)} }`;
}

function concatenated(draw: Draw): string {
  const parts = Array.from({ length: 2 + draw.below(3) }, () => anySelector(draw));
  const kinds = parts.map(part => part.kind);
  const left = parts.map(part => part.text).join(' . ');
  const operator = draw.one('', '', '!= ', '== ', '< ');
  return draw.one(
    d => `${left} ${operator}${anonymous(d, kinds)}`,
    d => `${left} ${operator}${kinds.map(kind => element(d, kind)).join(' . ')}`,
    d => `${left} ${operator}@${setOf(d, parts)}`,
    d =>
      `${left} vmap { ${d.several(() => `${kinds.map(kind => element(d, kind)).join(' . ')} : ${verdict(d)}`, ', ', 1, 3)} }`,
  );
}

export function verdict(draw: Draw): string {
  return draw.one(
    'accept',
    'accept',
    'drop',
    'continue',
    'return',
    d => `jump ${d.oneIn(12) ? 'nosuch' : 'other'}`,
    'goto other',
  );
}

function verdictMap(draw: Draw, { text, kind }: Selector): string {
  const entries = (d: Draw): string =>
    `${element(d, kind)} ${d.maybe(e => e.one('counter', 'counter packets 1 bytes 2', 'limit rate 1/second'), 12)} : ${verdict(d)}`;
  return `${text} vmap { ${draw.several(entries, ', ', 1, 4)}${draw.maybe(d => `, * : ${verdict(d)}`, 5)} }`;
}

function mapped(draw: Draw, selector: Selector): string {
  const target = anySelector(draw);
  const entries = draw.several(d => `${element(d, selector.kind)} : ${value(d, target.kind)}`, ', ', 1, 3);
  return `${target.text} ${draw.one('', '!= ')}${selector.text} map { ${entries} }`;
}

/** A comparison of one of all forms. */
export function match(draw: Draw): string {
  const selector = anySelector(draw);
  const { text, kind } = selector;
  switch (draw.below(16)) {
    case 0:
      return masked(draw, selector);
    case 1:
    case 2:
      return `${text} ${draw.one('', '', '!= ')}${anonymous(draw, [kind])}`;
    case 3:
      return concatenated(draw);
    case 4:
      return verdictMap(draw, selector);
    case 5:
      return `${text} ${relation(draw)}@${setOf(draw, [selector])}`;
    case 6:
      return `${text} ${relation(draw)}${draw.several(d => value(d, kind), ',', 2, 3)}`;
    case 7:
      return `${text} ${draw.one('', '!= ')}${element(draw, kind)}`;
    case 8:
      return draw.one(
        d => mapped(d, selector),
        d => `${text} ${relation(d)}${anySelector(d).text}`,
        d => masked(d, selector),
      );
    case 9:
      return draw.one(
        d => `${text} ${relation(d)}$${variable(d, kind)}`,
        text,
        d => `${text} ${relation(d)}{ ${element(d, kind)}, $${variable(d, kind)} }`,
      );
    default:
      return `${text} ${relation(draw)}${value(draw, kind)}`;
  }
}

/** The name of a variable that is defined with a value of this kind. */
export function variable(draw: Draw, kind: Kind): string {
  const name = draw.name('v');
  const text = draw.one(
    d => value(d, kind),
    d => value(d, kind),
    d => element(d, kind),
    d => `{ ${element(d, kind)}, ${element(d, kind)} }`,
    d => `${value(d, kind)}, ${value(d, kind)}`,
  );
  draw.declarations.add(`define ${name} = ${text}`);
  return name;
}
