// Arbitraries of rulesets: one or two tables on one hook, base chains with near priorities, regular chains that are
// jumped to, sets and maps, a counter on every rule.

import fc from 'fast-check';
import type { Family, Hook } from '../../../src/model/family.ts';
import { filledSet, jenkinsHash, logStatement, optional, stateful } from './exotic.ts';
import type { NetworkLayer, Profile, TransportLayer } from './fields.ts';
import { type Declaration, type Fragment, verdictText } from './fragment.ts';
import { conntrackMatch, match } from './match.ts';
import { markMap, verdictMap } from './sets.ts';
import { mostly } from './values.ts';

export interface Place {
  readonly family: Family;
  readonly hook: Hook;
  /** For ingress and egress. */
  readonly device?: string;
}

export interface RulesetTaste {
  readonly place: Place;
  /** Another family on the same hook, for a second table. */
  readonly neighbour?: Family;
  /** `meta mark set`: not every target of the back half can write. */
  readonly writes: boolean;
  /** Hashes, extension headers, TCP options. */
  readonly exotic?: boolean;
  /** Extension headers and TCP options. */
  readonly options?: boolean;
  /** Sets that packets fill. */
  readonly fills?: boolean;
  /** ct keys. */
  readonly conntrack?: boolean;
  /** Limits, quotas, number generators: a judge who sees one packet more or less comes to another state. */
  readonly stateful?: boolean;
}

interface Rule {
  readonly matches: readonly Fragment[];
  /** A counter in front of the tests, that counts every packet that reaches the rule. */
  readonly countsAll: boolean;
  readonly statements: readonly Fragment[];
}

interface Chain {
  readonly rules: readonly Rule[];
  readonly priority: number;
  readonly policy: 'accept' | 'drop';
}

interface Table {
  readonly family: Family;
  readonly baseChains: readonly Chain[];
  readonly regularChains: readonly Chain[];
}

const networksOf: Readonly<Record<Family, readonly NetworkLayer[]>> = {
  netdev: ['ip', 'ip6', 'any', 'vlan', 'arp', 'ip', 'ip6'],
  inet: ['ip', 'ip6', 'any'],
  ip: ['ip'],
  ip6: ['ip6'],
  arp: ['arp'],
  bridge: ['ip', 'ip6', 'any'],
};

function profile(family: Family, hook: Hook, conntrack: boolean): fc.Arbitrary<Profile> {
  return fc
    .tuple(
      fc.constantFrom(...networksOf[family]),
      fc.constantFrom<TransportLayer>('udp', 'tcp', 'any', 'icmp'),
    )
    .map(([network, transport]) => ({
      family,
      hook,
      network,
      conntrack,
      transport: network === 'arp' ? 'any' : transport === 'icmp' && network === 'ip6' ? 'icmpv6' : transport,
    }));
}

const verdict: fc.Arbitrary<Fragment> = fc.oneof(
  { withCrossShrink: true },
  { weight: 2, arbitrary: fc.constant({ text: '' }) },
  { weight: 5, arbitrary: verdictText.map(text => ({ text })) },
);

function writes(one: Profile): fc.Arbitrary<Fragment> {
  return fc.oneof(
    fc.nat(3).map(value => ({ text: `meta mark set ${value}` })),
    markMap(one),
  );
}

function test(one: Profile, taste: RulesetTaste): fc.Arbitrary<Fragment> {
  return fc.oneof(
    { weight: 24, arbitrary: match(one) },
    { weight: 1, arbitrary: logStatement },
    ...(taste.conntrack ? [{ weight: 8, arbitrary: conntrackMatch(one) }] : []),
    ...(taste.stateful ? [{ weight: 4, arbitrary: stateful }] : []),
    ...(taste.fills ? [{ weight: 2, arbitrary: filledSet(one) }] : []),
    ...(taste.exotic
      ? [
          { weight: 2, arbitrary: jenkinsHash(one) },
          { weight: 6, arbitrary: optional(one) },
        ]
      : []),
    ...(taste.options ? [{ weight: 3, arbitrary: optional(one) }] : []),
  );
}

function rule(family: Family, taste: RulesetTaste): fc.Arbitrary<Rule> {
  return profile(family, taste.place.hook, taste.conntrack ?? false).chain(one =>
    fc.record({
      matches: fc.array(test(one, taste), { maxLength: 3 }),
      countsAll: mostly(false, fc.constant(true), 4),
      statements: fc.tuple(
        mostly<Fragment>({ text: '' }, taste.writes ? writes(one) : fc.constant({ text: '' }), 4),
        fc.oneof(
          { withCrossShrink: true },
          { weight: 5, arbitrary: verdict },
          { weight: 2, arbitrary: verdictMap(one) },
        ),
      ),
    }),
  );
}

function chain(family: Family, taste: RulesetTaste, maxLength: number): fc.Arbitrary<Chain> {
  return fc.record({
    rules: fc.array(rule(family, taste), { minLength: 1, maxLength }),
    priority: fc.constantFrom(0, 0, 1, -1, 10, ...(taste.conntrack ? [-300] : [])),
    policy: mostly<'accept' | 'drop'>('accept', fc.constant('drop'), 3),
  });
}

function table(family: Family, taste: RulesetTaste): fc.Arbitrary<Table> {
  return fc.record({
    family: fc.constant(family),
    baseChains: fc.array(chain(family, taste, 5), { minLength: 1, maxLength: 3 }),
    regularChains: fc.array(chain(family, taste, 3), { maxLength: 3 }),
  });
}

/** Chains stand in one order, regular ones after base chains, and only ever jump forward: no loops. */
function resolveChains(text: string, regularCount: number, own: number): string {
  const left = regularCount - own - 1;
  return text.replace(/(jump|goto) %(\d)/g, (_, verb: string, index: string) =>
    left > 0 ? `${verb} c${own + 1 + (Number(index) % left)}` : 'continue',
  );
}

class TableWriter {
  readonly #declarations: string[] = [];
  readonly #table: Table;
  readonly #taste: RulesetTaste;

  constructor(table: Table, taste: RulesetTaste) {
    this.#table = table;
    this.#taste = taste;
  }

  /** Puts the declaration in front, and its name in the text. */
  #place(fragment: Fragment, own: number): string {
    if (!fragment.declaration) return this.#resolve(fragment.text, own);
    const name = `s${this.#declarations.length}_${own + 1}`;
    this.#declarations.push(this.#declare(name, fragment.declaration, own));
    return fragment.text.replace('@%', `@${name}`);
  }

  #resolve(text: string, own: number): string {
    return resolveChains(text, this.#table.regularChains.length, own);
  }

  #declare(name: string, { keyword, body }: Declaration, own: number): string {
    return `  ${keyword} ${name} { ${this.#resolve(body, own)} }`;
  }

  #rule({ matches, countsAll, statements }: Rule, own: number): string {
    const parts = [
      countsAll ? 'counter' : '',
      ...matches.map(one => this.#place(one, own)),
      'counter',
      ...statements.map(one => this.#place(one, own)),
    ];
    return `    ${parts.filter(part => part !== '').join(' ')}`;
  }

  #regularChain({ rules }: Chain, index: number): string {
    return [`  chain c${index} {`, ...rules.map(rule => this.#rule(rule, index)), '  }'].join('\n');
  }

  #baseChain({ rules, priority, policy }: Chain, index: number): string {
    const { hook, device } = this.#taste.place;
    const at = device === undefined ? '' : `device "${device}" `;
    return [
      `  chain b${index} {`,
      `    type filter hook ${hook} ${at}priority ${priority}; policy ${policy};`,
      ...rules.map(rule => this.#rule(rule, -1)),
      '  }',
    ].join('\n');
  }

  write(name: string): string {
    // The last chains are declared first: what a chain jumps to has to exist for nft's own check of one file only in
    // the end, so the order is free, and this one puts base chains last, as they are registered in order.
    const regular = this.#table.regularChains.map((one, index) => this.#regularChain(one, index));
    const base = this.#table.baseChains.map((one, index) => this.#baseChain(one, index));
    const { family } = this.#table;
    return [`table ${family} ${name} {`, ...this.#declarations, ...regular, ...base, '}'].join('\n');
  }
}

/** Text of a ruleset for one hook. */
export function ruleset(taste: RulesetTaste): fc.Arbitrary<string> {
  const first = table(taste.place.family, taste);
  const second = table(taste.neighbour ?? taste.place.family, taste);
  return fc.tuple(first, mostly<Table | undefined>(undefined, second, 5)).map(tables =>
    tables
      .filter(one => one !== undefined)
      .map((one, index) => new TableWriter(one, taste).write(`t${index}`))
      .join('\n'),
  );
}
