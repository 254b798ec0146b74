// The judge with the last word: nf_tables in this kernel.

import type { LabPool } from '../../support/lab-pool.ts';
import { hasConntrack, type Judge, send } from '../../support/scenario.ts';

export function nfTablesJudge(pool: LabPool): Judge {
  return {
    name: 'nf_tables',
    judge: scenario =>
      pool.with(scenario, lab => {
        lab.load(`${scenario.ruleset}\n${scenario.beside}`, hasConntrack(scenario));
        const outcomes = scenario.packets.map(packet => lab.observe(() => send(lab, packet)));
        return { kind: 'judged', outcomes };
      }),
  };
}
