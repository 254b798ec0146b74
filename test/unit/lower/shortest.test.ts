// The shortest programs: base chains without rules, or with one that decides every packet.

import { describe, expect, it } from 'vitest';
import { udp } from '../../../examples/packets.ts';
import { createSimulation } from '../../../src/simulate.ts';
import { translateStages } from '../../../src/translate.ts';

const places = [
  ['netdev', 'ingress', 'device "eth0"', 'tc'],
  ['netdev', 'ingress', 'device "eth0"', 'xdp'],
  ['netdev', 'egress', 'device "eth0"', 'tc'],
  ['inet', 'input', '', 'netfilter'],
] as const;
const bodies = [
  ['accept', '', 'accept'],
  ['drop', '', 'drop'],
  ['accept', 'accept', 'accept'],
  ['accept', 'drop', 'drop'],
  ['drop', 'accept', 'accept'],
] as const;

const eth0 = { name: 'eth0', index: 2, group: 0, type: 1 };
const packet = udp({ from: '192.0.2.1', to: '192.0.2.2', dport: 9 });

describe.each(places)('%s %s %s, %s', (family, hook, device, target) => {
  it.each(bodies)('policy %s, rule "%s": %s', (policy, rule, verdict) => {
    const text = `table ${family} t { chain c { type filter hook ${hook} ${device} priority 0; policy ${policy}; ${rule}; }; }\n`;
    const context = hook === 'egress' ? { output: eth0 } : { input: eth0 };
    for (const optimize of [true, false]) {
      const { ir, translation } = translateStages(text, { target, optimize });
      const simulation = createSimulation(ir!, translation);
      if ('failed' in simulation) throw new Error(simulation.failed);
      expect(simulation.decide({ family, hook }, packet, context)).toMatchObject({
        kind: 'decided',
        verdict,
      });
    }
  });
});
