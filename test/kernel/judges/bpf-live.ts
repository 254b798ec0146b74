// Our programs on live traffic, in the same place and on the same packets as nf_tables had them. Nothing of the
// ruleset is in nf_tables then, only the observers.

import type { Btf } from '../../../src/bpf-asm/btf/read.ts';
import {
  attachTranslation,
  type LoadedMap,
  loadTranslation,
  type Result,
  type System,
} from '../../../src/loader/index.ts';
import type { IrRuleset } from '../../../src/lower/linear/ir.ts';
import type { BpfMap, Program } from '../../../src/lower/program.ts';
import type { Hook } from '../../../src/model/family.ts';
import type { LabPool } from '../../support/lab-pool.ts';
import { type Counts, countDeltas } from '../../support/net/counters.ts';
import type { Lab, Observation } from '../../support/net/lab.ts';
import type { Passage } from '../../support/net/observer.ts';
import {
  hasConntrack,
  type Judge,
  type Outcome,
  type Scenario,
  type ScenarioPacket,
  send,
} from '../../support/scenario.ts';
import { BpfCounters, type RulePlaces, rulePlaces } from './bpf-counters.ts';
import { startOf } from './on-model.ts';

/** What a scenario's ruleset became. */
export interface Translated {
  readonly programs: readonly Program[];
  readonly maps: readonly BpfMap[];
  readonly ir: IrRuleset;
}

/** Translates a ruleset, or says why not. Devices are numbered as in the lab. */
export type Translator = (scenario: Scenario) => Translated | { readonly refused: string };

export function unwrap<T>(result: Result<T>): T {
  if (!result.ok) throw new Error(result.error.message);
  return result.value;
}

/**
 * Programs at a device stand in front of nf_tables at ingress and behind it at egress: what they drop at ingress no
 * observer ever sees (nor frames that are too short for their tag, which never come to the hook); what they drop at
 * egress only fails to come out.
 */
function passagesWithPrograms(
  observation: Observation,
  packet: ScenarioPacket,
  scenario: Scenario,
): ReadonlyMap<Hook, Passage> {
  const passages = new Map(observation.passages);
  const arrives = packet.via === 'input' && startOf(scenario, packet) !== undefined;
  if (arrives && !passages.has('ingress')) passages.set('ingress', 'drop');
  if (passages.has('egress')) {
    const left = observation.sent.some(({ device }) => device === scenario.output);
    passages.set('egress', left ? 'accept' : 'drop');
  }
  return passages;
}

function runPackets(lab: Lab, scenario: Scenario, counters: () => Counts): Outcome[] {
  let before = counters();
  return scenario.packets.map(packet => {
    const observation = lab.observe(() => send(lab, packet));
    const after = counters();
    const deltas = countDeltas(before, after);
    before = after;
    return { passages: passagesWithPrograms(observation, packet, scenario), deltas };
  });
}

function judgeInLab(
  system: System,
  lab: Lab,
  scenario: Scenario,
  translated: Translated,
  btf: Btf,
  change: MapChange,
): Outcome[] {
  lab.load(scenario.beside, hasConntrack(scenario));
  const places: RulePlaces = rulePlaces(translated.ir);
  const loaded = unwrap(loadTranslation(system, translated.programs, translated.maps, btf));
  try {
    const detach = unwrap(lab.namespace.run(() => attachTranslation(system, loaded)));
    try {
      change(loaded.maps, scenario);
      const counters = new BpfCounters(system, translated.maps, loaded.maps, places);
      try {
        return runPackets(lab, scenario, () => counters.read());
      } finally {
        counters.close();
      }
    } finally {
      detach();
    }
  } finally {
    loaded.close();
  }
}

/** What is done to the maps of programs that are attached, before the first packet. */
type MapChange = (maps: ReadonlyMap<string, LoadedMap>, scenario: Scenario) => void;

/** `change` is called between attaching and the first packet. */
export function bpfLiveJudge(
  name: string,
  system: System,
  pool: LabPool,
  btf: Btf,
  translate: Translator,
  change: MapChange = () => {},
): Judge {
  return {
    name,
    judge: scenario => {
      const translated = translate(scenario);
      if ('refused' in translated) return { kind: 'refused', reason: translated.refused };
      const outcomes = pool.with(scenario, lab => judgeInLab(system, lab, scenario, translated, btf, change));
      return { kind: 'judged', outcomes };
    },
  };
}
