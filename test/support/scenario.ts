// One ruleset, some packets, and where they come from: what every judge is given, and what it answers.

import type { Hook } from '../../src/model/family.ts';
import type { Counts } from './net/counters.ts';
import type { Lab, LabOptions, Routing } from './net/lab.ts';
import type { Passage } from './net/observer.ts';

/**
 * - `input`, `output`: a frame that arrives at the input or output device.
 * - `egress`: a frame that leaves through the output device.
 * - `local`: an IP packet that the machine itself sends.
 */
export type Via = 'input' | 'output' | 'egress' | 'local';

export interface ScenarioPacket {
  readonly via: Via;
  readonly bytes: Uint8Array;
}

export interface Scenario {
  readonly name: string;
  readonly ruleset: string;
  /** A ruleset that stays in nf_tables beside the one in question, whoever decides that one. */
  readonly beside: string;
  readonly input: string;
  readonly output: string;
  /** More devices that the ruleset names. */
  readonly others: readonly string[];
  readonly routing: Routing;
  /**
   * Whether packets go their whole way, so that connections come into being and the machine answers. Else they end
   * behind the last hook that the ruleset has a base chain at.
   */
  readonly flows: boolean;
  /** The hooks at which the ruleset has base chains; only there verdicts are compared. */
  readonly hooks: readonly Hook[];
  readonly packets: readonly ScenarioPacket[];
}

/** What became of one packet. */
export interface Outcome {
  readonly passages: ReadonlyMap<Hook, Passage>;
  /** Counters that moved, see `Counts`. */
  readonly deltas: Counts;
}

export type Judgement =
  | {
      readonly kind: 'judged';
      readonly outcomes: readonly Outcome[];
      /** Packets (by index) that the judge has no opinion on; their outcomes mean nothing. */
      readonly unjudged?: ReadonlySet<number>;
    }
  /** The judge cannot say (a refusal, something that is not modelled), and why. */
  | { readonly kind: 'refused'; readonly reason: string };

export interface Judge {
  readonly name: string;
  judge(scenario: Scenario): Judgement;
}

/** The hooks in the order a packet meets them. */
const hookOrder: readonly Hook[] = [
  'ingress',
  'prerouting',
  'input',
  'forward',
  'output',
  'postrouting',
  'egress',
];

const hookPattern = /\bhook\s+(ingress|prerouting|input|forward|output|postrouting|egress)\b/g;

/** The hooks that a ruleset's text has base chains at. */
export function hooksOf(ruleset: string): Hook[] {
  const found = new Set([...ruleset.matchAll(hookPattern)].map(match => match[1]));
  return hookOrder.filter(hook => found.has(hook));
}

/** Whether conntrack is on: a ruleset that uses it switches it on when nf_tables runs it. */
export function hasConntrack({ flows, ruleset, beside }: Scenario): boolean {
  return flows || /\bct\s/.test(ruleset + beside);
}

/** A scenario with the usual values: devices in0 and out0; packets reach the last hook that the ruleset has. */
export function scenario(given: Pick<Scenario, 'ruleset' | 'packets'> & Partial<Scenario>): Scenario {
  const hooks = hooksOf(given.ruleset);
  return {
    name: 'scenario',
    beside: '',
    input: 'in0',
    output: 'out0',
    others: [],
    routing: hooks.at(-1) === 'input' ? 'local' : 'forward',
    flows: false,
    hooks,
    ...given,
  };
}

export function labOptions({ input, output, others, routing, flows, hooks }: Scenario): LabOptions {
  const last = hooks.at(-1);
  return {
    input,
    output,
    others,
    routing,
    conntrack: flows,
    silent: !flows && !hooks.includes('output') && !hooks.includes('postrouting'),
    // Behind egress nobody is left to answer, and tc still has to see the packet.
    ...(!flows && last && last !== 'egress' && { endAt: last }),
  };
}

export function send(lab: Lab, { via, bytes }: ScenarioPacket): void {
  if (via === 'input') lab.input.inject(bytes);
  else if (via === 'output') lab.output.inject(bytes);
  else if (via === 'egress') lab.sender.sendFrame(bytes);
  else lab.sender.sendPacket(bytes);
}
