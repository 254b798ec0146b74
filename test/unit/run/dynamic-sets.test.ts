// Sets that packets fill, over time: programs in the interpreter against the evaluator, on drawn sequences of packets. Times
// are multiples of a timer tick, as the evaluator counts in ticks and programs in nanoseconds.

import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { tcp } from '../../../examples/packets.ts';
import { createEvaluator } from '../../../src/lower/linear/eval/index.ts';
import { createRunner, packetAt } from '../../../src/lower/run/index.ts';
import { translateStages } from '../../../src/translate.ts';

const hz = 250n;
const tick = 1_000_000_000n / hz;

const text = `table inet t {
  set plain { type ipv4_addr; flags dynamic, timeout; timeout 40ms; }
  set kept { type ipv4_addr; flags dynamic, timeout; }
  set slow { type ipv4_addr; flags dynamic, timeout; timeout 100ms; limit rate 20/second burst 2 packets; }
  set seen { type ipv4_addr; counter; elements = { 10.0.0.3, 10.0.0.4 } }
  chain c { type filter hook input priority 0;
    ip saddr @plain counter
    ip saddr != @kept counter
    tcp dport 1 add @plain { ip saddr } counter
    tcp dport 2 update @plain { ip saddr timeout 80ms } counter
    tcp dport 3 delete @plain { ip saddr } counter
    tcp dport 4 add @kept { ip saddr timeout 20ms } counter
    tcp dport 5 add @kept { ip saddr } counter
    tcp dport 6 update @slow { ip saddr } counter
    ip saddr @seen limit rate 100/second counter
  }
}`;

interface Step {
  readonly source: number;
  readonly port: number;
  readonly ticks: number;
}

function frameOf({ source, port }: Step): Uint8Array {
  return tcp({ from: `10.0.0.${source}`, to: '10.0.0.1', dport: port });
}

describe('sets that packets fill', () => {
  it('have the same elements at the same time', () => {
    const { ir, translation } = translateStages(text);
    expect(translation.ok).toBe(true);
    const step = fc.record({
      source: fc.integer({ min: 3, max: 5 }),
      port: fc.integer({ min: 1, max: 7 }),
      ticks: fc.oneof(fc.constant(0), fc.integer({ min: 0, max: 30 })),
    });
    fc.assert(
      fc.property(fc.array(step, { minLength: 1, maxLength: 40 }), steps => {
        const created = createRunner(translation.programs, translation.maps);
        if (!created.ok) throw new Error(created.message);
        const evaluator = createEvaluator(ir!, { kernel: { major: 6, minor: 18 }, hz: Number(hz) });
        let monotonic = 1_000n * tick;
        for (const one of steps) {
          monotonic += BigInt(one.ticks) * tick;
          const clock = { monotonic, realtime: 0n };
          const at = packetAt({ family: 'inet', hook: 'input' }, frameOf(one), { clock });
          if (at.kind !== 'packet') throw new Error(at.reason);
          const run = created.runner.runHook(at.point, at.packet);
          const meaning = evaluator.evaluate(at.point, at.packet);
          expect([run.kind, meaning.kind]).toEqual(['decided', 'decided']);
          expect(created.runner.counters()).toEqual(evaluator.counters());
        }
      }),
      { numRuns: 150 },
    );
  });

  it('are refused where an element could not be told from another', () => {
    const ok = (declarations: string, rules: string): boolean =>
      translateStages(
        `table inet t { ${declarations} chain c { type filter hook input priority 0; ${rules}; }; }`,
      ).translation.ok;
    const set = 'set s { type ipv4_addr; flags dynamic, timeout; };';
    expect(ok(set, 'add @s { ip saddr limit rate 1/second }')).toBe(true);
    expect(ok(set, 'add @s { ip saddr limit rate 1/second }; add @s { ip saddr limit rate 2/second }')).toBe(
      false,
    );
    expect(ok(set, 'add @s { ip saddr limit rate 1/second }; add @s { ip saddr }')).toBe(false);
    expect(ok(set, 'add @s { ip saddr timeout 1s }; update @s { ip saddr }')).toBe(false);
    expect(ok('set s { type ipv4_addr; timeout 1m; elements = { 1.2.3.4 }; };', 'ip saddr @s drop')).toBe(
      false,
    );
  });
});
