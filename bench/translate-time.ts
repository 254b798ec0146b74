// How long translating takes: a thousand rules, all of one shape and of many.

import { median, table } from './measure.ts';
import { ingressTable, ruleLines } from './rulesets.ts';
import { translateOrThrow } from './translate-or-throw.ts';

const count = 1000;

/** Rules of a hand-written kind: forty different shapes, over and over. */
function mixedLines(): string[] {
  const matches = [
    'ip saddr 10.0.0.N',
    'ip6 saddr fd00::N',
    'ip daddr 10.N.0.0/16',
    'ether saddr 02:00:00:00:00:01',
  ];
  const transports = [
    'tcp dport N',
    'udp sport { N, 70000X }',
    'tcp dport 1-N',
    'icmp type echo-request',
    'meta l4proto gre',
  ];
  const ends = ['drop', 'counter accept'];
  return Array.from({ length: count }, (_, i) =>
    [matches[i % 4], transports[i % 5], ends[i % 2]]
      .join(' ')
      .replaceAll('70000X', String(300 + i))
      .replaceAll('N', String(1 + (i % 250))),
  );
}

function milliseconds(action: () => void): number {
  const start = process.hrtime.bigint();
  action();
  return Number(process.hrtime.bigint() - start) / 1e6;
}

export function benchTranslate(rounds: number): string {
  const rulesets = {
    'one shape': ingressTable('d', ruleLines(count)),
    'forty shapes': ingressTable('d', mixedLines()),
  };
  const rows = Object.entries(rulesets).map(([name, text]) => {
    const run = (): number => milliseconds(() => translateOrThrow(text, 'tc'));
    const first = run();
    const times = Array.from({ length: rounds }, run);
    return [name, first.toFixed(0), median(times).toFixed(0)];
  });
  return table([[`ms for ${count} rules`, 'first', 'median'], ...rows]);
}
