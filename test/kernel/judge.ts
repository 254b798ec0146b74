// The comparing runner: several judges on one scenario must agree on every packet's verdict at the ruleset's hooks and
// on every counter.

import type { Judge, Judgement, Outcome, Scenario } from '../support/scenario.ts';

export interface Opinion {
  readonly judge: string;
  readonly judgement: Judgement;
}

/** Where a judge and the first one (the reference) differ. */
export interface Disagreement {
  readonly packet: number;
  readonly judge: string;
  readonly expected: string;
  readonly got: string;
}

/** Counters of rules, named counters and log statements are compared; element counters and quotas where both judges know them. */
function comparable(key: string): boolean {
  return key.startsWith('rule ') || key.startsWith('object ') || key.startsWith('log ');
}

/** Rule 2 before rule 10. */
const byNumbersToo = new Intl.Collator('en', { numeric: true });

/** One outcome as text: verdicts at the hooks in question, then counters in order. */
export function outcomeText({ passages, deltas }: Outcome, scenario: Pick<Scenario, 'hooks'>): string {
  const verdicts = scenario.hooks.flatMap(hook => {
    const passage = passages.get(hook);
    return passage === undefined ? [] : [`${hook} ${passage}`];
  });
  const counters = [...deltas]
    .filter(([key]) => comparable(key))
    .map(([key, { packets, bytes }]) => `${key} +${packets} +${bytes}`)
    .sort(byNumbersToo.compare);
  return [...verdicts, ...counters].join('\n');
}

export function askAll(judges: readonly Judge[], scenario: Scenario): Opinion[] {
  return judges.map(judge => ({ judge: judge.name, judgement: judge.judge(scenario) }));
}

function compareOutcomes(
  expected: readonly Outcome[],
  { outcomes, unjudged }: Extract<Judgement, { kind: 'judged' }>,
  judge: string,
  scenario: Scenario,
): Disagreement[] {
  if (outcomes.length !== expected.length) throw new Error(`${judge} judged ${outcomes.length} packets`);
  return outcomes.flatMap((outcome, packet) => {
    if (unjudged?.has(packet)) return [];
    const wanted = outcomeText(expected[packet]!, scenario);
    const answer = outcomeText(outcome, scenario);
    return wanted === answer ? [] : [{ packet, judge, expected: wanted, got: answer }];
  });
}

/** All differences from the first judge, who must have judged. A refusal is no disagreement. */
export function disagreements(opinions: readonly Opinion[], scenario: Scenario): Disagreement[] {
  const [reference, ...others] = opinions;
  if (reference?.judgement.kind !== 'judged') throw new Error('the reference judge did not judge');
  const expected = reference.judgement.outcomes;
  return others.flatMap(({ judge, judgement }) =>
    judgement.kind === 'judged' ? compareOutcomes(expected, judgement, judge, scenario) : [],
  );
}
