// Connection tracking that only moved chains asked for. nf_tables switches it on, and reassembly with it, as soon as a rule
// or object of a family uses connections, even one that no packet meets; a BPF program does not. Where the remainder would
// no longer do so, a chain that nothing calls is added to it that does.

import type { Expression, IrRuleset, IrTable } from '../linear/ir.ts';

type Protocol = 'ip' | 'ip6';

/** What of connection tracking a ruleset switches on. */
interface Tracking {
  readonly protocols: ReadonlySet<Protocol>;
  /** Packets and bytes are counted for connections. */
  readonly accounting: boolean;
}

const trackingOperations: ReadonlySet<Expression['op']> = new Set([
  'ct',
  'ct_set',
  'nat',
  'masq',
  'redir',
  'connlimit',
  'synproxy',
  'flow_offload',
]);
const trackingObjects = new Set(['ct helper', 'ct timeout', 'ct expectation', 'synproxy']);
const countingKeys = new Set(['bytes', 'packets', 'avgpkt']);

function* expressionsOf({ chains, sets }: IrTable): Generator<Expression> {
  for (const { rules } of chains) for (const { expressions } of rules) yield* expressions;
  for (const set of sets) {
    yield* set.expressions ?? [];
    for (const extra of set.elements.extras?.values() ?? []) yield* extra.expressions ?? [];
  }
}

function protocolsOf({ family }: IrTable): readonly Protocol[] {
  if (family === 'inet') return ['ip', 'ip6'];
  return family === 'ip' || family === 'ip6' ? [family] : [];
}

function trackingOf({ tables }: IrRuleset): Tracking {
  const protocols = new Set<Protocol>();
  let accounting = false;
  for (const table of tables) {
    let isOn = table.objects.some(({ kind }) => trackingObjects.has(kind));
    for (const expression of expressionsOf(table)) {
      if (expression.op === 'dynset')
        isOn ||= expression.expressions.some(({ op }) => trackingOperations.has(op));
      isOn ||= trackingOperations.has(expression.op);
      accounting ||= expression.op === 'ct' && countingKeys.has(expression.key);
    }
    if (isOn) for (const protocol of protocolsOf(table)) protocols.add(protocol);
  }
  return { protocols, accounting };
}

/** A table, as nft text, that switches on what `whole` did and `remainder` does not; undefined if nothing is missing. */
export function trackingTable(whole: IrRuleset, remainder: IrRuleset): string | undefined {
  const [wanted, given] = [trackingOf(whole), trackingOf(remainder)];
  const missing = [...wanted.protocols].filter(protocol => !given.protocols.has(protocol));
  const counts = wanted.accounting && !given.accounting;
  if (missing.length === 0 && !counts) return undefined;
  const protocols = missing.length > 0 ? missing : [...wanted.protocols];
  const family = protocols.length === 1 ? protocols[0] : 'inet';
  const rule = counts ? 'ct bytes 0 continue' : 'ct state new continue';
  return [
    `table ${family} ${freeName(remainder)} {`,
    '\tchain conntrack {',
    '\t\tcomment "keeps connection tracking on for programs"',
    `\t\t${rule}`,
    '\t}',
    '}',
  ].join('\n');
}

function freeName({ tables }: IrRuleset): string {
  const taken = new Set(tables.map(({ name }) => name));
  let name = 'nft2bpf';
  for (let number = 2; taken.has(name); number++) name = `nft2bpf_${number}`;
  return name;
}
