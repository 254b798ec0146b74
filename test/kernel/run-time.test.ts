// Elements that are added and taken away while programs run: packets are then decided as by nf_tables after the same
// commands. SEED and AGREEMENT_RULESETS as in test/property/judges.test.ts.

import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Target } from '../../src/lower/program.ts';
import { checkAgreement, type Setting } from '../property/agreement.ts';
import { kernel, kernelBtf } from '../support/kernel.ts';
import { LabPool } from '../support/lab-pool.ts';
import type { Lab } from '../support/net/lab.ts';
import { seed } from '../support/random.ts';
import { isMissing, nftPath } from '../support/requirements.ts';
import type { Judge, Scenario } from '../support/scenario.ts';
import { bpfLiveJudge, type Translator } from './judges/bpf-live.ts';
import { nfTablesJudge } from './judges/nf-tables.ts';
import { translator } from './judges/translation.ts';
import { vmJudge } from './judges/vm.ts';
import { applyUpdate } from './live-maps.ts';
import { changesOf, mapsAfter, withChanges } from './run-time-changes.ts';

const rulesets = Number(process.env['AGREEMENT_RULESETS'] ?? 6);
const packetsEach = 100;

const settings: readonly Setting[] = [
  { family: 'netdev', hook: 'ingress' },
  { family: 'inet', hook: 'ingress' },
  { family: 'inet', hook: 'input', writes: false },
  { family: 'ip', hook: 'forward', writes: false },
];

/** Whether nft takes the command. */
function runCommand(lab: Lab, command: string): boolean {
  try {
    lab.namespace.execute(nftPath, ['-f', '-'], `${command}\n`);
    return true;
  } catch {
    return false;
  }
}

function runCommands(lab: Lab, scenario: Scenario): void {
  for (const { text, taken } of changesOf(scenario).commands)
    if (runCommand(lab, text) !== taken)
      throw new Error(
        `only ${taken ? 'we take' : 'nft takes'} ${text} in\n${scenario.ruleset}\nafter ${scenario.name}`,
      );
}

function withMapsAfter(translate: Translator): Translator {
  return scenario => {
    const translated = translate(scenario);
    if ('refused' in translated) return translated;
    return { ...translated, maps: mapsAfter(scenario, translated.maps) };
  };
}

describe.skipIf(isMissing('root', 'nft'))('elements at run time decide as in nf_tables', () => {
  const pools = [new LabPool(), new LabPool()] as const;
  let judges: readonly Judge[] = [];
  beforeAll(async () => {
    const system = await kernel();
    const live = (name: string, target: 'auto' | Target): Judge =>
      bpfLiveJudge(name, system, pools[1], kernelBtf(), translator(target, true), (maps, scenario) => {
        for (const update of changesOf(scenario).updates) applyUpdate(system, maps, update);
      });
    judges = [
      nfTablesJudge(pools[0], runCommands),
      vmJudge('vm', withMapsAfter(translator('auto', true))),
      live('live', 'auto'),
      live('live, xdp', 'xdp'),
    ];
  });
  afterAll(() => {
    for (const pool of pools) pool.close();
  });

  it.each(settings)('$family $hook', { timeout: 600_000 }, setting => {
    let [commands, updates] = [0, 0];
    const tally = checkAgreement(setting, judges, { seed, rulesets, packetsEach, shrink: false }, drawn => {
      const scenario = withChanges(drawn, seed);
      commands += scenario.changes.commands.length;
      updates += scenario.changes.updates.length;
      return scenario;
    });
    const compared = [...tally.compared].map(([judge, packets]) => `${judge} ${packets}`).join(', ');
    console.log(
      `${setting.family} ${setting.hook}: seed ${seed}, ${commands} commands, ${updates} updates, ${tally.pairs} pairs: ${compared}`,
    );
    expect(commands).toBeGreaterThan(rulesets);
    expect(tally.compared.get('live') ?? 0).toBeGreaterThan(0);
  });
});
