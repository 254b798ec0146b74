// The judges themselves, on programs written by hand: where these do what the ruleset says the judges agree, and where one does not,
// it is found out.

import { readFileSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Btf, readBtf } from '../../src/bpf-asm/btf/read.ts';
import * as asm from '../../src/bpf-asm/index.ts';
import type { System } from '../../src/loader/index.ts';
import type { IrRuleset, RuleId } from '../../src/lower/linear/ir.ts';
import type { Attach, BpfMap, Program } from '../../src/lower/program.ts';
import { frame, udpPacket } from '../support/frames.ts';
import { kernel } from '../support/kernel.ts';
import { LabPool } from '../support/lab-pool.ts';
import { isMissing } from '../support/requirements.ts';
import { type Judge, type Scenario, type ScenarioPacket, scenario } from '../support/scenario.ts';
import { askAll, disagreements } from './judge.ts';
import { bpfLiveJudge, type Translated } from './judges/bpf-live.ts';
import { nfTablesJudge } from './judges/nf-tables.ts';

const { R0, R1, R2, R3, R6, R7, R10 } = asm;
const empty = new Uint8Array(0);

/** One counted rule, the first of the only chain. */
const counters: BpfMap = {
  name: 'counters',
  type: 'percpu_array',
  keySize: 4,
  valueSize: 16,
  maxEntries: 1,
  flags: 0,
  count: 0,
  keys: empty,
  values: empty,
  role: {
    kind: 'rule_counters',
    slots: [{ family: 'x', table: 't', packets: 0n, bytes: 0n, rule: 0 as RuleId, counter: 0 }],
  },
};

function irOf(family: string): IrRuleset {
  const chains = [{ name: 'c', rules: [{ id: 0 }] }];
  return { tables: [{ family, name: 't', chains }] } as unknown as IrRuleset;
}

function assembled(attach: readonly Attach[], items: readonly asm.AssemblyItem[]): Program {
  const result = asm.assemble({ name: 'test', items });
  if (!result.ok) throw new Error(JSON.stringify(result.errors));
  const { name, code, relocations, origins } = result.program;
  const target = attach[0]!.target;
  return {
    name,
    target,
    section: '',
    attach,
    spans: [],
    covers: [],
    requires: [],
    code,
    relocations,
    origins,
  };
}

/** Adds R7 bytes and a packet to slot 0, then returns `verdict`. */
function countAnd(verdict: number): asm.AssemblyItem[] {
  return [
    asm.storeImm(4, R10, -4, 0),
    asm.mov64(R2, R10),
    asm.add64(R2, -4),
    asm.loadMap(R1, 'counters'),
    asm.call(asm.helperNumber.map_lookup_elem),
    asm.jumpIf('eq', R0, 0, 'counted'),
    asm.mov64(R1, 1),
    asm.atomicAdd(8, R0, 0, R1),
    asm.atomicAdd(8, R0, 8, R7),
    asm.label('counted'),
    asm.mov64(R0, verdict),
    asm.exit(),
  ];
}

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
      ...countAnd(2),
      asm.label('pass'),
      asm.mov64(R0, 0),
      asm.exit(),
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
    ...countAnd(0),
    asm.label('pass'),
    asm.mov64(R0, 1),
    asm.exit(),
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
  let system: System;
  let btf: Btf;
  beforeAll(async () => {
    system = await kernel();
    const read = readBtf(readFileSync('/sys/kernel/btf/vmlinux'));
    if (!read.ok) throw new Error(read.failure.message);
    btf = read.value;
  });
  afterAll(() => pool.close());

  function judges(program: Program, family: string): Judge[] {
    const translated: Translated = { programs: [program], maps: [counters], ir: irOf(family) };
    const role = counters.role.kind === 'rule_counters' ? counters.role : undefined;
    const slots = role!.slots.map(slot => ({ ...slot, family }));
    const maps = [{ ...counters, role: { kind: 'rule_counters', slots } }] as const;
    return [nfTablesJudge(pool), bpfLiveJudge('bpf', system, pool, btf, () => ({ ...translated, maps }))];
  }

  function differences(subject: Scenario, program: Program, family: string): number[] {
    const opinions = askAll(judges(program, family), subject);
    for (const { judgement } of opinions) expect(judgement.kind).toBe('judged');
    return disagreements(opinions, subject).map(({ packet }) => packet);
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
