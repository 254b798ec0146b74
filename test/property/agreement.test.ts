// The evaluator against nf_tables. AGREEMENT_SEED repeats a run; AGREEMENT_RULESETS makes it longer.

import { afterAll, describe, expect, it } from 'vitest';
import { evaluatorJudge } from '../kernel/judges/evaluator.ts';
import { loadedIr } from '../kernel/judges/loaded-ir.ts';
import { nfTablesJudge } from '../kernel/judges/nf-tables.ts';
import { LabPool } from '../support/lab-pool.ts';
import { isMissing } from '../support/requirements.ts';
import type { Judge } from '../support/scenario.ts';
import { checkAgreement, type Setting, type Tally } from './agreement.ts';

const seed = Number(process.env['AGREEMENT_SEED'] ?? Date.now() % 1_000_000);
const rulesets = Number(process.env['AGREEMENT_RULESETS'] ?? 60);
const packetsEach = 40;

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

  it.each(settings)('$family $hook, conntrack $conntrack', { timeout: 600_000 }, setting => {
    const tally: Tally = checkAgreement(setting, judges, { seed, rulesets, packetsEach });
    const refused = [...tally.refused.values()].reduce((sum, count) => sum + count, 0);
    console.log(
      `${setting.family} ${setting.hook}: seed ${seed}, ${tally.pairs} pairs, ${tally.unseen} unseen, ` +
        `${tally.matched} matched, ${tally.dropped} dropped, ${refused} of ${tally.rulesets} rulesets refused`,
    );
    expect([...tally.refused.keys()]).toEqual([]);
    // Drawn packets have to meet drawn rules, and both verdicts have to occur.
    expect(tally.matched).toBeGreaterThan(tally.pairs / 10);
    expect(tally.dropped).toBeGreaterThan(tally.pairs / 20);
    expect(tally.pairs - tally.dropped).toBeGreaterThan(tally.pairs / 20);
  });
});
