// Verdicts and chains. What is expected was measured in nf_tables (docs/semantics.md); numbers in brackets are its facts.

import { describe, expect, it } from 'vitest';
import { createEvaluator } from '../../../src/lower/linear/eval/index.ts';
import type { Expression } from '../../../src/lower/linear/ir.ts';
import { counter, reg, rulesetOf, verdict } from '../../support/ir-builder.ts';
import { ingress, judge, kernel, udp } from './support.ts';

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
