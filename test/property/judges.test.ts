// All judges on drawn rulesets and frames: the evaluator, the interpreter and the kernel's BPF must decide as
// nf_tables does. SEED repeats a run, AGREEMENT_RULESETS (for each hook) makes it longer, AGREEMENT_PAIRS
// is how many packets all kinds of judges must have been compared on in the end (10,000 with REQUIRE_ALL=1).
// AGREEMENT_FROM=loaded takes the register IR from what the reference nft loads, so that what is found lies in the
// back half.

import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type KernelJudges, openBackHalfJudges, openKernelJudges } from '../kernel/judges/all.ts';
import { seed } from '../support/random.ts';
import { isMissing } from '../support/requirements.ts';
import { checkAgreement, type Setting, type Tally } from './agreement.ts';

const thorough = process.env['REQUIRE_ALL'] === '1';
const rulesets = Number(process.env['AGREEMENT_RULESETS'] ?? (thorough ? 20 : 6));
const pairs = Number(process.env['AGREEMENT_PAIRS'] ?? (thorough ? 10_000 : 0));
// A ruleset costs as much time as some hundred packets: loading, translating, the verifier.
const packetsEach = 200;

// Marks are written only where a program can.
const settings: readonly Setting[] = [
  { family: 'netdev', hook: 'ingress', neighbour: 'inet', options: true },
  { family: 'netdev', hook: 'egress', options: true },
  { family: 'inet', hook: 'ingress', neighbour: 'netdev', options: true },
  { family: 'ip', hook: 'prerouting', neighbour: 'inet', writes: false, options: true },
  { family: 'ip6', hook: 'prerouting', neighbour: 'inet', writes: false, options: true },
  { family: 'inet', hook: 'input', neighbour: 'ip6', writes: false, options: true },
  { family: 'inet', hook: 'forward', neighbour: 'ip', writes: false, options: true },
  { family: 'inet', hook: 'output', neighbour: 'ip', writes: false, options: true },
  { family: 'inet', hook: 'postrouting', neighbour: 'ip6', writes: false, options: true },
];

/** Why rulesets were refused, the most frequent reasons first. */
function refusals({ refused }: Tally): string {
  const byReason = new Map<string, number>();
  for (const [key, count] of refused) {
    const reason = key.replace(/^[^:]*: /, '');
    byReason.set(reason, Math.max(byReason.get(reason) ?? 0, count));
  }
  const sorted = [...byReason].sort(([, a], [, b]) => b - a).slice(0, 8);
  return sorted.map(([reason, count]) => `  ${count} x ${reason}`).join('\n');
}

/** Judges of the four kinds: nf_tables itself is what the others are compared with. */
const kinds = ['evaluator', 'vm', 'live'] as const;

describe.skipIf(isMissing('root', 'nft'))('all judges agree', () => {
  let judges: KernelJudges;
  beforeAll(async () => {
    const open = process.env['AGREEMENT_FROM'] === 'loaded' ? openBackHalfJudges : openKernelJudges;
    judges = await open();
  });
  afterAll(() => judges.close());

  const totals = new Map<string, number>();

  it.each(settings)('$family $hook', { timeout: 600_000 }, setting => {
    const tally = checkAgreement(setting, judges.all, { seed, rulesets, packetsEach });
    const compared = [...tally.compared].map(([judge, packets]) => `${judge} ${packets}`).join(', ');
    console.log(`${setting.family} ${setting.hook}: seed ${seed}, ${tally.pairs} pairs: ${compared}`);
    console.log(refusals(tally));
    for (const [judge, packets] of tally.compared) totals.set(judge, (totals.get(judge) ?? 0) + packets);
    expect(tally.matched).toBeGreaterThan(tally.pairs / 10);
  });

  it('compared enough packets', () => {
    console.log(`in all: ${[...totals].map(([judge, packets]) => `${judge} ${packets}`).join(', ')}`);
    for (const kind of kinds) expect(totals.get(kind) ?? 0).toBeGreaterThanOrEqual(pairs);
  });
});
