// Connections, seen by nf_tables and by netfilter programs on the same traffic at all five hooks.

import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import * as asm from '../../src/bpf-asm/index.ts';
import type { System } from '../../src/loader/index.ts';
import type { Program } from '../../src/lower/program.ts';
import { echoExchange, icmpError, strayTcp, tcpConnection, udpExchange } from '../support/flows.ts';
import { type Ends, udpPacket } from '../support/frames.ts';
import { assembled, counterMap, countIn, irOf, returning } from '../support/hand-made.ts';
import { kernel, kernelBtf } from '../support/kernel.ts';
import { LabPool } from '../support/lab-pool.ts';
import { isMissing } from '../support/requirements.ts';
import { type Outcome, type Scenario, type ScenarioPacket, scenario } from '../support/scenario.ts';
import { askAll, disagreements } from './judge.ts';
import { bpfLiveJudge, type Translator } from './judges/bpf-live.ts';
import { nfTablesJudge } from './judges/nf-tables.ts';
import { translator } from './judges/translation.ts';

const { R1, R6, R7, R8, R9 } = asm;

/** Bits as in `ct state`, in the order of the rules below. */
const states = { invalid: 1, established: 2, related: 4, new: 8, untracked: 64 };

const chains = ['prerouting', 'input', 'forward', 'output', 'postrouting']
  .map(hook => `chain ${hook} { type filter hook ${hook} priority 0; jump c; }`)
  .join('\n');
const rules = Object.keys(states).map(state => `ct state ${state} counter`);
const ruleset = `table inet t {\nchain c {\n${rules.join('\n')}\n}\n${chains}\n}`;
const beside = `table inet raw { chain pre { type filter hook prerouting priority -300; udp dport 9999 notrack; }; }`;

/** R8 = the state bit: of no entry 1, else by the number in the pointer's low bits (enum ip_conntrack_info). */
function stateInR8(): asm.AssemblyItem[] {
  const byInfo = [states.established, states.related, states.new, states.established, states.related];
  return [
    asm.loadField(8, R9, R6, 'sk_buff._nfct'),
    asm.mov64(R8, states.invalid),
    asm.jumpIf('eq', R9, 0, 'known'),
    asm.and64(R9, 7),
    asm.mov64(R8, states.untracked),
    asm.jumpIf('eq', R9, 7, 'known'),
    ...byInfo.flatMap((bit, info) => [asm.mov64(R8, bit), asm.jumpIf('eq', R9, info, 'known')]),
    asm.label('known'),
  ];
}

function stateProgram(): Program {
  const attach = [0, 1, 2, 3, 4].flatMap(hook =>
    ([2, 10] as const).map(pf => ({ target: 'netfilter', pf, hook, priority: 0 }) as const),
  );
  return assembled(attach, [
    asm.loadField(8, R6, R1, 'bpf_nf_ctx.skb'),
    asm.loadField(4, R7, R6, 'sk_buff.len'),
    ...stateInR8(),
    ...Object.values(states).flatMap((bit, rule) => [
      asm.jumpIf('ne', R8, bit, `not ${rule}`),
      ...countIn(rule, R7),
      asm.label(`not ${rule}`),
    ]),
    ...returning(1),
  ]);
}

const through: Ends = { source: '10.0.0.9', destination: '10.1.0.9' };
const through6: Ends = { source: 'fd00::9', destination: 'fd01::9' };
const toMachine: Ends = { source: '10.0.0.9', destination: '10.0.0.1' };
const toMachine6: Ends = { source: 'fd00::9', destination: 'fd00::1' };
const ports = { sourcePort: 4000, destinationPort: 80 };
const fromMachine: ScenarioPacket = {
  via: 'local',
  bytes: udpPacket({ source: '10.1.0.1', destination: '10.1.0.9' }, ports),
};

const flows: Readonly<Record<string, readonly ScenarioPacket[]>> = {
  'TCP through': tcpConnection(through, ports),
  'TCP through, IPv6': tcpConnection(through6, ports),
  'TCP to a closed port': tcpConnection(toMachine, ports),
  'stray TCP': strayTcp(through, ports),
  'UDP through': udpExchange(through, ports),
  'UDP to a closed port': udpExchange(toMachine, ports),
  'UDP to a closed port, IPv6': udpExchange(toMachine6, ports),
  'UDP of the machine': [fromMachine, fromMachine],
  untracked: udpExchange(through, { sourcePort: 4000, destinationPort: 9999 }),
  'echo through': echoExchange(through),
  'echo through, IPv6': echoExchange(through6),
  'echo to the machine': echoExchange(toMachine),
  'ICMP error': icmpError(through, ports, '10.1.0.77'),
  'ICMP error, IPv6': icmpError(through6, ports, 'fd01::77'),
};

const handMade: Translator = () => ({
  programs: [stateProgram()],
  maps: [counterMap('inet', 5)],
  ir: irOf('inet', 5),
});

/** All of ct that the translator knows, at every hook; a verdict map decides what goes on. */
const allKeys = `table inet t {
chain c {
${rules.join('\n')}
ct state established,related counter
ct state { new, untracked } counter
ct state != new counter
ct status confirmed counter
ct status seen-reply counter
ct status assured counter
ct status & (snat | dnat) == 0 counter
ct direction original counter
ct direction reply counter
ct mark 0 counter
ct mark != 1-5 counter
ct state vmap { invalid : drop, established : return, related : return }
counter
}
${chains}
}`;

describe.skipIf(isMissing('root', 'nft'))('conntrack', () => {
  const pool = new LabPool();
  let system: System;
  beforeAll(async () => {
    system = await kernel();
  });
  afterAll(() => pool.close());
  const seen = new Set<string>();

  /** Asks nf_tables and a program on live traffic, who must agree; what nf_tables said. */
  function agreed(subject: Scenario, translate: Translator): readonly Outcome[] {
    const live = bpfLiveJudge('live', system, pool, kernelBtf(), translate);
    const opinions = askAll([nfTablesJudge(pool), live], subject);
    const [reference, other] = opinions.map(({ judgement }) => judgement);
    if (other?.kind === 'refused') throw new Error(other.reason);
    expect(disagreements(opinions, subject)).toEqual([]);
    return reference?.kind === 'judged' ? reference.outcomes : [];
  }

  it.each(Object.entries(flows))('states of %s, program by hand', (_, packets) => {
    const subject = scenario({ ruleset, beside, packets, routing: 'host', flows: true });
    const outcomes = agreed(subject, handMade);
    for (const { deltas } of outcomes) for (const key of deltas.keys()) seen.add(key);
    expect(outcomes.every(({ deltas }) => deltas.size > 0)).toBe(true);
  });

  it.each(Object.entries(flows))('keys of %s, translated', (_, packets) => {
    const subject = scenario({ ruleset: allKeys, beside, packets, routing: 'host', flows: true });
    for (const optimize of [false, true]) {
      const outcomes = agreed(subject, translator('auto', optimize));
      expect(outcomes.some(({ deltas }) => deltas.size > 0)).toBe(true);
    }
  });

  it('has met every state', () => {
    expect([...seen].sort()).toEqual([0, 1, 2, 3, 4].map(rule => `rule inet t c ${rule} 0`));
  });
});
