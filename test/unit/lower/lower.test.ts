// What becomes of a ruleset as a whole: programs and where they are attached, maps, refusals.

import { describe, expect, it } from 'vitest';
import {
  ElementFlag,
  type Expression,
  type IrChain,
  type IrRuleset,
  type IrTable,
  type RuleId,
  SetFlag,
  type SetId,
} from '../../../src/lower/linear/ir.ts';
import { lower } from '../../../src/lower/lower.ts';
import type { Family, Hook } from '../../../src/model/family.ts';
import type { FileId, Span } from '../../../src/source/span.ts';
import { counter, equals, payload, reg, rulesetOf, setOf, verdict } from '../../support/ir-builder.ts';

const saddr = [payload('network', 12, 4), equals('c0000201')];
const other = (name: string, terminal = false): Expression => ({ op: 'other', name, text: name, terminal });

function span(from: number): Span {
  return { file: 0 as FileId, from, to: from + 1 };
}

interface Base {
  readonly family: Family;
  readonly name: string;
  readonly hook: Hook;
  readonly priority?: number;
  readonly type?: 'filter' | 'nat' | 'route';
  readonly devices?: readonly string[];
}

/** One table a base chain, each with a rule that counts; rules are numbered in order. */
function baseChains(...chains: readonly Base[]): IrRuleset {
  const tables = chains.map(
    ({ family, name, hook, priority = 0, type = 'filter', devices = [] }, index): IrTable => {
      const rule = { id: index as RuleId, span: span(index), expressions: [counter], origins: [span(index)] };
      const chain: IrChain = {
        name,
        span: span(100 + index),
        base: { type, hook, priority, devices, policy: 'accept' },
        rules: [rule],
      };
      return {
        family,
        name: `t${index}`,
        span: span(0),
        dormant: false,
        chains: [chain],
        sets: [],
        objects: [],
      };
    },
  );
  return { tables };
}

describe('programs', () => {
  it('an inet chain is one program with two places; an ip chain beside it splits them', () => {
    const inet = lower(baseChains({ family: 'inet', name: 'a', hook: 'input', priority: 5 }));
    expect(inet.diagnostics).toEqual([]);
    expect(inet.programs.map(({ attach }) => attach)).toEqual([
      [2, 10].map(pf => ({ target: 'netfilter', pf, hook: 1, priority: 5 })),
    ]);
    const split = lower(
      baseChains({ family: 'inet', name: 'a', hook: 'input' }, { family: 'ip', name: 'b', hook: 'input' }),
    );
    expect(
      split.programs.map(({ attach, covers }) => [attach.map(place => 'pf' in place && place.pf), covers]),
    ).toEqual([
      // Registered later, run first.
      [[2], [1, 0]],
      [[10], [0]],
    ]);
  });

  it('one program a priority, in ascending order', () => {
    const { programs } = lower(
      baseChains(
        { family: 'ip', name: 'a', hook: 'forward', priority: 10 },
        { family: 'ip', name: 'b', hook: 'forward', priority: -10 },
      ),
    );
    expect(programs.map(({ assembly, covers }) => [assembly.name, covers])).toEqual([
      ['forward_ip_m10', [1]],
      ['forward_ip_10', [0]],
    ]);
  });

  it('devices that run the same chains share a program', () => {
    const { programs } = lower(
      baseChains(
        { family: 'netdev', name: 'a', hook: 'ingress', devices: ['e0', 'e1', 'e2'] },
        { family: 'inet', name: 'b', hook: 'ingress', devices: ['e2'], priority: -1 },
      ),
    );
    expect(
      programs.map(({ attach, covers }) => [attach.map(place => 'device' in place && place.device), covers]),
    ).toEqual([
      [['e0', 'e1'], [0]],
      [['e2'], [1, 0]],
    ]);
  });

  it('a target is taken where it is exact, else refused at the chain', () => {
    const chains = baseChains({ family: 'netdev', name: 'a', hook: 'ingress', devices: ['e0'] });
    expect(lower(chains).programs.map(({ target }) => target)).toEqual(['tc']);
    expect(lower(chains, { target: 'xdp' }).programs.map(({ section }) => section)).toEqual(['xdp']);
    const refused = lower(chains, { target: 'netfilter' });
    expect(refused.programs).toEqual([]);
    expect(refused.diagnostics).toMatchObject([{ code: 'unsupported-target', span: span(100) }]);
  });

  it('connection tracking is asked for where a rule uses it', () => {
    const ct: Expression = { op: 'ct', key: 'state', dest: reg(0) };
    const rules = [[ct, equals('02000000'), verdict('accept')]];
    const at = (priority: number) =>
      lower(rulesetOf({ c: { hook: 'input', priority, rules } }, { family: 'ip' }));
    expect(at(0).programs[0]!.requires).toContain('conntrack');
    expect(at(0).programs[0]!.requires).toContain('defragmentation');
    expect(at(-500).programs[0]!.requires).not.toContain('defragmentation');
  });
});

describe('refusals', () => {
  it('all of them are reported, each at its expression, and nothing comes out', () => {
    const ruleset = rulesetOf({
      c: {
        hook: 'ingress',
        rules: [[...saddr, other('first')], [counter], [other('second'), other('third')]],
      },
    });
    const { programs, maps, diagnostics } = lower(ruleset);
    expect([programs, maps]).toEqual([[], []]);
    const named = diagnostics.map(({ message }) => /`(\w+)`/.exec(message)?.[1]);
    expect(named).toEqual(['first', 'second', 'third']);
    expect(diagnostics.every(({ severity, span: place }) => severity === 'refusal' && place)).toBe(true);
  });

  it('of chains whose statements would be exact, for what they are', () => {
    const cases: readonly [Base, RegExp][] = [
      [{ family: 'ip', name: 'c', hook: 'prerouting', type: 'nat' }, /nat chains/],
      [{ family: 'ip', name: 'c', hook: 'output', type: 'route' }, /route chains/],
      [{ family: 'arp', name: 'c', hook: 'input' }, /family arp/],
      [{ family: 'bridge', name: 'c', hook: 'forward' }, /family bridge/],
      [{ family: 'ip', name: 'c', hook: 'prerouting', priority: -400 }, /reassembly/],
      [{ family: 'inet', name: 'c', hook: 'output', priority: -200 }, /connection tracking/],
      [{ family: 'ip', name: 'c', hook: 'input', priority: 2 ** 31 - 1 }, /no BPF program at priority/],
    ];
    for (const [base, reason] of cases) {
      const { diagnostics } = lower(baseChains(base));
      expect(diagnostics).toMatchObject([
        { code: 'unsupported-chain', severity: 'refusal', span: span(100) },
      ]);
      expect(diagnostics[0]!.message).toMatch(reason);
    }
    // The same priority is free where nothing stands at it.
    expect(lower(baseChains({ family: 'ip', name: 'c', hook: 'input', priority: -200 })).diagnostics).toEqual(
      [],
    );
  });

  it('rules that no base chain reaches are not asked', () => {
    const ruleset = rulesetOf({
      c: { hook: 'ingress', rules: [[counter]] },
      unused: { rules: [[other('queue')]] },
    });
    expect(lower(ruleset).diagnostics).toEqual([]);
  });

  it('a chain that calls itself', () => {
    const ruleset = rulesetOf({
      c: { hook: 'ingress', rules: [[verdict('jump', 'd')]] },
      d: { rules: [[counter], [...saddr, verdict('goto', 'd')]] },
    });
    expect(lower(ruleset).diagnostics[0]!.message).toMatch(/`d` calls itself/);
  });

  it('kernels that lack what the programs need', () => {
    const chains = baseChains({ family: 'ip', name: 'c', hook: 'input' });
    expect(lower(chains, { kernel: [6, 3] }).diagnostics).toMatchObject([{ code: 'unsupported-kernel' }]);
    expect(lower(chains, { kernel: [6, 4] }).diagnostics).toEqual([]);
    const loads = rulesetOf({ c: { hook: 'ingress', rules: [[...saddr, verdict('drop')]] } });
    expect(lower(loads, { kernel: [6, 18] }).diagnostics).toEqual([]);
    expect(lower(loads, { kernel: [7, 2] }).diagnostics[0]!.message).toMatch(/7\.2, only up to 6\.18/);
  });
});

describe('maps', () => {
  const lookup = (id: number): Expression => ({
    op: 'lookup',
    source: reg(0),
    set: id as SetId,
    invert: false,
  });
  const load = payload('network', 12, 4);
  const elements = [{ key: '0a000001' }, { key: '0a000002' }];

  it('are named after their sets, in 15 characters, and differ', () => {
    const sets = ['allowed-hosts', 'allowed_hosts', 'a.very.long.name.of.a.set', 'a.very.long.name.too'].map(
      (name, id) => ({ ...setOf(id, 0, [4], elements), name }),
    );
    const rules = sets.map(({ id }) => [load, lookup(id)]);
    const { maps } = lower(rulesetOf({ c: { hook: 'ingress', rules } }, { sets }));
    expect(maps.map(({ name }) => name)).toEqual([
      'allowed_hosts',
      'allowed_hosts_2',
      'a_very_long_nam',
      'a_very_long_n_2',
    ]);
    expect(maps.map(({ role }) => role)).toEqual(
      sets.map(({ name }) => ({ kind: 'set', family: 'netdev', table: 't', set: name, flags: [] })),
    );
  });

  it('anonymous constant sets are code, as long as they are small', () => {
    const keys = (count: number) =>
      Array.from({ length: count }, (_, index) => ({
        key: (0x0a000000 + index * 2).toString(16).padStart(8, '0'),
      }));
    const of = (count: number) => {
      const set = setOf(0, SetFlag.anonymous | SetFlag.constant, [4], keys(count));
      return lower(rulesetOf({ c: { hook: 'ingress', rules: [[load, lookup(0)]] } }, { sets: [set] })).maps;
    };
    expect(of(1024)).toEqual([]);
    expect(of(1025)).toMatchObject([{ type: 'hash', count: 1025, keySize: 4 }]);
  });

  it('intervals are prefixes, and a catch-all the empty one', () => {
    const end = ElementFlag.intervalEnd;
    const set = setOf(
      0,
      SetFlag.interval,
      [4],
      [{ key: '0a000001' }, { key: '0a000004', flags: end }, { key: '', flags: ElementFlag.catchall }],
    );
    const [map] = lower(
      rulesetOf({ c: { hook: 'ingress', rules: [[load, lookup(0)]] } }, { sets: [set] }),
    ).maps;
    expect(map).toMatchObject({ type: 'lpm_trie', keySize: 8, count: 3, flags: 1 });
    const hex = Array.from({ length: 3 }, (_, index) =>
      Buffer.from(map!.keys.subarray(index * 8, index * 8 + 8)).toString('hex'),
    );
    // 10.0.0.1/32, 10.0.0.2/31, 0.0.0.0/0
    expect(hex).toEqual(['200000000a000001', '1f0000000a000002', '0000000000000000']);
  });

  it('a counter has a slot for each statement, whatever number of programs count in it', () => {
    const chains = baseChains(
      { family: 'inet', name: 'a', hook: 'input' },
      { family: 'ip', name: 'b', hook: 'input' },
    );
    const { programs, maps } = lower(chains);
    expect(programs.length).toBe(2);
    expect(maps).toMatchObject([
      {
        name: 'rule_counters',
        type: 'percpu_array',
        valueSize: 16,
        maxEntries: 2,
        role: {
          kind: 'rule_counters',
          slots: [
            { rule: 1, counter: 0 },
            { rule: 0, counter: 0 },
          ],
        },
      },
    ]);
  });
});
