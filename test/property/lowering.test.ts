// Drawn rulesets, lowered with the optimiser on and off: the verifier takes both. SEED repeats a run,
// LOWERING_RULESETS makes it longer.

import { beforeAll, describe, expect, it } from 'vitest';
import { kernel, kernelBtf } from '../support/kernel.ts';
import { seed } from '../support/random.ts';
import { isMissing } from '../support/requirements.ts';
import { Verifier } from '../support/verifier.ts';
import { checkLowering, type Setting } from './lowering.ts';

const rulesets = Number(process.env['LOWERING_RULESETS'] ?? 12);

const settings: readonly Setting[] = [
  { family: 'netdev', hook: 'ingress', neighbour: 'inet', targets: ['tc', 'xdp'] },
  { family: 'netdev', hook: 'ingress', targets: ['tc'], writes: true },
  { family: 'netdev', hook: 'egress', targets: ['tc'], writes: true },
  { family: 'inet', hook: 'ingress', neighbour: 'netdev', targets: ['tc', 'xdp'] },
  { family: 'ip', hook: 'prerouting', neighbour: 'inet', targets: ['netfilter'] },
  { family: 'ip6', hook: 'prerouting', neighbour: 'inet', targets: ['netfilter'] },
  { family: 'inet', hook: 'input', neighbour: 'ip6', targets: ['netfilter'], conntrack: true },
  { family: 'inet', hook: 'forward', neighbour: 'ip', targets: ['netfilter'] },
  { family: 'inet', hook: 'output', neighbour: 'ip', targets: ['netfilter'], conntrack: true },
  { family: 'inet', hook: 'postrouting', neighbour: 'ip6', targets: ['netfilter'] },
];

describe.skipIf(isMissing('root', 'vmlinux'))('programs of drawn rulesets are taken by the kernel', () => {
  let verifier: Verifier;
  beforeAll(async () => {
    verifier = new Verifier(await kernel(), kernelBtf());
  });

  it.each(settings)('$family $hook on $targets', { timeout: 600_000 }, setting => {
    const { accepted, left } = checkLowering(setting, verifier, { seed, rulesets });
    for (const target of setting.targets) {
      const place = `${setting.family} ${setting.hook} on ${target}`;
      const [taken = 0, refused = 0] = [accepted.get(target), left.get(target)];
      console.info(
        `${place}: seed ${seed}, the kernel takes ${taken} translations; ${refused} rules refused`,
      );
      // Both variants of most rulesets.
      expect(taken).toBeGreaterThan(rulesets);
    }
  });
});
