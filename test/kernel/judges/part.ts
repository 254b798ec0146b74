// A ruleset in two ways on the same packets: whole in nf_tables, and cut in two, the remainder in nf_tables and the rest in
// programs beside it. Of each packet all that can be seen is told: whether it passed each inet hook, every counter, and the
// frames that left the machine.

import type { Btf } from '../../../src/bpf-asm/btf/read.ts';
import { attachTranslation, loadTranslation, type System } from '../../../src/loader/index.ts';
import type { IrRuleset } from '../../../src/lower/linear/ir.ts';
import type { Hook } from '../../../src/model/family.ts';
import { type TranslateOptions, type Translation, translateStages } from '../../../src/translate.ts';
import { toHex } from '../../model/bytes.ts';
import { type Counts, countDeltas } from '../../support/net/counters.ts';
import { Lab, type LabOptions, type Observation, type SentFrame } from '../../support/net/lab.ts';
import { type ScenarioPacket, send } from '../../support/scenario.ts';
import { outcomeText } from '../judge.ts';
import { BpfCounters, rulePlaces } from './bpf-counters.ts';
import { unwrap } from './bpf-live.ts';

/** Devices are at ingress what programs stand in front of: what happens there shows at the hooks behind. */
const hooks: readonly Hook[] = ['prerouting', 'input', 'forward', 'output', 'postrouting'];

const labOptions: LabOptions = { routing: 'host', conntrack: true, silent: false };
/** Interface indexes as a lab has them. */
const names = { interfaces: { lo: 1, in0: 2, out0: 3 } };

/** One text a packet: those of the script, and behind each of them the answers to what it made leave the machine. */
export type Story = readonly string[];

/** What is sent, and who answers frames that leave by the output device. */
export interface Traffic {
  readonly packets: readonly ScenarioPacket[];
  readonly answer?: (frame: Uint8Array) => ScenarioPacket | undefined;
}

export function translatePart(ruleset: string, options: TranslateOptions = {}): CutTranslation {
  const { ir, translation } = translateStages(ruleset, { names, leave: 'refused', ...options });
  if (ir === undefined || !translation.ok)
    throw new Error(translation.diagnostics.map(({ message }) => message).join('\n'));
  return { ir, translation };
}

export interface CutTranslation {
  readonly ir: IrRuleset;
  readonly translation: Translation;
}

function inLab<Result>(ruleset: string, action: (lab: Lab) => Result): Result {
  const lab = new Lab(labOptions);
  try {
    // Connection tracking is on only if the ruleset switches it on.
    lab.load(ruleset, false);
    return action(lab);
  } finally {
    lab.close();
  }
}

/** The kernel draws the identification of packets of its own: it, and the checksum over it, are left out. */
function frameText({ device, frame }: SentFrame): string {
  const shown = frame.slice();
  if (shown[12] === 0x08 && shown[13] === 0) for (const at of [18, 19, 24, 25]) shown[at] = 0;
  return `${device} ${toHex(shown)}`;
}

function packetText({ passages, deltas, sent }: Observation, more: Counts): string {
  const fate = outcomeText({ passages, deltas: new Map([...deltas, ...more]) }, { hooks });
  return [fate, ...sent.map(frameText)].join('\n');
}

/** The whole ruleset in nf_tables. */
export function storyOfWhole(ruleset: string, traffic: Traffic): Story {
  const none: Counts = new Map();
  return inLab(ruleset, lab => observed(lab, traffic, () => none));
}

/** The remainder in nf_tables and the programs attached. */
export function storyOfParts(
  { ir, translation }: CutTranslation,
  traffic: Traffic,
  system: System,
  btf: Btf,
): Story {
  const { programs, maps, remainder = '' } = translation;
  return inLab(remainder, lab => {
    const loaded = unwrap(loadTranslation(system, programs, maps, btf));
    const counters = new BpfCounters(system, maps, loaded.maps, rulePlaces(ir));
    try {
      const detach = unwrap(lab.namespace.run(() => attachTranslation(system, loaded)));
      try {
        return observed(lab, traffic, () => counters.read());
      } finally {
        detach();
      }
    } finally {
      counters.close();
      loaded.close();
    }
  });
}

/** `read`: counters that are not in nf_tables. */
function observed(lab: Lab, { packets, answer }: Traffic, read: () => Counts): Story {
  let before = read();
  const story: string[] = [];
  const sendOne = (packet: ScenarioPacket): readonly SentFrame[] => {
    const observation = lab.observe(() => send(lab, packet));
    const after = read();
    story.push(packetText(observation, countDeltas(before, after)));
    before = after;
    return observation.sent.filter(({ device }) => device === lab.output.name);
  };
  for (const packet of packets) {
    for (const { frame } of sendOne(packet)) {
      const reply = answer?.(frame);
      if (reply !== undefined) sendOne(reply);
    }
  }
  return story;
}
