// Sets. What is expected was measured in nf_tables (docs/semantics.md); numbers in brackets are its facts.

import { describe, expect, it } from 'vitest';
import { createEvaluator } from '../../../src/lower/linear/eval/index.ts';
import { type Expression, SetFlag } from '../../../src/lower/linear/ir.ts';
import { counter, payload, reg, rulesetOf, setOf } from '../../support/ir-builder.ts';
import { ingress, kernel, runTimes, udp, verdictOf } from './support.ts';

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
