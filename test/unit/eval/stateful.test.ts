// Expressions that keep state, and hashes. What is expected was measured in nf_tables (docs/semantics.md); numbers in brackets are its facts.

import { describe, expect, it } from 'vitest';
import type { Expression } from '../../../src/lower/linear/ir.ts';
import { fromHex } from '../../model/bytes.ts';
import { constant, counter, equals, payload, reg, rulesetOf } from '../../support/ir-builder.ts';
import { packetOf, passing, runTimes, udp } from './support.ts';

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
