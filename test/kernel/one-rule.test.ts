// One rule, written by hand in C (bench/c) and translated: both decide as nf_tables does on drawn frames, so the C
// programs are a fair measure of what the rule needs.

import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { compileC, instructionCount } from '../../bench/compile-c.ts';
import { tcp } from '../../examples/packets.ts';
import type { System } from '../../src/loader/index.ts';
import type { Attach, Program } from '../../src/lower/program.ts';
import { frame } from '../property/arbitraries/frame.ts';
import { kernel, kernelBtf } from '../support/kernel.ts';
import { LabPool } from '../support/lab-pool.ts';
import { seed } from '../support/random.ts';
import { isMissing } from '../support/requirements.ts';
import { type Scenario, scenario } from '../support/scenario.ts';
import { askAll, disagreements } from './judge.ts';
import { bpfLiveJudge, type Translator } from './judges/bpf-live.ts';
import { nfTablesJudge } from './judges/nf-tables.ts';
import { translator } from './judges/translation.ts';

const rule = 'ip saddr 10.0.0.1 tcp dport 80 drop';
const frames = 1500;

interface Subject {
  readonly name: string;
  readonly source: string;
  readonly attach: Attach;
  readonly ruleset: string;
  readonly hostile: 'often' | 'rare';
}

const subjects: readonly Subject[] = [
  {
    name: 'xdp',
    source: 'one_rule_xdp',
    attach: { target: 'xdp', device: 'in0' },
    ruleset: `table netdev t { chain c { type filter hook ingress device "in0" priority 0; ${rule}; }; }`,
    hostile: 'often',
  },
  {
    name: 'netfilter',
    source: 'one_rule_netfilter',
    attach: { target: 'netfilter', pf: 2, hook: 0, priority: 0 },
    ruleset: `table ip t { chain c { type filter hook prerouting priority 0; ${rule}; }; }`,
    hostile: 'rare',
  },
];

function cProgram({ source, attach }: Subject): Program {
  const compiled = compileC(source, attach.target);
  const rest = { section: '', attach: [attach], spans: [], covers: [], requires: [] } as const;
  return { ...compiled, ...rest, origins: new Int32Array(0) };
}

function drawn({ ruleset, hostile }: Subject): Scenario {
  // Drawn frames hit both values of the rule only now and then; these do, and miss each of them.
  const matching = tcp({ from: '10.0.0.1', to: '10.0.0.2', dport: 80 });
  const near = [
    matching,
    tcp({ from: '10.0.0.1', to: '10.0.0.2', dport: 81 }),
    tcp({ from: '10.0.0.3', to: '10.0.0.2', dport: 80 }),
  ];
  const packets = [...near, ...fc.sample(frame({ hostile }), { numRuns: frames, seed })];
  return scenario({ ruleset, packets: packets.map(bytes => ({ via: 'input', bytes })) });
}

describe.skipIf(isMissing('root', 'nft', 'clang'))('one rule', () => {
  const [pool, livePool] = [new LabPool(), new LabPool()];
  afterAll(() => {
    pool.close();
    livePool.close();
  });
  let system: System;
  beforeAll(async () => {
    system = await kernel();
  });

  it.each(subjects)('in C for $name decides as nf_tables does', { timeout: 120_000 }, subject => {
    const handWritten: Translator = () => ({ programs: [cProgram(subject)], maps: [], ir: { tables: [] } });
    const packets = drawn(subject);
    const judges = [nfTablesJudge(pool), bpfLiveJudge('C', system, livePool, kernelBtf(), handWritten)];
    const opinions = askAll(judges, packets);
    expect({ seed, found: disagreements(opinions, packets) }).toEqual({ seed, found: [] });
    const [reference] = opinions;
    const outcomes = reference?.judgement.kind === 'judged' ? reference.judgement.outcomes : [];
    const drops = outcomes.filter(({ passages }) => [...passages.values()].includes('drop'));
    expect(drops.length).toBeGreaterThan(0);
  });

  it.each(subjects)('for $name has no more instructions than clang -O2 makes', subject => {
    const translated = translator(subject.attach.target, true)(drawn(subject));
    if ('refused' in translated) throw new Error(translated.refused);
    expect(translated.programs.length).toBe(1);
    expect(instructionCount(translated.programs[0]!)).toBeLessThanOrEqual(
      instructionCount(cProgram(subject)),
    );
  });
});
