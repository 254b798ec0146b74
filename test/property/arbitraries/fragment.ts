// Pieces of rules that the arbitraries draw, and the values in them.

import fc from 'fast-check';
import { type Field, formatValue } from './fields.ts';
import { near } from './values.ts';

/** A set or map that the table declares; its name is given when the ruleset is put together. */
export interface Declaration {
  readonly keyword: 'set' | 'map';
  readonly body: string;
}

/** Text in which `@%` stands for the name of the declared set. */
export interface Fragment {
  readonly text: string;
  readonly declaration?: Declaration;
}

export const inline = (text: string): Fragment => ({ text });

/** Verdict-map values: `%0` and so on stand for chains behind the rule's own. */
export const verdictText: fc.Arbitrary<string> = fc.oneof(
  { weight: 3, arbitrary: fc.constantFrom('accept', 'drop') },
  { weight: 2, arbitrary: fc.constantFrom('continue', 'return') },
  {
    weight: 2,
    arbitrary: fc
      .tuple(fc.constantFrom('jump', 'goto'), fc.nat(2))
      .map(([verb, index]) => `${verb} %${index}`),
  },
);

export function isOrdered({ kind }: Field): boolean {
  return kind !== 'name' && kind !== 'flags' && kind !== 'state';
}

export function valueIn(field: Field): fc.Arbitrary<bigint> {
  const count = BigInt(field.names?.length ?? 0);
  return field.kind === 'name' ? fc.bigInt({ min: 0n, max: count - 1n }) : near(field.points, field.bits);
}

/** Two different values in order. */
export function bounds(field: Field): fc.Arbitrary<[string, string]> {
  return fc
    .tuple(valueIn(field), valueIn(field))
    .filter(([a, b]) => a !== b)
    .map(([a, b]) => (a < b ? [a, b] : [b, a]).map(value => formatValue(field, value)) as [string, string]);
}
