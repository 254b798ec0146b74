// Every pass leaves the meaning of a graph alone: verdict and counters are the same for all values of its fields, before
// and after.

import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { constantField, type Field, fieldOf } from '../../../src/lower/flow/field.ts';
import { type Graph, GraphBuilder, layOut, type Node, type NodeId } from '../../../src/lower/flow/graph.ts';
import { optimizeFlow } from '../../../src/lower/flow/passes/index.ts';
import { joinRuns } from '../../../src/lower/flow/passes/runs.ts';
import { threadEdges } from '../../../src/lower/flow/passes/thread.ts';
import { runGraph, type Values } from './graph-run.ts';

const keys = ['mark', 'cpu', 'iif'] as const;
const field = (key: string): Field => fieldOf({ from: 'meta', key, length: 1 });
const largest = 40;

type NewNode = Node extends infer N ? (N extends Node ? Omit<N, 'rule' | 'origin'> : never) : never;

class Rules {
  readonly graph = new GraphBuilder();

  add(node: NewNode): NodeId {
    return this.graph.add({ ...node, rule: undefined, origin: 0 } as Node);
  }

  end(verdict: 'accept' | 'drop'): NodeId {
    return this.add({ kind: 'end', verdict });
  }
}

interface DrawnRule {
  readonly tests: readonly {
    readonly key: string;
    readonly values: readonly number[];
    readonly not: boolean;
  }[];
  readonly effect: 'count' | 'mark' | 'none';
  readonly verdict: 'accept' | 'drop' | 'next';
}

const rule: fc.Arbitrary<DrawnRule> = fc.record({
  tests: fc.array(
    fc.record({
      key: fc.constantFrom(...keys),
      values: fc.array(fc.nat(largest), { minLength: 1, maxLength: 3 }),
      not: fc.boolean(),
    }),
    { maxLength: 3 },
  ),
  effect: fc.constantFrom('count', 'mark', 'none'),
  verdict: fc.constantFrom('accept', 'drop', 'next'),
});

/** Rules as chains have them: the first that all tests of fit acts, then its verdict or the next rule. */
function chainOf(rules: readonly DrawnRule[]): Graph {
  const builder = new Rules();
  let next = builder.end('accept');
  [...rules].reverse().forEach(({ tests, effect, verdict }, index) => {
    let to = verdict === 'next' ? next : builder.end(verdict);
    if (effect === 'count')
      to = builder.add({ kind: 'effect', effect: { do: 'count', slot: index }, next: to });
    if (effect === 'mark') {
      const value = constantField(Uint8Array.of(index % largest));
      to = builder.add({ kind: 'effect', effect: { do: 'set_meta', key: 'mark', value }, next: to });
    }
    for (const { key, values, not } of [...tests].reverse()) {
      const target = not ? next : to;
      const arms = [...new Set(values)]
        .sort((a, b) => a - b)
        .map(value => ({ low: BigInt(value), high: BigInt(value), to: target }));
      const otherwise = not ? to : next;
      to = builder.add({ kind: 'switch', field: field(key), arms, otherwise, absent: next });
    }
    next = to;
  });
  return { nodes: builder.graph.nodes, entry: next };
}

const fieldValue = fc.option(fc.nat(largest), { nil: undefined, freq: 8 });
const packets: fc.Arbitrary<Values[]> = fc.array(
  fc
    .tuple(fieldValue, fieldValue, fieldValue)
    .map(drawn => Object.fromEntries(keys.map((key, index) => [`meta ${key}`, drawn[index]]))),
  { minLength: 20, maxLength: 40 },
);

const passes = { threadEdges, joinRuns, 'all of them': optimizeFlow } as const;

function reached({ nodes, entry }: Graph): number {
  return layOut(nodes, [entry]).length;
}

describe('passes over the flow graph', () => {
  it.each(Object.entries(passes))('%s keeps the meaning of drawn chains', (_name, pass) => {
    const chain = fc.array(rule, { maxLength: 25 });
    fc.assert(
      fc.property(chain, packets, (rules, values) => {
        const before = chainOf(rules);
        const after = pass(before);
        for (const given of values) expect(runGraph(after, given)).toEqual(runGraph(before, given));
      }),
      { numRuns: 300 },
    );
  });

  /** Rules that begin with a test of one field for a value of its own, most with more tests behind. */
  const runRule = fc.record({
    value: fc.nat(largest),
    more: fc.array(fc.record({ key: fc.constantFrom('cpu', 'iif'), value: fc.nat(2) }), { maxLength: 2 }),
    verdict: fc.constantFrom('accept' as const, 'drop' as const, 'next' as const),
  });

  it('runs of rules on one field become one switch and keep their meaning', () => {
    let joined = 0;
    fc.assert(
      fc.property(fc.array(runRule, { minLength: 30, maxLength: 60 }), packets, (drawn, values) => {
        const rules = drawn.map(({ value, more, verdict }): DrawnRule => {
          const tests = [{ key: 'mark', value }, ...more];
          return {
            tests: tests.map(test => ({ key: test.key, values: [test.value], not: false })),
            effect: 'count',
            verdict,
          };
        });
        const before = chainOf(rules);
        const after = optimizeFlow(before);
        if (after.nodes.some(node => node.kind === 'switch' && node.arms.length > 8)) joined++;
        for (const given of values) expect(runGraph(after, given)).toEqual(runGraph(before, given));
      }),
      { numRuns: 200 },
    );
    expect(joined).toBeGreaterThan(150);
  });

  it('a test whose outcome is known is not made again', () => {
    const rules = [1, 2, 3].map((value): DrawnRule => {
      const tests = [
        { key: 'iif', values: [7], not: false },
        { key: 'mark', values: [value], not: false },
      ];
      return { tests, effect: 'none', verdict: 'drop' };
    });
    const before = chainOf(rules);
    const after = threadEdges(before);
    // Two tests a rule; behind the first rule, `iif` is known whichever way led there.
    expect(reached(before)).toBe(3 * 3 + 1);
    expect(reached(after)).toBe(1 + 3 * 2 + 1);
  });

  it('an effect on a field ends what is known of it', () => {
    const test = { key: 'mark', values: [1], not: false };
    const rules: DrawnRule[] = [
      { tests: [test], effect: 'mark', verdict: 'next' },
      { tests: [test], effect: 'none', verdict: 'drop' },
    ];
    // The first rule (index 1 from the back) writes 1.
    const graph = optimizeFlow(chainOf(rules));
    expect(runGraph(graph, { 'meta mark': 1 }).verdict).toBe('drop');
    const other = optimizeFlow(chainOf([...rules, { tests: [], effect: 'none', verdict: 'next' }]));
    // Now it writes 2.
    expect(runGraph(other, { 'meta mark': 1 }).verdict).toBe('accept');
  });
});
