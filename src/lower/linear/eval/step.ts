// What evaluating one expression leads to. The kernel writes this into the verdict register; here it is returned.

import type { Verdict } from '../ir.ts';

export type Step =
  /** Go on with the next expression of the rule (NFT_CONTINUE). */
  | { readonly kind: 'next' }
  /** The rule ends here, the next rule runs (NFT_BREAK). What was done stays done. */
  | { readonly kind: 'break' }
  | { readonly kind: 'verdict'; readonly verdict: Verdict }
  /** The evaluator does not model this; it never guesses. */
  | { readonly kind: 'not_evaluable'; readonly reason: string };

export const next: Step = { kind: 'next' };
export const breakRule: Step = { kind: 'break' };

/** `next` if the condition holds, else the rule ends. */
export function nextIf(condition: boolean): Step {
  return condition ? next : breakRule;
}

export function verdictStep(verdict: Verdict): Step {
  return verdict.kind === 'continue' ? next : { kind: 'verdict', verdict };
}

export function notEvaluable(reason: string): Step {
  return { kind: 'not_evaluable', reason };
}
