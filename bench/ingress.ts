// nf_tables at netdev ingress against our tc program in the same place. Every contestant has a device of its own, to
// which its chain or program stays attached; the generator goes round.

import { attachTranslation, loadTranslation, type System } from '../src/loader/index.ts';
import { LinkDevices } from './devices.ts';
import { type Contestant, difference, interleave, median, spread, table } from './measure.ts';
import { distinctAddresses, ingressTable, ruleLines } from './rulesets.ts';
import { Generator } from './traffic.ts';
import { translateOrThrow } from './translate-or-throw.ts';

const rules: Readonly<Record<string, readonly string[]>> = {
  empty: [],
  '1 rule': ruleLines(1),
  '10 rules': ruleLines(10),
  '100 rules': ruleLines(100),
  'set of 1000': [`ip saddr { ${distinctAddresses(1000).join(', ')} } drop`],
};

const names = Object.keys(rules);

/** Everything closed again in reverse order, also when a step fails. */
export function benchIngress(system: System, rounds: number, packets: number): string {
  const devices = new LinkDevices(names.flatMap((_, i) => [`nft${i}`, `bpf${i}`]));
  const generator = new Generator(system, devices.namespace);
  const closing: (() => void)[] = [() => devices.close(), () => generator.close()];
  try {
    devices.loadRuleset(names.map((name, i) => ingressTable(`nft${i}`, rules[name]!)).join(''));
    names.forEach((name, i) => {
      const translated = translateOrThrow(ingressTable(`bpf${i}`, rules[name]!), 'tc');
      const loaded = loadTranslation(system, translated.programs, translated.maps);
      if (!loaded.ok) throw new Error(loaded.error.message);
      closing.push(loaded.value.close);
      const links = devices.namespace.run(() => attachTranslation(system, loaded.value));
      if (!links.ok) throw new Error(links.error.message);
      closing.push(links.value);
    });
    const contestants = names.flatMap((name, i): Contestant[] => [
      { name: `nft ${name}`, run: () => generator.send(`nft${i}`, packets) },
      { name: `bpf ${name}`, run: () => generator.send(`bpf${i}`, packets) },
    ]);
    return report(interleave(contestants, rounds));
  } finally {
    for (const close of closing.reverse()) close();
  }
}

function report(samples: ReadonlyMap<string, readonly number[]>): string {
  const rows = names.map(name => {
    const cost = (side: 'nft' | 'bpf'): number => difference(samples, `${side} ${name}`, `${side} empty`);
    const whole = (side: 'nft' | 'bpf'): string => median(samples.get(`${side} ${name}`)!).toFixed(0);
    const noise = Math.max(...(['nft', 'bpf'] as const).map(side => spread(samples.get(`${side} ${name}`)!)));
    const cells = [name, whole('nft'), whole('bpf'), cost('nft').toFixed(0), cost('bpf').toFixed(0)];
    return [
      ...cells,
      (median(samples.get(`nft ${name}`)!) / median(samples.get(`bpf ${name}`)!)).toFixed(2),
      noise.toFixed(0),
    ];
  });
  return table([
    ['ns a packet', 'nf_tables', 'tc', '+rules nf_tables', '+rules tc', 'ratio', 'spread'],
    ...rows,
  ]);
}
