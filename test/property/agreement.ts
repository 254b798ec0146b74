// The property that judges agree: rulesets and frames are drawn near each other's boundaries, every judge is asked, and
// nf_tables has the last word. What fails is shrunk and shown as a case file, ready for test/cases.

import fc from 'fast-check';
import type { Family, Hook } from '../../src/model/family.ts';
import { type Disagreement, disagreements, outcomeText } from '../kernel/judge.ts';
import { writeCase } from '../support/case-file.ts';
import { nftPath } from '../support/requirements.ts';
import {
  hasConntrack,
  type Judge,
  type Judgement,
  type Outcome,
  type Scenario,
  scenario,
  type Via,
} from '../support/scenario.ts';
import { frame, localPacket } from './arbitraries/frame.ts';
import type { Taste } from './arbitraries/internet.ts';
import { ruleset } from './arbitraries/ruleset.ts';

export interface Setting {
  readonly family: Family;
  readonly hook: Hook;
  /** Another family, for a second table on the same hook. */
  readonly neighbour?: Family;
  /** Hashes, extension headers, options; limits, quotas and number generators in front of routing. */
  /** Rules write marks; default true. */
  readonly writes?: boolean;
  readonly exotic?: boolean;
  /** Extension headers and options, which every target reads. */
  readonly options?: boolean;
  /** ct keys; no connection outlives its packet. */
  readonly conntrack?: boolean;
}

/** What a run found; `pairs` counts packets that reached the hook and were compared. */
export interface Tally {
  rulesets: number;
  pairs: number;
  /** Packets that never reached the hook. */
  unseen: number;
  /** Packets that moved a counter, and that were dropped. */
  matched: number;
  dropped: number;
  /** Rulesets that a judge refused, by reason. */
  readonly refused: Map<string, number>;
  /** Packets that each judge was compared on. */
  readonly compared: Map<string, number>;
}

/** Hooks in front of routing: which packets arrive there is the model's matter as well. */
const beforeRouting: readonly Hook[] = ['ingress', 'egress', 'prerouting'];

const viaOf: Partial<Record<Hook, Via>> = { egress: 'egress', output: 'local' };
const deviceOf: Partial<Record<Hook, string>> = { ingress: 'in0', egress: 'out0' };

/** Behind the stack's checks most malformed packets never arrive, so fewer are drawn. */
function tasteOf({ hook, conntrack = false }: Setting): Taste {
  const hostile = hook === 'ingress' || hook === 'egress' ? 'often' : 'rare';
  return { hostile, routed: !beforeRouting.includes(hook), tracked: conntrack };
}

function scenarios(setting: Setting, packetsEach: number): fc.Arbitrary<Scenario> {
  const { hook, family, neighbour } = setting;
  const device = deviceOf[hook];
  const via = viaOf[hook] ?? 'input';
  const bytes = via === 'local' ? localPacket(tasteOf(setting)) : frame(tasteOf(setting));
  return fc
    .record({
      text: ruleset({
        place: { family, hook, ...(device && { device }) },
        ...(neighbour && { neighbour }),
        writes: setting.writes ?? true,
        exotic: setting.exotic ?? false,
        options: setting.options ?? false,
        fills: (setting.options ?? false) && !setting.conntrack && beforeRouting.includes(hook),
        conntrack: setting.conntrack ?? false,
        stateful: (setting.exotic ?? false) && !setting.conntrack && beforeRouting.includes(hook),
      }),
      packets: fc.noBias(fc.array(bytes, { minLength: 1, maxLength: packetsEach, size: 'max' })),
    })
    .map(({ text, packets }) =>
      scenario({ ruleset: text, packets: packets.map(one => ({ via, bytes: one })) }),
    );
}

/**
 * The packets to compare. Behind routing, and where conntrack puts fragments together, only those that every judge saw
 * there: what becomes of the others, and the errors that the machine sends about them, are no judge's matter.
 */
function compared(opinions: readonly Spoken[], subject: Scenario): ReadonlySet<number> {
  const { hooks } = subject;
  const isBefore = !hasConntrack(subject) && hooks.every(hook => beforeRouting.includes(hook));
  const isSeen = ({ passages }: Outcome) => hooks.some(hook => passages.has(hook));
  const isSeenBy = ({ judgement }: Spoken, index: number): boolean =>
    judgement.unjudged?.has(index) === true || isSeen(judgement.outcomes[index]!);
  const indexes = opinions[0]!.judgement.outcomes.map((_, index) => index);
  return new Set(indexes.filter(index => isBefore || opinions.every(opinion => isSeenBy(opinion, index))));
}

function failureText(
  subject: Scenario,
  outcomes: readonly Outcome[],
  found: readonly Disagreement[],
): string {
  const packets = [...new Set(found.map(({ packet }) => packet))].slice(0, 3);
  const text = writeCase({
    comment: `disagreement with ${[...new Set(found.map(({ judge }) => judge))].join(', ')}`,
    scenario: { ...subject, packets: packets.map(packet => subject.packets[packet]!) },
    expected: packets.map(packet => outcomeText(outcomes[packet]!, subject)),
  });
  return `${text}\n== instead\n${found
    .map(({ judge, got }) => `${judge}:\n${got}`)
    .slice(0, 3)
    .join('\n')}`;
}

interface Spoken {
  readonly judge: string;
  readonly judgement: Extract<Judgement, { kind: 'judged' }>;
}

/** What the reference will not load is no ruleset: the arbitraries should not draw it, but that is not the property. */
function opinionOf(judge: Judge, subject: Scenario): Judgement {
  try {
    return judge.judge(subject);
  } catch (error) {
    const message = error instanceof Error ? error.message : '';
    if (judge.name !== 'nf_tables' || !message.includes(`${nftPath} failed`)) throw error;
    return { kind: 'refused', reason: message };
  }
}

/** The opinions, in order. Who refuses is counted and left out; undefined if none but the reference speaks. */
function ask(judges: readonly Judge[], subject: Scenario, tally: Tally): Spoken[] | undefined {
  tally.rulesets++;
  const opinions: Spoken[] = [];
  for (const judge of judges) {
    const judgement = opinionOf(judge, subject);
    if (judgement.kind === 'judged') {
      opinions.push({ judge: judge.name, judgement });
      continue;
    }
    const reason = `${judge.name}: ${judgement.reason}`;
    tally.refused.set(reason, (tally.refused.get(reason) ?? 0) + 1);
    // Nothing to compare with.
    if (judge === judges[0]) return undefined;
  }
  return opinions.length > 1 && opinions[0]?.judge === judges[0]?.name ? opinions : undefined;
}

function count(
  outcomes: readonly Outcome[],
  among: ReadonlySet<number>,
  { hooks }: Scenario,
  tally: Tally,
): void {
  outcomes.forEach(({ passages, deltas }, index) => {
    if (!among.has(index) || !hooks.some(hook => passages.has(hook))) {
      tally.unseen++;
      return;
    }
    tally.pairs++;
    if (deltas.size > 0) tally.matched++;
    if (hooks.some(hook => passages.get(hook) === 'drop')) tally.dropped++;
  });
}

/** Asks all judges; the first is the reference. Returns what is wrong, if anything. */
function examine(judges: readonly Judge[], subject: Scenario, tally: Tally): string | undefined {
  const opinions = ask(judges, subject, tally);
  if (!opinions) return undefined;
  const { outcomes } = opinions[0]!.judgement;
  const among = compared(opinions, subject);
  count(outcomes, among, subject, tally);
  for (const { judge, judgement } of opinions.slice(1)) {
    const told = [...among].filter(index => !judgement.unjudged?.has(index)).length;
    tally.compared.set(judge, (tally.compared.get(judge) ?? 0) + told);
  }
  const found = disagreements(opinions, subject).filter(({ packet }) => among.has(packet));
  return found.length === 0 ? undefined : failureText(subject, outcomes, found);
}

export interface Effort {
  readonly seed: number;
  readonly rulesets: number;
  /** At most; fast-check draws a number up to it. */
  readonly packetsEach: number;
  /** False: what fails first is shown as it is. */
  readonly shrink?: boolean;
}

class Disagree extends Error {}

/** The ruleset that something was thrown for. */
function given(counterexample: readonly [Scenario] | null): string {
  return counterexample === null ? '' : counterexample[0].ruleset;
}

/**
 * Runs the property; throws with the shrunk case and the seed if judges disagree. `prepare` makes the scenario that is
 * judged of the one that was drawn.
 */
export function checkAgreement(
  setting: Setting,
  judges: readonly Judge[],
  effort: Effort,
  prepare: (drawn: Scenario) => Scenario = drawn => drawn,
): Tally {
  const tally: Tally = {
    rulesets: 0,
    pairs: 0,
    unseen: 0,
    matched: 0,
    dropped: 0,
    refused: new Map(),
    compared: new Map(),
  };
  const property = fc.property(scenarios(setting, effort.packetsEach), drawn => {
    const subject = prepare(drawn);
    const wrong = examine(judges, subject, tally);
    if (wrong !== undefined) throw new Disagree(wrong);
  });
  const outcome = fc.check(property, {
    numRuns: effort.rulesets,
    seed: effort.seed,
    endOnFailure: effort.shrink === false,
  });
  if (outcome.failed) {
    const error = outcome.errorInstance;
    // A disagreement says all in its message; of anything else that is thrown the place is wanted, and the input.
    const isDisagreement = error instanceof Disagree;
    const cause = isDisagreement
      ? error.message
      : `${(error as Error).stack}\n${given(outcome.counterexample)}`;
    throw new Error(`seed ${effort.seed}, path ${outcome.counterexamplePath}\n${cause}`);
  }
  return tally;
}
