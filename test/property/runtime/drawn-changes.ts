// Sets and maps of all kinds with elements, and commands that add to them and take away again. Values are drawn from few
// neighbours or over all that a datatype has; texts are those of nft.

import { Draw } from '../language/draw.ts';
import { element } from '../language/matches.ts';
import { datatypes } from '../language/sets.ts';
import { value } from '../language/values.ts';

export interface DrawnChanges {
  /** A table with the set `s`, and chains `one` and `two` that a map may jump to. */
  readonly text: string;
  readonly changes: readonly { readonly verb: Verb; readonly elements: string }[];
}

export type Verb = 'add' | 'create' | 'delete' | 'destroy';

/** Values out of few, by their number. */
const near: Readonly<Record<string, (value: number) => string>> = {
  inet_service: value => String(value + (value > 28 ? 65_504 : 0)),
  ipv4_addr: value => (value === 31 ? '255.255.255.255' : `10.0.0.${value}`),
  ipv6_addr: value => `2001:db8::${value.toString(16)}`,
  mark: value => (value === 31 ? '0xffffffff' : `0x${value.toString(16)}`),
  ether_addr: value => `02:00:00:00:00:${value.toString(16).padStart(2, '0')}`,
  inet_proto: value => String(value * 8),
  ifname: value => `"eth${value}${value % 3 === 0 ? '*' : ''}"`,
};
const prefixes: Readonly<Record<string, number>> = { ipv4_addr: 32, ipv6_addr: 128 };

/** A part of a key: how values of it are drawn, by its datatype's name. */
export interface Part {
  readonly type: string;
  readonly text: (draw: Draw, ranges: boolean) => string;
}

export function nearPart(type: string): Part {
  const write = near[type]!;
  return {
    type,
    text: (draw, ranges) => {
      const from = draw.below(32);
      if (!ranges || draw.oneIn(2)) return write(from).replace('*', ranges ? '*' : '');
      const bits = prefixes[type];
      if (bits !== undefined && draw.oneIn(2)) return `${write(from)}/${bits - draw.below(6)}`;
      return `${write(from)}-${write(Math.min(31, from + draw.below(6)))}`;
    },
  };
}

/**
 * Any datatype; left out are kinds whose names are not types of declarations, and those that nft lists in another way than
 * it reads them (codes of ICMP), or that it finds again only sometimes (ranges of values that fill no bytes).
 */
const kinds = Object.entries(datatypes).filter(
  ([, type]) =>
    ![
      'cgroupid',
      'ifkind',
      'hour',
      'day',
      'icmp_code',
      'icmpv6_code',
      'cgroupsv2',
      'boolean',
      'ecn',
      'dscp',
      'dccp_pkttype',
    ].includes(type),
);

/** Prefixes of numbers in the machine's order are other ranges to nft where they are part of a concatenation. */
const onlyAddresses = /(?<=^[^.:]*)\/\d+$/;

function anyPart(draw: Draw): Part {
  if (draw.oneIn(2)) return nearPart(draw.pick(Object.keys(near)));
  const [kind, type] = draw.pick(kinds);
  return {
    type,
    text: (d, ranges) =>
      (ranges ? element(d, kind) : value(d, kind)).replaceAll('\\', '').replace(onlyAddresses, ''),
  };
}

const verdictText = (draw: Draw): string =>
  draw.pick(['accept', 'drop', 'continue', 'return', 'jump one', 'goto two', 'jump two']);

/** Half of the commands concern what an earlier one put there. */
class Changes {
  private readonly draw: Draw;
  private readonly key: readonly Part[];
  private readonly data: readonly Part[] | 'verdict' | undefined;
  private readonly ranges: boolean;
  private readonly known: string[] = [];

  constructor(
    draw: Draw,
    key: readonly Part[],
    data: readonly Part[] | 'verdict' | undefined,
    ranges: boolean,
  ) {
    this.draw = draw;
    this.key = key;
    this.data = data;
    this.ranges = ranges;
  }

  private keyText(): string {
    const { draw, known } = this;
    if (draw.oneIn(20)) return '*';
    if (known.length > 0 && draw.oneIn(2)) return draw.pick(known);
    return this.key.map(part => part.text(draw, this.ranges)).join(' . ');
  }

  element(): string {
    const { draw, data } = this;
    const key = this.keyText();
    this.known.push(key);
    if (data === undefined) return key;
    return `${key} : ${data === 'verdict' ? verdictText(draw) : data.map(part => part.text(draw, false)).join(' . ')}`;
  }

  elements(most: number): string {
    return Array.from({ length: 1 + this.draw.below(most) }, () => this.element()).join(', ');
  }
}

export function drawnChanges(seed: number): DrawnChanges {
  const draw = new Draw(seed);
  const key = Array.from({ length: draw.pick([1, 1, 1, 2, 2, 3]) }, () => anyPart(draw));
  const data = draw.pick([
    undefined,
    undefined,
    'verdict',
    [anyPart(draw)],
    [anyPart(draw), anyPart(draw)],
  ] as const);
  const ranges = draw.oneIn(2);
  const changes = new Changes(draw, key, data, ranges);
  const gives =
    data === undefined ? '' : ` : ${data === 'verdict' ? data : data.map(part => part.type).join(' . ')}`;
  const properties = draw.words(
    ranges ? 'flags interval;' : '',
    ranges && data === undefined ? draw.maybe('auto-merge;', 3) : '',
    draw.maybe(`size ${1 + draw.below(4)};`, 6),
    draw.oneIn(4) ? '' : `elements = { ${changes.elements(5)} };`,
  );
  const type = `type ${key.map(part => part.type).join(' . ')}${gives};`;
  const verbs: readonly Verb[] = ['add', 'add', 'add', 'create', 'delete', 'delete', 'delete', 'destroy'];
  return {
    text: `table inet t {\nchain one {}\nchain two {}\n${data === undefined ? 'set' : 'map'} s { ${type} ${properties} }\n}\n`,
    changes: Array.from({ length: 1 + draw.below(6) }, () => ({
      verb: draw.pick(verbs),
      elements: changes.elements(3),
    })),
  };
}
