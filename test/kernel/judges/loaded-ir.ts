// A scenario's ruleset as the reference loads it into the kernel: register IR that none of our own front half made.

import type { LabPool } from '../../support/lab-pool.ts';
import { kernelRuleset } from '../../support/net/kernel-ir.ts';
import { NftSocket } from '../../support/net/netlink.ts';
import { observerTable } from '../../support/net/observer.ts';
import { hasConntrack } from '../../support/scenario.ts';
import type { ToIr } from './evaluator.ts';

export function loadedIr(pool: LabPool): ToIr {
  return scenario =>
    pool.with(scenario, lab => {
      lab.load(`${scenario.ruleset}\n${scenario.beside}`, hasConntrack(scenario));
      const socket = new NftSocket(lab.namespace);
      try {
        return kernelRuleset(socket, [observerTable]);
      } finally {
        socket.close();
      }
    });
}
