// A rule without registers: what it does, in order. Every action before the last may end the rule.

import type { IrSet, Verdict } from '../linear/ir.ts';
import type { Field } from './field.ts';
import type { Effect, SetChange } from './graph.ts';
import type { Range } from './values.ts';

/** `origin` is the index of the expression in its rule. */
export type Action = { readonly origin: number } & (
  | { readonly kind: 'test'; readonly field: Field; readonly values: readonly Range[] }
  /** Any of them outside of its values: the negation of several tests in a row. */
  | {
      readonly kind: 'differ';
      readonly tests: readonly { readonly field: Field; readonly values: readonly Range[] }[];
    }
  | {
      readonly kind: 'lookup';
      readonly parts: readonly Field[];
      readonly set: IrSet;
      readonly invert: boolean;
      /** Where a map's data goes. */
      readonly slot?: number;
    }
  /** The rule goes on if there is such an element then, and its statements let it. */
  | {
      readonly kind: 'change';
      readonly parts: readonly Field[];
      readonly set: IrSet;
      readonly change: SetChange;
    }
  /** The effects of the objects that the map may give, by name. */
  | {
      readonly kind: 'object_map';
      readonly parts: readonly Field[];
      readonly set: IrSet;
      readonly effects: ReadonlyMap<string, Effect>;
    }
  | { readonly kind: 'verdict_map'; readonly parts: readonly Field[]; readonly set: IrSet }
  | { readonly kind: 'present'; readonly fields: readonly Field[] }
  | { readonly kind: 'effect'; readonly effect: Effect }
  | { readonly kind: 'verdict'; readonly verdict: Verdict }
);
