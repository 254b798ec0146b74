// Judges that need no kernel: what decides is given the packets that test/model brings to each hook.

import type { CounterReading, HookPoint, Packet } from '../../../src/lower/linear/eval/index.ts';
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
import type { RulePlaces } from './bpf-counters.ts';

/** What all base chains at a hook decide together, or that they cannot be asked. */
export type Decision =
  | { readonly kind: 'decided'; readonly verdict: 'accept' | 'drop'; readonly packet: Packet }
  | { readonly kind: 'not_evaluable'; readonly reason: string };

/** Something that decides packets; its state lasts over them. */
export interface Decider {
  readonly places: RulePlaces;
  decide(point: HookPoint, packet: Packet): Decision;
  counters(): readonly CounterReading[];
  /** What was logged so far, see `LogCounts`. */
  logs(): Counts;
}

/** Devices as the lab makes them: taps, numbered after the loopback in the order they are made. */
function labDevice(name: string, index: number, address: string): LinkDevice {
  return { name, index, group: 0, type: 1, kind: 'tun', address };
}

/** The first hook that a packet of the scenario meets. */
export function startOf(scenario: Scenario, { via, bytes }: ScenarioPacket): Stage | undefined {
  const input = labDevice(scenario.input, 2, '020000000001');
  const output = labDevice(scenario.output, 3, '020000000011');
  const routing = scenario.routing === 'local' ? 'local' : 'forward';
  const machine = { routing, output, conntrack: hasConntrack(scenario) } as const;
  if (via === 'egress') return departurePath(bytes, output);
  if (via === 'local') return localPath(bytes, machine);
  return arrivalPath(bytes, via === 'input' ? input : output, machine);
}

function readCounters({ places, counters, logs }: Decider): Counts {
  const counted = new Map(
    counters().map(({ rule, counter, object, family, table, packets, bytes }) => {
      const key =
        rule === undefined ? `object ${family} ${table} ${object}` : `rule ${places.get(rule)} ${counter}`;
      return [key, { packets, bytes }];
    }),
  );
  return new Map([...counted, ...logs()]);
}

class NotEvaluable extends Error {}

function runPacket(decider: Decider, scenario: Scenario, packet: ScenarioPacket): Map<Hook, Passage> {
  const passages = new Map<Hook, Passage>();
  for (let stage = startOf(scenario, packet); stage; ) {
    const { point, packet: arriving } = stage.visit;
    const decision = decider.decide(point, arriving);
    if (decision.kind === 'not_evaluable') throw new NotEvaluable(decision.reason);
    passages.set(point.hook, decision.verdict);
    stage = decision.verdict === 'drop' ? undefined : stage.next(decision.packet);
  }
  return passages;
}

function runPackets(decider: Decider, scenario: Scenario): Outcome[] {
  let before = readCounters(decider);
  return scenario.packets.map(packet => {
    const passages = runPacket(decider, scenario, packet);
    const after = readCounters(decider);
    const deltas = countDeltas(before, after);
    before = after;
    return { passages, deltas };
  });
}

/** Says `refused` where `prepare` refuses, and where a packet meets what is not modelled. */
export function modelJudge(
  name: string,
  prepare: (scenario: Scenario) => Decider | { readonly refused: string },
): Judge {
  return {
    name,
    judge: scenario => {
      if (scenario.flows || scenario.routing === 'host')
        return { kind: 'refused', reason: 'connections and routes by address are not modelled' };
      const decider = prepare(scenario);
      if ('refused' in decider) return { kind: 'refused', reason: decider.refused };
      try {
        return { kind: 'judged', outcomes: runPackets(decider, scenario) };
      } catch (error) {
        if (error instanceof NotEvaluable) return { kind: 'refused', reason: error.message };
        throw error;
      }
    },
  };
}
