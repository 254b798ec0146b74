// The judge with the last word: nf_tables in this kernel.

import type { LabPool } from '../../support/lab-pool.ts';
import type { Lab } from '../../support/net/lab.ts';
import { hasConntrack, type Judge, type Scenario, send } from '../../support/scenario.ts';

/** `change` is called between loading and the first packet. */
export function nfTablesJudge(
  pool: LabPool,
  change: (lab: Lab, scenario: Scenario) => void = () => {},
): Judge {
  return {
    name: 'nf_tables',
    judge: scenario =>
      pool.with(scenario, lab => {
        lab.load(`${scenario.ruleset}\n${scenario.beside}`, hasConntrack(scenario));
        change(lab, scenario);
        const outcomes = scenario.packets.map(packet => lab.observe(() => send(lab, packet)));
        return { kind: 'judged', outcomes };
      }),
  };
}
