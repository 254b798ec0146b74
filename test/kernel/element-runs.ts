// Runs of commands on one set and packets that ask it, for sets whose elements count, have quotas or expire. What is left
// of a time is either minutes, or gone before the next packet.

import { Draw } from '../property/language/draw.ts';
import type { Verb } from '../property/runtime/drawn-changes.ts';
import { frame, udpPacket } from '../support/frames.ts';

export interface Step {
  readonly commands: readonly { readonly verb: Verb; readonly elements: string }[];
  /** Whether elements expire before the packets come. */
  readonly waits: boolean;
  readonly frames: readonly Uint8Array[];
}

export interface ElementRun {
  /** `table netdev t` with the set `s`; the counter `hit` has what it matched. */
  readonly ruleset: string;
  readonly steps: readonly Step[];
}

interface Form {
  readonly type: string;
  readonly key: string;
  readonly ranges: boolean;
}

const forms: readonly Form[] = [
  { type: 'ipv4_addr', key: 'ip saddr', ranges: false },
  { type: 'ipv4_addr . inet_service', key: 'ip saddr . udp dport', ranges: false },
  { type: 'ipv4_addr', key: 'ip saddr', ranges: true },
  { type: 'ipv4_addr . inet_service', key: 'ip saddr . udp dport', ranges: true },
];

/** Of the declaration, and of single elements. */
const statements: Readonly<Record<string, readonly [string, ...string[]]>> = {
  counter: ['counter', 'counter packets 3 bytes 120', 'counter packets 18446744073709551615 bytes 1'],
  quota: ['quota 100 bytes', 'quota 100 bytes used 60 bytes'],
};

const shortTime = '80ms';
/** Milliseconds behind which `shortTime` is over. */
export const pause = 200;

const verbs: readonly Verb[] = ['add', 'add', 'add', 'create', 'delete', 'destroy'];

const address = (draw: Draw): string => `10.0.0.${draw.below(6)}`;
const port = (draw: Draw): string => String(50 + draw.below(3));

class Elements {
  readonly #draw: Draw;
  readonly #form: Form;
  readonly #kinds: readonly string[];
  readonly #isTimed: boolean;
  isShort = false;
  /** Whether elements may expire before the next packet: not while commands follow, which take one side longer. */
  mayBeShort = false;

  constructor(draw: Draw, form: Form, kinds: readonly string[], isTimed: boolean) {
    this.#draw = draw;
    this.#form = form;
    this.#kinds = kinds;
    this.#isTimed = isTimed;
  }

  #key(): string {
    const draw = this.#draw;
    const { ranges, type } = this.#form;
    const first = ranges
      ? draw.one(address, '10.0.0.0/31', '10.0.0.2-10.0.0.4', '10.0.0.4/31')
      : address(draw);
    if (type === 'ipv4_addr') return first;
    return `${first} . ${ranges ? draw.one(port, '50-51', '51-52') : port(draw)}`;
  }

  #time(): string {
    if (!this.#isTimed || this.#draw.oneIn(3)) return '';
    const time = this.#draw.pick(['1h', '5m', '2h30m', this.mayBeShort ? shortTime : '1h']);
    this.isShort ||= time === shortTime;
    return `timeout ${time}`;
  }

  #element(verb: Verb): string {
    const draw = this.#draw;
    if (verb === 'delete' || verb === 'destroy') return this.#key();
    const own = draw.oneIn(2) ? this.#kinds.map(kind => draw.pick(statements[kind]!)) : [];
    return draw.words(this.#key(), this.#time(), ...own);
  }

  list(verb: Verb): string {
    return Array.from({ length: 1 + this.#draw.below(2) }, () => this.#element(verb)).join(', ');
  }
}

function drawnStep(draw: Draw, elements: Elements): Step {
  elements.isShort = false;
  const count = 1 + draw.below(3);
  const commands = Array.from({ length: count }, (_, index) => {
    elements.mayBeShort = index === count - 1;
    const verb = draw.pick(verbs);
    return { verb, elements: elements.list(verb) };
  });
  const frames = Array.from({ length: 6 }, () =>
    frame(
      udpPacket(
        { source: address(draw), destination: '10.0.0.1' },
        { sourcePort: 9, destinationPort: Number(port(draw)) },
      ),
    ),
  );
  return { commands, waits: elements.isShort, frames };
}

export function drawnRun(seed: number): ElementRun {
  const draw = new Draw(seed);
  const form = draw.pick(forms);
  const kinds = draw.pick([[], ['counter'], ['counter'], ['quota'], ['counter', 'quota']]);
  // Maps of ranges have no place for times.
  const isTimed = form.ranges ? draw.oneIn(8) : kinds.length === 0 || draw.oneIn(2);
  const elements = new Elements(draw, form, kinds, isTimed);
  const flags = [...(form.ranges ? ['interval'] : []), ...(isTimed ? ['timeout'] : [])];
  const properties = draw.words(
    `type ${form.type};`,
    flags.length > 0 ? `flags ${flags.join(', ')};` : '',
    isTimed && draw.oneIn(2) ? 'timeout 3h;' : '',
    ...(kinds.length > 0 ? [`${kinds.map(kind => statements[kind]![0]).join(' ')};`] : []),
    'size 64;',
  );
  const ruleset = `table netdev t {
  counter hit { }
  set s { ${properties} }
  chain c {
    type filter hook ingress device "in0" priority 0; policy drop;
    ${form.key} @s counter name hit accept
  }
}
`;
  return { ruleset, steps: Array.from({ length: 3 }, () => drawnStep(draw, elements)) };
}
