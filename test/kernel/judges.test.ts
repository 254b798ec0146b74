// The judges themselves, on programs written by hand: where these do what the ruleset says the judges agree, and
// where one does not, it is found out.

import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import * as asm from '../../src/bpf-asm/index.ts';
import type { System } from '../../src/loader/index.ts';
import type { Attach, Program } from '../../src/lower/program.ts';
import { frame, udpPacket } from '../support/frames.ts';
import { assembled, counterMap, countIn, irOf, returning } from '../support/hand-made.ts';
import { kernel, kernelBtf } from '../support/kernel.ts';
import { LabPool } from '../support/lab-pool.ts';
import { isMissing } from '../support/requirements.ts';
import { type Judge, type Scenario, type ScenarioPacket, scenario } from '../support/scenario.ts';
import { askAll, disagreements } from './judge.ts';
import { bpfLiveJudge } from './judges/bpf-live.ts';
import { bpfTestRunJudge } from './judges/bpf-test-run.ts';
import { nfTablesJudge } from './judges/nf-tables.ts';

const { R0, R1, R2, R3, R6, R7 } = asm;

/** tc: IPv4, `udp dport PORT` (20 byte header assumed), count from the network header on, drop. */
function tcProgram(port: number, attach: Attach, lengthAdjustment: number): Program {
  return assembled(
    [attach],
    [
      asm.load(4, R7, R1, 0),
      asm.add64(R7, lengthAdjustment),
      asm.load(4, R2, R1, 76),
      asm.load(4, R3, R1, 80),
      asm.mov64(R0, R2),
      asm.add64(R0, 38),
      asm.jumpIf('gt', R0, R3, 'pass'),
      asm.load(2, R0, R2, 36),
      asm.endian('be16', R0),
      asm.jumpIf('ne', R0, port, 'pass'),
      ...countIn(0, R7),
      ...returning(2),
      asm.label('pass'),
      ...returning(0),
    ],
  );
}

/** netfilter: `meta length LENGTH` at one hook, for both protocols. */
function lengthProgram(length: number, hook: number): Program {
  const attach = ([2, 10] as const).map(pf => ({ target: 'netfilter', pf, hook, priority: 0 }) as const);
  return assembled(attach, [
    asm.loadField(8, R6, R1, 'bpf_nf_ctx.skb'),
    asm.loadField(4, R7, R6, 'sk_buff.len'),
    asm.jumpIf('ne', R7, length, 'pass'),
    ...countIn(0, R7),
    ...returning(0),
    asm.label('pass'),
    ...returning(1),
  ]);
}

function udp4(port: number): Uint8Array {
  return udpPacket(
    { source: '10.9.0.1', destination: '10.9.0.2' },
    { sourcePort: 1000, destinationPort: port },
  );
}

const udp6: Uint8Array = udpPacket(
  { source: 'fd99::1', destination: 'fd99::2' },
  { sourcePort: 1000, destinationPort: 53 },
  new Uint8Array(20),
);

describe.skipIf(isMissing('root', 'nft'))('judges', () => {
  const pool = new LabPool();
  const btf = kernelBtf();
  let system: System;
  beforeAll(async () => {
    system = await kernel();
  });
  afterAll(() => pool.close());

  function judges(program: Program, family: string): Judge[] {
    const translated = { programs: [program], maps: [counterMap(family, 1)], ir: irOf(family, 1) };
    return [
      nfTablesJudge(pool),
      bpfLiveJudge('live', system, pool, btf, () => translated),
      bpfTestRunJudge('test run', system, pool, btf, () => translated),
    ];
  }

  /** Packets on which a judge differs from nf_tables: the same ones for every judge that can tell. */
  function differences(subject: Scenario, program: Program, family: string): number[] {
    const opinions = askAll(judges(program, family), subject);
    const found = disagreements(opinions, subject);
    const live = found.filter(({ judge }) => judge === 'live').map(({ packet }) => packet);
    for (const { judge, judgement } of opinions) {
      if (judgement.kind !== 'judged') throw new Error(`${judge}: ${judgement.reason}`);
      if (judge === 'test run' && subject.hooks[0] !== 'forward' && subject.hooks[0] !== 'postrouting') {
        expect(judgement.unjudged).toEqual(new Set());
        expect(found.filter(one => one.judge === judge).map(({ packet }) => packet)).toEqual(live);
      }
    }
    return live;
  }

  const frames = [53, 54, 53].map((port): ScenarioPacket => ({ via: 'input', bytes: frame(udp4(port)) }));
  const onIngress = `table netdev t { chain c { type filter hook ingress device in0 priority 0;
    udp dport 53 counter drop; }; }`;

  it('agree at ingress, and find a wrong port and a wrong length', () => {
    const subject = scenario({ ruleset: onIngress, packets: frames });
    const attach: Attach = { target: 'tc', device: 'in0', direction: 'ingress' };
    expect(differences(subject, tcProgram(53, attach, -14), 'netdev')).toEqual([]);
    expect(differences(subject, tcProgram(54, attach, -14), 'netdev')).toEqual([0, 1, 2]);
    expect(differences(subject, tcProgram(53, attach, 0), 'netdev')).toEqual([0, 2]);
  });

  it('agree at egress', () => {
    const ruleset = onIngress.replace('ingress device in0', 'egress device out0');
    const subject = scenario({ ruleset, packets: frames.map(({ bytes }) => ({ via: 'egress', bytes })) });
    const attach: Attach = { target: 'tc', device: 'out0', direction: 'egress' };
    expect(differences(subject, tcProgram(53, attach, 0), 'netdev')).toEqual([]);
    expect(differences(subject, tcProgram(54, attach, 0), 'netdev')).toEqual([0, 1, 2]);
  });

  const hooks = ['prerouting', 'input', 'forward', 'output', 'postrouting'] as const;
  it.each(hooks)('agree at %s', hook => {
    const ruleset = `table inet t { chain c { type filter hook ${hook} priority 0; meta length 68 counter drop; }; }`;
    const local = hook === 'output';
    const packets = [udp4(53), udp6, udp4(54)].map((bytes): ScenarioPacket => {
      if (local) return { via: 'local', bytes };
      return { via: 'input', bytes: frame(bytes) };
    });
    const subject = scenario({ ruleset, packets });
    const number = hooks.indexOf(hook);
    expect(differences(subject, lengthProgram(68, number), 'inet')).toEqual([]);
    expect(differences(subject, lengthProgram(32, number), 'inet')).toEqual([0, 1, 2]);
  });
});
