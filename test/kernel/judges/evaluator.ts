// The register IR's evaluator as a judge: it needs no kernel. How packets come to the hooks is test/model's part.

import { createEvaluator, type Evaluator, type KernelVersion } from '../../../src/lower/linear/eval/index.ts';
import type { IrRuleset } from '../../../src/lower/linear/ir.ts';
import type { Hook } from '../../../src/model/family.ts';
import type { LinkDevice } from '../../model/ingress.ts';
import { arrivalPath, departurePath, localPath, type Stage } from '../../model/path.ts';
import { type Counts, countDeltas } from '../../support/net/counters.ts';
import type { Passage } from '../../support/net/observer.ts';
import {
  hasConntrack,
  type Judge,
  type Outcome,
  type Scenario,
  type ScenarioPacket,
} from '../../support/scenario.ts';
import { type RulePlaces, rulePlaces } from './bpf-counters.ts';

export type ToIr = (scenario: Scenario) => IrRuleset | { readonly refused: string };

/** Devices as the lab makes them: taps, numbered after the loopback in the order they are made. */
function labDevice(name: string, index: number, address: string): LinkDevice {
  return { name, index, group: 0, type: 1, kind: 'tun', address };
}

/** The first hook that a packet of the scenario meets. */
export function startOf(scenario: Scenario, { via, bytes }: ScenarioPacket): Stage | undefined {
  const input = labDevice(scenario.input, 2, '020000000001');
  const output = labDevice(scenario.output, 3, '020000000011');
  const machine = { routing: scenario.routing === 'local' ? 'local' : 'forward', output } as const;
  if (via === 'egress') return departurePath(bytes, output);
  if (via === 'local') return localPath(bytes, machine);
  return arrivalPath(bytes, via === 'input' ? input : output, machine);
}

function readCounters(evaluator: Evaluator, places: RulePlaces): Counts {
  return new Map(
    evaluator.counters().map(({ rule, counter, object, family, table, packets, bytes }) => {
      const key =
        rule === undefined ? `object ${family} ${table} ${object}` : `rule ${places.get(rule)} ${counter}`;
      return [key, { packets, bytes }];
    }),
  );
}

class NotEvaluable extends Error {}

function runPacket(evaluator: Evaluator, scenario: Scenario, packet: ScenarioPacket): Map<Hook, Passage> {
  const passages = new Map<Hook, Passage>();
  for (let stage = startOf(scenario, packet); stage; ) {
    const { point, packet: arriving } = stage.visit;
    const evaluation = evaluator.evaluate(point, arriving);
    if (evaluation.kind === 'not_evaluable') throw new NotEvaluable(evaluation.reason);
    passages.set(point.hook, evaluation.verdict);
    stage = evaluation.verdict === 'drop' ? undefined : stage.next(evaluation.packet);
  }
  return passages;
}

function runPackets(evaluator: Evaluator, scenario: Scenario, places: RulePlaces): Outcome[] {
  let before = readCounters(evaluator, places);
  return scenario.packets.map(packet => {
    const passages = runPacket(evaluator, scenario, packet);
    const after = readCounters(evaluator, places);
    const deltas = countDeltas(before, after);
    before = after;
    return { passages, deltas };
  });
}

/** Says `refused` where the front half refuses, and where the evaluator meets what it does not model. */
export function evaluatorJudge(kernel: KernelVersion, toIr: ToIr): Judge {
  return {
    name: 'evaluator',
    judge: scenario => {
      if (hasConntrack(scenario) || scenario.routing === 'host')
        return { kind: 'refused', reason: 'connections and routes by address are not modelled' };
      const ir = toIr(scenario);
      if ('refused' in ir) return { kind: 'refused', reason: ir.refused };
      try {
        return {
          kind: 'judged',
          outcomes: runPackets(createEvaluator(ir, { kernel }), scenario, rulePlaces(ir)),
        };
      } catch (error) {
        if (error instanceof NotEvaluable) return { kind: 'refused', reason: error.message };
        throw error;
      }
    },
  };
}
