// Some selectors are known in tables of some families only, whatever their chains are.

import type { Family } from '../../model/family.ts';
import { metaKeys } from '../../model/meta-keys.ts';
import type { MetaExpression, SelectorExpression } from '../nodes/index.ts';
import { fail } from './failure.ts';

const routed: readonly Family[] = ['ip', 'ip6', 'inet'];

const families: Readonly<Partial<Record<SelectorExpression['kind'], readonly Family[]>>> = {
  fib: [...routed, 'netdev'],
  socket: routed,
  ipsec: routed,
  tunnel: ['netdev'],
};

export function requireSelectorFamily(family: Family, { kind, span }: SelectorExpression): void {
  const known = families[kind];
  if (known === undefined || known.includes(family)) return;
  const list = known.length === 1 ? `family ${known[0]}` : `the families ${known.join(', ')}`;
  fail('wrong-family', `${kind} is known in tables of ${list} only`, span);
}

export function requireMetaFamily(family: Family, key: string, span: MetaExpression['span']): void {
  const only = metaKeys.get(key)?.family;
  if (only !== undefined && family !== only)
    fail('wrong-family', `meta ${key} is known in tables of family ${only} only`, span);
}
