// The register IR's evaluator as a judge.

import { createEvaluator, type KernelVersion } from '../../../src/lower/linear/eval/index.ts';
import type { IrRuleset } from '../../../src/lower/linear/ir.ts';
import type { Judge, Scenario } from '../../support/scenario.ts';
import { rulePlaces } from './bpf-counters.ts';
import { LogCounts } from './log-counts.ts';
import { modelJudge } from './on-model.ts';

export type ToIr = (scenario: Scenario) => IrRuleset | { readonly refused: string };

/** Says `refused` where the front half refuses, and where the evaluator meets what it does not model. */
export function evaluatorJudge(kernel: KernelVersion, toIr: ToIr): Judge {
  return modelJudge('evaluator', scenario => {
    const ir = toIr(scenario);
    if ('refused' in ir) return ir;
    const evaluator = createEvaluator(ir, { kernel });
    const logs = new LogCounts();
    return {
      places: rulePlaces(ir),
      decide: (point, packet) => {
        const result = evaluator.evaluate(point, packet);
        if (result.kind === 'decided') logs.addEvents(ir, result.logs, packet);
        return result;
      },
      counters: () => evaluator.counters(),
      logs: () => logs.counts,
    };
  });
}
