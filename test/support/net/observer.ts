// How a verdict is seen: on each hook one base chain in front of everything and one behind it, each with a counter.
// A packet that the first counts and the second does not was dropped in between. Their priorities are the outermost
// that conntrack's confirmation (at INT_MAX) leaves, so no chain under test can share one (equal priorities would
// run in an order that depends on the order of registration).

import type { Hook } from '../../../src/model/family.ts';
import type { Counts } from './counters.ts';

export type Passage = 'accept' | 'drop' | 'unseen';

export const observerTable: string = 'nft2bpf_observer';
const table = observerTable;
const first = -2147483647;
const last = 2147483646;

/** The hooks of one family of netfilter that both IPv4 and IPv6 pass. */
const inetHooks: readonly Hook[] = ['prerouting', 'input', 'forward', 'output', 'postrouting'];

export interface ObserverOptions {
  /** Devices whose ingress and egress are watched. */
  readonly devices: readonly string[];
  /** Packets that pass this hook are dropped behind it: they cause no answer, no routing, no conntrack entry. */
  readonly endAt?: Hook;
  /** Packets of the machine itself (answers, errors) are dropped before the output hook's chains see them. */
  readonly silent: boolean;
  /** Conntrack is switched on. */
  readonly conntrack: boolean;
}

function chain(hook: Hook, place: 'before' | 'after', priority: number, rules: string, devices = ''): string {
  return `chain ${hook}_${place} { type filter hook ${hook} ${devices} priority ${priority}; policy accept; ${rules}; }`;
}

function watchedHook(hook: Hook, options: ObserverOptions, devices?: string): string {
  const before = options.silent && hook === 'output' ? 'counter drop' : 'counter';
  const after = options.endAt === hook ? 'counter drop' : 'counter';
  return `${chain(hook, 'before', first, before, devices)}\n${chain(hook, 'after', last, after, devices)}`;
}

/** The observers as a ruleset. */
export function observerRuleset(options: ObserverOptions): string {
  const list = `devices = { ${options.devices.map(name => `"${name}"`).join(', ')} }`;
  const switchOn = options.conntrack ? 'chain conntrack { ct state new continue; }' : '';
  const inet = inetHooks.map(hook => watchedHook(hook, options)).join('\n');
  const netdev = (['ingress', 'egress'] as const).map(hook => watchedHook(hook, options, list)).join('\n');
  return `table inet ${table} {\n${switchOn}\n${inet}\n}\ntable netdev ${table} {\n${netdev}\n}\n`;
}

const hooks: readonly Hook[] = ['ingress', ...inetHooks, 'egress'];

function isObserver(key: string): boolean {
  return key.split(' ')[2] === table;
}

/** Separates what the observers saw from the counters of the ruleset. */
export function withoutObservers(deltas: Counts): Counts {
  return new Map([...deltas].filter(([key]) => !isObserver(key)));
}

/**
 * What became of one packet at each hook it reached. A hook that saw several packets counts as `accept` if all of
 * them passed.
 */
export function passages(deltas: Counts): ReadonlyMap<Hook, Passage> {
  const result = new Map<Hook, Passage>();
  for (const hook of hooks) {
    const family = hook === 'ingress' || hook === 'egress' ? 'netdev' : 'inet';
    const seen = (place: string): bigint =>
      deltas.get(`rule ${family} ${table} ${hook}_${place} 0 0`)?.packets ?? 0n;
    if (seen('before') > 0n) result.set(hook, seen('after') === seen('before') ? 'accept' : 'drop');
  }
  return result;
}
