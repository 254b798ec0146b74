// What is measured: rules over the addresses and ports that the generator draws, so few packets meet one (0.4 %
// with the set) and nearly all run through all of them. Drawn once, by a fixed rule, so that every run measures the
// same.

import { addressBits, firstPort, portBits } from './traffic.ts';

/** A small generator (a linear congruence), for the same rules everywhere. */
function* draws(seed: number): Generator<number> {
  let state = seed;
  for (;;) {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    yield state >>> 8;
  }
}

function addressOf(draw: number): string {
  const host = draw % 2 ** addressBits;
  return `10.${host >> 16}.${(host >> 8) & 255}.${host & 255}`;
}

/** `count` rules, each with an address and a port. */
export function ruleLines(count: number): string[] {
  const source = draws(1);
  const next = (): number => source.next().value as number;
  return Array.from(
    { length: count },
    () => `ip saddr ${addressOf(next())} tcp dport ${firstPort + (next() % 2 ** portBits)} drop`,
  );
}

export function distinctAddresses(count: number): string[] {
  const source = draws(2);
  const addresses = new Set<string>();
  while (addresses.size < count) addresses.add(addressOf(source.next().value as number));
  return [...addresses];
}

/** A netdev table with one ingress chain at `device`. */
export function ingressTable(device: string, rules: readonly string[]): string {
  const head = `type filter hook ingress device "${device}" priority 0; policy accept;`;
  return `table netdev ${device} {\n  chain c {\n    ${[head, ...rules].join('\n    ')}\n  }\n}\n`;
}
