// Sets whose elements expire or have statements, maps to objects, and commands that change their elements. What is left of a
// time is at least minutes, so that it is not gone before it is listed.

import { Draw } from '../language/draw.ts';
import { type DrawnChanges, nearPart, type Verb } from './drawn-changes.ts';

/** Forms of each statement, the first for declarations. */
const statements: Readonly<Record<string, readonly string[]>> = {
  counter: [
    'counter',
    'counter packets 3 bytes 120',
    'counter bytes 7',
    'counter packets 18446744073709551615',
  ],
  limit: [
    'limit rate 3/second burst 7 packets',
    'limit rate 3/second burst 7 packets',
    'limit rate 4/minute',
  ],
  bytes: [
    'limit rate over 10 kbytes/minute burst 3 kbytes',
    'limit rate over 10240 bytes/minute burst 3072 bytes',
  ],
  quota: [
    'quota 10 kbytes',
    'quota 10240 bytes used 7 bytes',
    'quota 10 kbytes used 1 kbytes',
    'quota over 1 bytes',
  ],
};

const times = ['5m', '1h', '90m', '2d3h4m5s', '1h30m', '0s', 'never'];

class States {
  readonly #draw: Draw;
  readonly #kinds: readonly string[];
  readonly #types: readonly string[];
  readonly #ranges: boolean;
  readonly #isTimed: boolean;
  readonly #objects: boolean;
  readonly #known: string[] = [];

  constructor(
    draw: Draw,
    form: {
      kinds: readonly string[];
      types: readonly string[];
      ranges: boolean;
      isTimed: boolean;
      objects: boolean;
    },
  ) {
    this.#draw = draw;
    this.#kinds = form.kinds;
    this.#types = form.types;
    this.#ranges = form.ranges;
    this.#isTimed = form.isTimed;
    this.#objects = form.objects;
  }

  #key(): string {
    const draw = this.#draw;
    if (this.#known.length > 0 && draw.oneIn(2)) return draw.pick(this.#known);
    // nft does not find a wildcard with a statement again (`"eth*"`).
    const text = this.#types.map(type => nearPart(type).text(draw, this.#ranges)).join(' . ');
    const key = text.replaceAll('*', '');
    this.#known.push(key);
    return key;
  }

  #statements(): string {
    const draw = this.#draw;
    if (draw.oneIn(2)) return '';
    const kinds = draw.oneIn(20) ? [draw.pick(Object.keys(statements))] : this.#kinds;
    return kinds.map(kind => draw.pick(statements[kind]!)).join(' ');
  }

  #times(): string {
    const draw = this.#draw;
    if (!this.#isTimed && !draw.oneIn(20)) return '';
    const time = (): string => draw.pick(times);
    return draw.words(
      draw.oneIn(2) ? `timeout ${time()}` : '',
      draw.oneIn(4) ? `expires ${time().replace('never', '10m')}` : '',
    );
  }

  element(isDeclared: boolean): string {
    const draw = this.#draw;
    const key = this.#key();
    const state = [this.#statements(), isDeclared ? '' : this.#times()];
    const text = draw.words(key, ...(draw.oneIn(2) ? state : state.reverse()));
    return this.#objects ? `${text} : ${draw.pick(['"a"', '"b"', 'a', 'c'])}` : text;
  }

  elements(most: number, isDeclared = false): string {
    return Array.from({ length: 1 + this.#draw.below(most) }, () => this.element(isDeclared)).join(', ');
  }
}

const verbs: readonly Verb[] = ['add', 'add', 'add', 'add', 'create', 'delete', 'delete', 'destroy'];

export function drawnStates(seed: number): DrawnChanges {
  const draw = new Draw(seed);
  const types = Array.from({ length: draw.pick([1, 1, 2]) }, () =>
    draw.pick(['ipv4_addr', 'inet_service', 'mark', 'ifname']),
  );
  const objects = draw.oneIn(5);
  const ranges = draw.oneIn(3);
  const kinds = objects
    ? []
    : draw.pick([[], ['counter'], ['counter'], ['limit'], ['bytes'], ['quota'], ['counter', 'quota']]);
  const isTimed = !objects && (kinds.length === 0 || draw.oneIn(2)) && !draw.oneIn(6);
  const usual = isTimed && draw.oneIn(2);
  const states = new States(draw, { kinds, types, ranges, isTimed, objects });
  const flags = [...(ranges ? ['interval'] : []), ...(isTimed ? ['timeout'] : [])];
  const properties = draw.words(
    flags.length > 0 ? `flags ${flags.join(',')};` : '',
    usual ? `timeout ${draw.pick(['5m', '3h'])};` : '',
    kinds.length > 0 ? `${kinds.map(kind => statements[kind]![0]).join(' ')};` : '',
    draw.maybe(`size ${1 + draw.below(4)};`, 6),
    usual || draw.oneIn(4) ? '' : `elements = { ${states.elements(4, true)} };`,
  );
  const objectTexts = objects ? 'counter a { }\ncounter b { }\nquota c { 1 mbytes }\n' : '';
  const type = `type ${types.join(' . ')}${objects ? ' : counter' : ''};`;
  return {
    text: `table inet t {\n${objectTexts}${objects ? 'map' : 'set'} s { ${type} ${properties} }\n}\n`,
    changes: Array.from({ length: 1 + draw.below(6) }, () => ({
      verb: draw.pick(verbs),
      elements: states.elements(3),
    })),
  };
}
