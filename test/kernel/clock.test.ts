// meta time, hour and day on live traffic: windows around now, against nf_tables; and drawn times in the interpreter against
// the evaluator, with a clock map as a loader writes it.

import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createEvaluator } from '../../src/lower/linear/eval/index.ts';
import { createRunner, packetAt } from '../../src/lower/run/index.ts';
import { clockValue, clockValueSize } from '../../src/model/clock.ts';
import { translateStages } from '../../src/translate.ts';
import { fromHex } from '../model/bytes.ts';
import { kernel, kernelBtf } from '../support/kernel.ts';
import { LabPool } from '../support/lab-pool.ts';
import { isMissing } from '../support/requirements.ts';
import { scenario } from '../support/scenario.ts';
import { disagreements } from './judge.ts';
import { bpfLiveJudge } from './judges/bpf-live.ts';
import { nfTablesJudge } from './judges/nf-tables.ts';
import { translator } from './judges/translation.ts';

const frame = fromHex('02000000000102000000000208004500001c00010000401166cd0a0000030a000001000a003500080000');
const minute = 60_000;
const days = ['Sunday', 'Monday', 'Tuesday', 'Wednesday', 'Thursday', 'Friday', 'Saturday'];

/** Hour and minute of UTC. Minutes are far enough from now that no test sees them pass. */
function clockText(time: number): string {
  return new Date(time).toISOString().slice(11, 16);
}

function dateText(time: number): string {
  return new Date(time).toISOString().slice(0, 19).replace('T', ' ');
}

function rulesAround(now: number): string {
  const windows = [-20, -5, 0].map(start => {
    const [from, to] = [now + start * minute - 5 * minute, now + start * minute + 5 * minute];
    return `meta hour "${clockText(from)}"-"${clockText(to)}" counter`;
  });
  const times = [-30, 30].map(shift => `meta time > "${dateText(now + shift * minute)}" counter`);
  const weekdays = days.map(name => `meta day "${name}" counter`);
  return [...windows, ...times, ...weekdays].join('\n');
}

describe.skipIf(isMissing('root', 'nft'))('the time of day', () => {
  it.each([
    ['netdev', 'ingress device "in0"', 'auto'],
    ['netdev', 'ingress device "in0"', 'xdp'],
    ['inet', 'input', 'auto'],
  ] as const)('is as nf_tables has it: %s %s, %s', async (family, hook, target) => {
    const system = await kernel();
    const pool = new LabPool();
    try {
      const rules = rulesAround(Date.now());
      const ruleset = `table ${family} t { chain c { type filter hook ${hook} priority 0; ${rules}\n}; }`;
      const given = scenario({ ruleset, packets: [{ via: 'input', bytes: frame }] });
      const judges = [
        nfTablesJudge(pool),
        bpfLiveJudge('live', system, pool, kernelBtf(), translator(target, true)),
      ];
      const opinions = judges.map(judge => ({ judge: judge.name, judgement: judge.judge(given) }));
      expect(opinions.map(({ judgement }) => judgement.kind)).toEqual(['judged', 'judged']);
      expect(disagreements(opinions, given)).toEqual([]);
    } finally {
      pool.close();
    }
  });
});

describe('drawn times', () => {
  const text = `table inet t { chain c { type filter hook input priority 0;
    meta hour "08:00"-"17:30" counter
    meta hour != "22:00"-"23:59:59" counter
    meta day { Monday, Sunday } counter
    meta day > 3 counter
    meta time "2024-03-01 10:00:00"-"2031-01-01 00:00:00" counter
  }; }`;

  it('are judged by the program as by the evaluator', () => {
    const { ir, translation } = translateStages(text);
    const taiOffset = 37_000_000_000n;
    fc.assert(
      fc.property(
        fc.bigInt({ min: 946_684_800_000_000_000n, max: 4_000_000_000_000_000_000n }),
        fc.integer({ min: -840, max: 720 }),
        (realtime, minutesWest) => {
          const values = new Uint8Array(clockValueSize);
          const view = new DataView(values.buffer);
          view.setBigInt64(clockValue.taiOffset, taiOffset, true);
          view.setBigInt64(clockValue.west, BigInt(minutesWest * 60), true);
          const maps = translation.maps.map(map => (map.role.kind === 'clock' ? { ...map, values } : map));
          const created = createRunner(translation.programs, maps, { taiOffset });
          const evaluator = createEvaluator(ir!, { kernel: { major: 6, minor: 18 }, minutesWest });
          const at = packetAt({ family: 'inet', hook: 'input' }, frame, {
            clock: { realtime, monotonic: 0n },
          });
          if (!created.ok || at.kind !== 'packet') throw new Error('no run');
          created.runner.runHook(at.point, at.packet);
          evaluator.evaluate(at.point, at.packet);
          expect(created.runner.counters()).toEqual(evaluator.counters());
        },
      ),
      { numRuns: 300 },
    );
  });
});
