// Payload loads. What is expected was measured in nf_tables (docs/semantics.md); numbers in brackets are its facts.

import { describe, expect, it } from 'vitest';
import { createEvaluator } from '../../../src/lower/linear/eval/index.ts';
import type { Expression } from '../../../src/lower/linear/ir.ts';
import { internet } from '../../support/frames.ts';
import { constant, equals, payload, reg, rulesetOf, verdict } from '../../support/ir-builder.ts';
import { ends, ingress, kernel, packetOf, passing, udp, verdictOf } from './support.ts';

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

describe('clock', () => {
  const at = (text: string) => () =>
    packetOf(udp.bytes.subarray(14), { clock: { realtime: BigInt(Date.parse(text)) * 1_000_000n } });
  const hour: Expression = { op: 'meta', key: 'hour', dest: reg(0) };
  const day: Expression = { op: 'meta', key: 'day', dest: reg(0) };
  const hton: Expression = {
    op: 'byteorder',
    direction: 'hton',
    source: reg(0),
    dest: reg(0),
    length: 4,
    size: 4,
  };

  it('hour is the second of the UTC day (56)', () => {
    expect(passing([hour, hton, equals('0000e101')], 1, at('2026-11-21T16:00:01Z'))).toBe(1);
  });

  it('day 0 is Sunday (56)', () => {
    expect(passing([day, equals('06')], 1, at('2026-11-21T23:59:59Z'))).toBe(1);
    expect(passing([day, equals('00')], 1, at('2026-11-22T00:00:00Z'))).toBe(1);
  });
});
