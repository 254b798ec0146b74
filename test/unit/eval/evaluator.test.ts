// The evaluator on hand-made register IR. What is expected was measured in nf_tables: ../shared/facts/semantics.md names the
// experiments; numbers in brackets are its facts.

import { describe, expect, it } from 'vitest';
import {
  createEvaluator,
  type Evaluation,
  type Evaluator,
  type HookPoint,
  type KernelVersion,
  type Packet,
} from '../../../src/lower/linear/eval/index.ts';
import { type Expression, type IrRuleset, SetFlag } from '../../../src/lower/linear/ir.ts';
import { fromHex } from '../../model/bytes.ts';
import { frame, internet, udpPacket } from '../../support/frames.ts';
import {
  type ChainText,
  constant,
  counter,
  equals,
  payload,
  reg,
  rulesetOf,
  setOf,
  verdict,
} from '../../support/ir-builder.ts';

const kernel: KernelVersion = { major: 6, minor: 18 };
const device = { index: 2, name: 'in0', group: 0, type: 1, kind: 'tun' };
const ingress: HookPoint = { list: 'netdev', hook: 'ingress', device: 'in0' };
const ends = { source: '10.0.0.1', destination: '10.0.0.2' };

function packetOf(bytes: Uint8Array, extra: Partial<Packet> = {}): Packet {
  return {
    bytes: frame(bytes),
    macOffset: 0,
    networkOffset: 14,
    dataOffset: 14,
    protocol: bytes[0]! >> 4 === 6 ? 0x86dd : 0x0800,
    packetType: 0,
    mark: 0,
    priority: 0,
    input: device,
    device,
    clock: { realtime: 0n, monotonic: 0n },
    ...extra,
  };
}

const udp = packetOf(udpPacket(ends, { sourcePort: 1000, destinationPort: 53 }, new Uint8Array(72)));

function verdictOf(evaluation: Evaluation): string {
  return evaluation.kind === 'decided' ? evaluation.verdict : evaluation.reason;
}

/** Packets that each counter of the ruleset counted, in its order. */
function counts(evaluator: Evaluator): number[] {
  return evaluator.counters().map(({ packets }) => Number(packets));
}

function runTimes(
  ruleset: IrRuleset,
  times: number,
  packet: (index: number) => Packet = () => udp,
): number[] {
  const evaluator = createEvaluator(ruleset, { kernel });
  for (let index = 0; index < times; index++) evaluator.evaluate(ingress, packet(index));
  return counts(evaluator);
}

function judge(chains: Readonly<Record<string, ChainText>>): { verdict: string; counts: number[] } {
  const evaluator = createEvaluator(rulesetOf(chains), { kernel });
  const evaluation = evaluator.evaluate(ingress, udp);
  return { verdict: verdictOf(evaluation), counts: counts(evaluator) };
}

/** How many of `times` packets of 100 bytes (from the IP header on) get past the expressions. */
function passing(
  expressions: readonly Expression[],
  times: number,
  packet?: (index: number) => Packet,
): number {
  const ruleset = rulesetOf({ b: { hook: 'ingress', rules: [[...expressions, counter]] } });
  return runTimes(ruleset, times, packet)[0]!;
}

describe('chains', () => {
  it('goes on behind the last jump after a goto, not behind the goto (28)', () => {
    const result = judge({
      b: { hook: 'ingress', policy: 'drop', rules: [[verdict('jump', 'one')], [counter, verdict('accept')]] },
      one: { rules: [[verdict('goto', 'two')], [counter]] },
      two: { rules: [[counter]] },
    });
    expect(result).toEqual({ verdict: 'accept', counts: [1, 0, 1] });
  });

  it('comes to the policy by a goto without a jump, and by return in a base chain (26)', () => {
    const byGoto = {
      b: { hook: 'ingress', policy: 'drop', rules: [[verdict('goto', 'c')], [verdict('accept')]] },
      c: { rules: [] },
    } as const;
    const byReturn = {
      b: { hook: 'ingress', policy: 'drop', rules: [[verdict('return')], [verdict('accept')]] },
    } as const;
    expect([judge(byGoto).verdict, judge(byReturn).verdict]).toEqual(['drop', 'drop']);
  });

  it('goes on in the same rule after continue (26)', () => {
    const result = judge({ b: { hook: 'ingress', rules: [[verdict('continue'), counter]] } });
    expect(result.counts).toEqual([1]);
  });

  it('runs the later of two base chains with equal priority first; accept ends one chain only (26, 27)', () => {
    const result = judge({
      first: { hook: 'ingress', rules: [[counter, verdict('drop')]] },
      second: { hook: 'ingress', rules: [[counter, verdict('accept')]] },
      third: { hook: 'ingress', priority: 1, rules: [[counter]] },
    });
    expect(result).toEqual({ verdict: 'drop', counts: [1, 1, 0] });
  });

  it('reports jumps that cannot end', () => {
    const chains = {
      b: { hook: 'ingress', rules: [[verdict('jump', 'c')]] },
      c: { rules: [[verdict('jump', 'c')]] },
    } as const;
    expect(judge(chains).verdict).toBe('jumps nest too deep');
  });
});

describe('stateful expressions, with packets of 100 bytes', () => {
  const limit = (
    type: 'packets' | 'bytes',
    rate: bigint,
    unit: bigint,
    burst: number,
    over: boolean,
  ): Expression => ({
    op: 'limit',
    type,
    rate,
    unit,
    burst,
    over,
  });
  it.each([
    ['1/hour', limit('packets', 1n, 3600n, 5, false), 50, 5],
    ['1/hour burst 7', limit('packets', 1n, 3600n, 7, false), 50, 7],
    ['over 1/hour burst 7', limit('packets', 1n, 3600n, 7, true), 50, 43],
    ['1000 bytes/hour', limit('bytes', 1000n, 3600n, 0, false), 200, 10],
    ['1000 bytes/hour burst 500', limit('bytes', 1000n, 3600n, 500, false), 200, 15],
    ['over 1000 bytes/hour burst 500', limit('bytes', 1000n, 3600n, 500, true), 200, 185],
  ])('limit %s', (_, expression, times, expected) => {
    expect(passing([expression], times)).toBe(expected);
  });

  it('a limit fills with time', () => {
    const at = (index: number) =>
      packetOf(udp.bytes.subarray(14), { clock: { realtime: 0n, monotonic: BigInt(index) * 100_000_000n } });
    // 5/second, burst 1: a token each 200 ms, a packet each 100 ms.
    expect(passing([limit('packets', 5n, 1n, 1, false)], 20, at)).toBe(10);
  });

  const quota = (bytes: bigint, consumed: bigint, over: boolean): Expression => ({
    op: 'quota',
    bytes,
    consumed,
    over,
  });
  it.each([
    ['1000 bytes', quota(1000n, 0n, false), 50, 10],
    ['over 1000 bytes', quota(1000n, 0n, true), 50, 40],
    ['999 bytes', quota(999n, 0n, false), 50, 9],
    ['1000 bytes used 300', quota(1000n, 300n, false), 50, 7],
    ['over 0', quota(0n, 0n, true), 50, 50],
  ])('quota %s', (_, expression, times, expected) => {
    expect(passing([expression], times)).toBe(expected);
  });

  it('numgen inc starts at its offset and counts round', () => {
    const numgen: Expression = { op: 'numgen', mode: 'inc', modulus: 3, offset: 10, dest: reg(0) };
    const rules = ['0a000000', '0b000000', '0c000000'].map(hex => [numgen, equals(hex), counter]);
    // Each rule has a generator of its own.
    expect(runTimes(rulesetOf({ b: { hook: 'ingress', rules } }), 4)).toEqual([2, 1, 1]);
  });

  it('state changes even if a later test of the rule fails', () => {
    const expressions = [quota(150n, 0n, false), counter, payload('transport', 2, 2), equals('0001')];
    expect(passing(expressions, 5)).toBe(1);
  });
});

describe('sets', () => {
  const lookup = (invert = false, dest?: 'verdict'): Expression => ({
    op: 'lookup',
    source: reg(0),
    set: 1 as never,
    invert,
    ...(dest && { dest }),
  });
  const port = payload('transport', 2, 2);
  const address = payload('network', 12, 4);

  function matches(expressions: readonly Expression[], set: ReturnType<typeof setOf>): number {
    const rules = [[...expressions, counter]];
    return runTimes(rulesetOf({ b: { hook: 'ingress', rules } }, { sets: [set] }), 1)[0]!;
  }

  it('intervals are half open, and touch (39)', () => {
    const of = (from: string, end: string) =>
      setOf(1, SetFlag.interval, [2], [{ key: '0000', flags: 1 }, { key: from }, { key: end, flags: 1 }]);
    expect([
      matches([port, lookup()], of('0035', '0036')),
      matches([port, lookup()], of('0034', '0035')),
    ]).toEqual([1, 0]);
    const touching = setOf(
      1,
      SetFlag.interval,
      [2],
      [{ key: '0034' }, { key: '0035', flags: 1 }, { key: '0035' }, { key: '0036', flags: 1 }],
    );
    expect(matches([port, lookup()], touching)).toBe(1);
  });

  it('an interval to the maximum has no end (39)', () => {
    expect(matches([port, lookup()], setOf(1, SetFlag.interval, [2], [{ key: '0035' }]))).toBe(1);
  });

  it('of overlapping concatenated ranges the one inserted first wins (38)', () => {
    const wide = { key: '0a000000 00000000', end: '0affffff ffff0000' };
    const narrow = { key: '0a000001 00350000', end: '0a000001 00350000' };
    const decide = (elements: readonly (typeof wide & { verdict: { kind: 'accept' | 'drop' } })[]) => {
      const set = setOf(1, SetFlag.interval | SetFlag.concat | SetFlag.map, [4, 2], elements);
      const chains = {
        b: { hook: 'ingress', rules: [[address, payload('transport', 2, 2, 1), lookup(false, 'verdict')]] },
      } as const;
      return verdictOf(
        createEvaluator(rulesetOf(chains, { sets: [set] }), { kernel }).evaluate(ingress, udp),
      );
    };
    const drop = { verdict: { kind: 'drop' } } as const;
    const accept = { verdict: { kind: 'accept' } } as const;
    expect(
      decide([
        { ...narrow, ...drop },
        { ...wide, ...accept },
      ]),
    ).toBe('drop');
    expect(
      decide([
        { ...wide, ...accept },
        { ...narrow, ...drop },
      ]),
    ).toBe('accept');
  });

  it('a catch-all makes an inverted look-up never match (40)', () => {
    const set = setOf(1, 0, [2], [{ key: '0001' }, { key: '', flags: 2 }]);
    expect([matches([port, lookup()], set), matches([port, lookup(true)], set)]).toEqual([1, 0]);
  });

  it('element expressions run on every hit and may end the rule, verdict and all (41)', () => {
    const once: Expression = { op: 'quota', bytes: 100n, consumed: 0n, over: false };
    const set = setOf(1, SetFlag.map, [2], [{ key: '0035', verdict: { kind: 'drop' }, expressions: [once] }]);
    const evaluator = createEvaluator(
      rulesetOf({ b: { hook: 'ingress', rules: [[port, lookup(false, 'verdict')]] } }, { sets: [set] }),
      { kernel },
    );
    expect([1, 2].map(() => verdictOf(evaluator.evaluate(ingress, udp)))).toEqual(['drop', 'accept']);
  });
});

describe('loads', () => {
  const transport53 = [payload('transport', 2, 2), equals('0035')];
  const later = packetOf(internet(ends, 17, udp.bytes.subarray(34), { fragmentOffset: 1 }));

  it('an aligned load reads in a later fragment up to 6.18, ends the rule in 7.2 and is unknown between (14)', () => {
    const versions = [kernel, { major: 7, minor: 2 }, { major: 7, minor: 0 }];
    const verdicts = versions.map(version => {
      const ruleset = rulesetOf({ b: { hook: 'ingress', rules: [[...transport53, verdict('drop')]] } });
      return verdictOf(createEvaluator(ruleset, { kernel: version }).evaluate(ingress, later));
    });
    expect(verdicts).toEqual([
      'drop',
      'accept',
      'aligned loads in later fragments are not known for this kernel',
    ]);
  });

  it('a load past the end of the packet ends the rule, for != too (15)', () => {
    const past = payload('network', 100, 1);
    const differs: Expression = { op: 'cmp', operator: 'neq', source: reg(0), value: constant('00') };
    expect(passing([past, differs], 1)).toBe(0);
  });

  it('a load behind the addresses sees the tag of the metadata, one up to them the frame as it is (18)', () => {
    const tagged = packetOf(udp.bytes.subarray(14), { vlan: { protocol: 0x8100, tci: 5 } });
    const see = (offset: number, length: number, hex: string) =>
      passing([payload('link', offset, length), equals(hex)], 1, () => tagged);
    expect([
      see(12, 6, '810000050800'),
      see(6, 6, '020000000002'),
      see(18, 1, '45'),
      see(10, 4, '00028100'),
    ]).toEqual([1, 1, 1, 1]);
  });

  it('shorter loads clear the rest of their word (16)', () => {
    const expressions = [payload('network', 12, 4), payload('network', 9, 1), equals('11000000')];
    expect(passing(expressions, 1)).toBe(1);
  });
});

describe('what is not modelled', () => {
  it('is reported with the rule, not guessed', () => {
    const other: Expression = { op: 'other', name: 'xt', text: 'xt', terminal: false };
    const evaluator = createEvaluator(rulesetOf({ b: { hook: 'ingress', rules: [[counter], [other]] } }), {
      kernel,
    });
    expect(evaluator.evaluate(ingress, udp)).toEqual({
      kind: 'not_evaluable',
      reason: 'xt is not modelled',
      rule: 1,
    });
  });

  it('includes what the packet does not say', () => {
    const load: Expression = { op: 'ct', key: 'state', dest: reg(0) };
    expect(judge({ b: { hook: 'ingress', rules: [[load]] } }).verdict).toBe(
      "the packet's conntrack entry is not modelled",
    );
  });
});

describe('jhash', () => {
  // Key, seed, modulus and value as nf_tables gave them; the values are scaled, not reduced (section 9).
  it.each([
    ['0a000001', 0xdeadbeef, 10, 3],
    ['0a00000100350000', 7, 1000, 252],
    ['0035', 7, 65536, 25357],
    ['0a0000010a0000020035000003e80000', 1, 4294967295, 1521315641],
    ['fd000000000000000000000000000001', 0, 4294967295, 3633677111],
  ])('of %s', (hex, seed, modulus, expected) => {
    const key = fromHex(hex);
    const expressions: Expression[] = [
      { op: 'immediate', dest: reg(4), value: constant(hex) },
      {
        op: 'hash',
        type: 'jenkins',
        source: reg(4),
        length: key.length,
        seed,
        modulus,
        offset: 0,
        dest: reg(0),
      },
      { op: 'byteorder', direction: 'hton', source: reg(0), dest: reg(0), length: 4, size: 4 },
      equals(expected.toString(16).padStart(8, '0')),
    ];
    expect(passing(expressions, 1)).toBe(1);
  });
});
