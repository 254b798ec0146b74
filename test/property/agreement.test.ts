// The evaluator against nf_tables, on the register IR that the kernel itself has of a ruleset. SEED repeats a
// run; AGREEMENT_RULESETS makes it longer.

import { afterAll, describe, expect, it } from 'vitest';
import { evaluatorJudge } from '../kernel/judges/evaluator.ts';
import { loadedIr } from '../kernel/judges/loaded-ir.ts';
import { nfTablesJudge } from '../kernel/judges/nf-tables.ts';
import { LabPool } from '../support/lab-pool.ts';
import { seed } from '../support/random.ts';
import { isMissing } from '../support/requirements.ts';
import type { Judge } from '../support/scenario.ts';
import { checkAgreement, type Setting } from './agreement.ts';

const rulesets = Number(process.env['AGREEMENT_RULESETS'] ?? 20);
const packetsEach = 120;

const settings: readonly Setting[] = [
  { family: 'netdev', hook: 'ingress', neighbour: 'inet', exotic: true },
  { family: 'netdev', hook: 'egress', exotic: true },
  { family: 'inet', hook: 'ingress', neighbour: 'netdev', exotic: true },
  { family: 'ip', hook: 'prerouting', neighbour: 'inet', exotic: true },
  { family: 'ip6', hook: 'prerouting', neighbour: 'inet', exotic: true },
  { family: 'inet', hook: 'prerouting', neighbour: 'ip', exotic: true },
  { family: 'inet', hook: 'input', neighbour: 'ip6', exotic: true },
  { family: 'inet', hook: 'forward', neighbour: 'ip', exotic: true },
  { family: 'inet', hook: 'output', neighbour: 'ip', exotic: true },
  { family: 'inet', hook: 'postrouting', neighbour: 'ip6', exotic: true },
  { family: 'inet', hook: 'prerouting', neighbour: 'ip', conntrack: true },
  { family: 'inet', hook: 'input', neighbour: 'ip6', conntrack: true },
  { family: 'inet', hook: 'output', neighbour: 'ip', conntrack: true },
];

describe.skipIf(isMissing('root', 'nft'))('the evaluator agrees with nf_tables', () => {
  const pool = new LabPool();
  afterAll(() => pool.close());
  const evaluator = evaluatorJudge({ major: 6, minor: 18 }, loadedIr(pool));
  const judges: readonly Judge[] = [nfTablesJudge(pool), evaluator];
  const total = { pairs: 0, matched: 0, dropped: 0 };

  it.each(settings)('$family $hook, conntrack $conntrack', { timeout: 600_000 }, setting => {
    const tally = checkAgreement(setting, judges, { seed, rulesets, packetsEach });
    console.log(
      `${setting.family} ${setting.hook}: seed ${seed}, ${tally.rulesets} rulesets, ${tally.pairs} pairs, ` +
        `${tally.unseen} unseen, ${tally.matched} matched, ${tally.dropped} dropped`,
    );
    // Everything drawn is modelled, and next to everything is taken by the reference.
    const refused = [...tally.refused.keys()];
    expect(refused.filter(reason => !reason.startsWith('nf_tables'))).toEqual([]);
    expect(refused.length, refused.join('\n')).toBeLessThanOrEqual(Math.ceil(rulesets / 50));
    total.pairs += tally.pairs;
    total.matched += tally.matched;
    total.dropped += tally.dropped;
  });

  it('on enough packets, which meet the rules with both outcomes', () => {
    const share = (count: number) => count / total.pairs;
    console.log(`in all ${total.pairs} pairs, ${total.matched} matched, ${total.dropped} dropped`);
    expect(total.pairs).toBeGreaterThan(250 * rulesets);
    expect(share(total.matched)).toBeGreaterThan(0.3);
    expect(share(total.dropped)).toBeGreaterThan(0.1);
    expect(share(total.dropped)).toBeLessThan(0.9);
  });
});
