// Our programs in test runs (BPF_PROG_TEST_RUN): no device, no stack, so each program is handed the packet as its
// hook would see it (test/model). There is no opinion on packets that a test run cannot take: with VLAN tags in tc
// (nobody moves them into metadata), too short ones, and those that never come to the hook.

import type { Btf } from '../../../src/bpf-asm/btf/read.ts';
import {
  type LoadedProgram,
  loadTranslation,
  type System,
  type TestRun,
  testRun,
} from '../../../src/loader/index.ts';
import type { Attach, Program, Target } from '../../../src/lower/program.ts';
import type { Hook } from '../../../src/model/family.ts';
import type { Visit } from '../../model/path.ts';
import type { LabPool } from '../../support/lab-pool.ts';
import { type Counts, countDeltas } from '../../support/net/counters.ts';
import type { Lab } from '../../support/net/lab.ts';
import type { Passage } from '../../support/net/observer.ts';
import {
  hasConntrack,
  type Judge,
  type Judgement,
  type Outcome,
  type Scenario,
  type ScenarioPacket,
} from '../../support/scenario.ts';
import { BpfCounters, rulePlaces } from './bpf-counters.ts';
import { type Translated, type Translator, unwrap } from './bpf-live.ts';
import { startOf } from './on-model.ts';

/** What lets a packet go on: XDP_PASS, TC_ACT_OK and TC_ACT_UNSPEC, NF_ACCEPT, 1. */
const passing: Readonly<Record<Target, readonly number[]>> = {
  xdp: [2],
  tc: [0, 0xffffffff],
  netfilter: [1],
  cgroup_skb: [1],
};

/** In a test run a netfilter program sees the loopback (which is no Ethernet device), no connection and no socket. */
const surroundings = /\b(ii?f|oi?f|[io]ifname|[io]iftype|[io]ifgroup|pkttype|skuid|skgid|ct|ether|vlan|ll)\b/;

/** What one packet leaves for the next. */
const keepsState = /\b(limit|quota|numgen|add @|update @|meter)/;

function refusal(scenario: Scenario): string | undefined {
  if (scenario.hooks.length !== 1) return 'chains at several hooks';
  const atDevice = scenario.hooks[0] === 'ingress' || scenario.hooks[0] === 'egress';
  const asks = hasConntrack(scenario) || surroundings.test(scenario.ruleset);
  // At a device a test run has the type that an arriving frame would have.
  const asksAtEgress = scenario.hooks[0] === 'egress' && /\bpkttype\b/.test(scenario.ruleset);
  return (!atDevice && asks) || asksAtEgress
    ? 'the ruleset asks for what a test run does not have'
    : undefined;
}

/** The packet at the hook, if it comes there. */
function visitAt(scenario: Scenario, packet: ScenarioPacket, hook: Hook): Visit | undefined {
  let stage = startOf(scenario, packet);
  while (stage && stage.visit.point.hook !== hook) stage = stage.next(stage.visit.packet);
  return stage?.visit;
}

function words(size: number, values: Readonly<Record<number, number>>): Uint8Array {
  const bytes = new Uint8Array(size);
  const view = new DataView(bytes.buffer);
  for (const [offset, value] of Object.entries(values)) view.setUint32(Number(offset), value, true);
  return bytes;
}

/**
 * `struct xdp_md`, `struct nf_hook_state`, `struct __sk_buff` (ingress_ifindex, ifindex), at the offsets the kernel
 * reads.
 */
function contextOf(attach: Attach, length: number, device: number): Uint8Array {
  if (attach.target === 'xdp') return words(24, { 4: length, 12: device });
  if (attach.target === 'netfilter') return words(48, { 0: attach.hook | (attach.pf << 8) });
  return words(192, { 36: device, 40: device });
}

/** What the kernel takes: XDP an Ethernet header, the others an IP header as well. */
function isLongEnough({ target }: Attach, data: Uint8Array, { packet }: Visit): boolean {
  if (target === 'xdp') return data.length >= 14;
  const linkLength = packet.macOffset === undefined ? 0 : 14;
  return data.length >= linkLength + (packet.protocol === 0x86dd ? 40 : 20);
}

const tagTypes: readonly number[] = [0x8100, 0x88a8];

function isEgress(attach: Attach): boolean {
  return attach.target === 'tc' && attach.direction === 'egress';
}

function isTaken(attach: Attach, { point, packet }: Visit): boolean {
  if (attach.target === 'netfilter') return point.list === (attach.pf === 2 ? 'ip' : 'ip6');
  // A frame that leaves with tags among its bytes has its network header behind them, which a test run does not see.
  const isTagged = packet.vlan !== undefined || (isEgress(attach) && tagTypes.includes(packet.protocol));
  return attach.target === 'xdp' || !isTagged;
}

/** The test run for a packet at one of the program's places; nothing if it does not go there. */
function runOf(program: Program, visit: Visit, sent: ScenarioPacket, device: number): TestRun | undefined {
  const attach = program.attach.find(place => isTaken(place, visit));
  if (attach === undefined) return undefined;
  const data = attach.target === 'xdp' ? sent.bytes : visit.packet.bytes;
  // At the output hook there is no link header, and the test run takes the packet from its network header on.
  if (!isLongEnough(attach, data, visit)) return undefined;
  return { data, context: contextOf(attach, data.length, device) };
}

/** All programs in order, until one drops. */
function passageOf(
  system: System,
  loaded: readonly LoadedProgram<Program>[],
  runs: readonly (TestRun | undefined)[],
): Passage {
  for (const [index, { program, fd }] of loaded.entries()) {
    const run = runs[index];
    if (run && !passing[program.target].includes(unwrap(testRun(system, fd, run)).returned)) return 'drop';
  }
  return 'accept';
}

function judgePackets(
  system: System,
  lab: Lab,
  scenario: Scenario,
  loaded: readonly LoadedProgram<Program>[],
  counters: () => Counts,
): Judgement {
  const unjudged = new Set<number>();
  const [hook = 'ingress'] = scenario.hooks;
  const device = lab.namespace.run(() =>
    system.deviceIndex(hook === 'egress' ? scenario.output : scenario.input),
  );
  let before = counters();
  const outcomes = scenario.packets.map((packet, index): Outcome => {
    const visit = visitAt(scenario, packet, hook);
    const runs = visit && loaded.map(({ program }) => runOf(program, visit, packet, device ?? 1));
    if (runs?.some(run => run !== undefined) !== true) {
      unjudged.add(index);
      return { passages: new Map(), deltas: new Map() };
    }
    const passage = lab.namespace.run(() => passageOf(system, loaded, runs));
    const after = counters();
    const deltas = countDeltas(before, after);
    before = after;
    return { passages: new Map([[hook, passage]]), deltas };
  });
  if (unjudged.size > 0 && keepsState.test(scenario.ruleset))
    return { kind: 'refused', reason: 'the ruleset keeps state, and a test run does not take all packets' };
  return { kind: 'judged', outcomes, unjudged };
}

function judgeTranslated(
  system: System,
  lab: Lab,
  scenario: Scenario,
  translated: Translated,
  btf: Btf,
): Judgement {
  const loaded = unwrap(loadTranslation(system, translated.programs, translated.maps, btf));
  try {
    const counters = new BpfCounters(system, translated.maps, loaded.maps, rulePlaces(translated.ir));
    try {
      return judgePackets(system, lab, scenario, loaded.programs, () => counters.read());
    } finally {
      counters.close();
    }
  } finally {
    loaded.close();
  }
}

export function bpfTestRunJudge(
  name: string,
  system: System,
  pool: LabPool,
  btf: Btf,
  translate: Translator,
): Judge {
  return {
    name,
    judge: scenario => {
      const reason = refusal(scenario);
      if (reason !== undefined) return { kind: 'refused', reason };
      const translated = translate(scenario);
      if ('refused' in translated) return { kind: 'refused', reason: translated.refused };
      return pool.with(scenario, lab => judgeTranslated(system, lab, scenario, translated, btf));
    },
  };
}
