// Fixed rules, each loaded by the reference alone: a list of those that the front half takes otherwise.

import { compare } from '../../property/language/compare.ts';
import { askAll } from '../../property/language/oracle.ts';

/** Where rules stand: `TABLE` and what its chain says. */
export interface Place {
  readonly family: 'ip' | 'ip6' | 'inet' | 'arp' | 'bridge' | 'netdev';
  /** Of the chain that the rule is in. */
  readonly hook?: string;
  /** Lines in front of the chain. */
  readonly declarations?: readonly string[];
}

const hooks: Readonly<Partial<Record<Place['family'], string>>> = {
  netdev: 'type filter hook ingress device lo priority 0;',
};

function ruleset({ family, hook, declarations = [] }: Place, rule: string): string {
  const base = hook ?? hooks[family] ?? 'type filter hook input priority 0;';
  return [
    `table ${family} t {`,
    ...declarations,
    'chain d { }',
    `chain c { ${base}`,
    rule,
    '}',
    '}',
    '',
  ].join('\n');
}

/** How the rules went, and for each that did not go as in the reference what differs. */
export interface Went {
  readonly accepted: number;
  readonly refused: number;
  readonly unknown: number;
  readonly disagreements: readonly string[];
}

/** Every rule in every place. */
export async function judge(where: Place | readonly Place[], rules: readonly string[]): Promise<Went> {
  const places = 'family' in where ? [where] : where;
  const inputs = places.flatMap(place =>
    rules.map(rule => ({ rule: `${place.family}: ${rule}`, text: ruleset(place, rule) })),
  );
  const counts = { accepted: 0, refused: 0, unknown: 0 };
  const disagreements: string[] = [];
  for await (const [{ rule, text }, answer] of askAll(inputs)) {
    const { verdict, accepted, cause, detail } = compare({ text }, answer);
    if (verdict === 'unknown') counts.unknown++;
    else if (verdict !== 'same') disagreements.push(`${rule}: ${verdict}: ${cause}\n${detail}`);
    else if (accepted) counts.accepted++;
    else counts.refused++;
  }
  return { ...counts, disagreements };
}
