// The emitted bytecode in the interpreter, as a judge.

import { createRunner } from '../../../src/lower/run/index.ts';
import type { Judge } from '../../support/scenario.ts';
import { rulePlaces } from './bpf-counters.ts';
import type { Translator } from './bpf-live.ts';
import { LogCounts } from './log-counts.ts';
import { modelJudge } from './on-model.ts';

/** A fault (the program did what the verifier would have refused) is an error of the test, not an opinion. */
export function vmJudge(name: string, translate: Translator): Judge {
  return modelJudge(name, scenario => {
    const translated = translate(scenario);
    if ('refused' in translated) return translated;
    const created = createRunner(translated.programs, translated.maps);
    if (!created.ok) throw new Error(created.message);
    const { runner } = created;
    const logs = new LogCounts();
    const ring = translated.maps.find(({ role }) => role.kind === 'log');
    return {
      places: rulePlaces(translated.ir),
      decide: (point, packet) => {
        const run = runner.runHook(point, packet);
        if (run.kind === 'fault') throw new Error(`${run.program}: ${run.fault.message}`);
        return run;
      },
      counters: () => runner.counters(),
      logs: () => {
        if (ring) logs.addRecords(ring, runner.takeRecords(ring.name));
        return logs.counts;
      },
    };
  });
}
