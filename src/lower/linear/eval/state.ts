// State of stateful expressions. It belongs to the expression: of a rule, of a set element, of a named object; nothing
// shares it but the users of an object.

import type { Expression } from '../ir.ts';

type Of<Op extends Expression['op']> = Extract<Expression, { op: Op }>;

export interface CounterState {
  packets: bigint;
  bytes: bigint;
}
export interface LimitState {
  /** Tokens in nanoseconds' worth; absent until the first packet gives the bucket a clock. */
  tokens?: bigint;
  last?: bigint;
}
export interface QuotaState {
  consumed: bigint;
}
export interface NumgenState {
  value: number;
}

/** An expression together with its state; other expressions have none. */
export type StatefulCell =
  | { readonly op: 'counter'; readonly expression: Of<'counter'>; readonly state: CounterState }
  | { readonly op: 'limit'; readonly expression: Of<'limit'>; readonly state: LimitState }
  | { readonly op: 'quota'; readonly expression: Of<'quota'>; readonly state: QuotaState }
  | { readonly op: 'numgen'; readonly expression: Of<'numgen'>; readonly state: NumgenState };

/** The state an expression starts with, or nothing for one that keeps none. */
export function createCell(expression: Expression): StatefulCell | undefined {
  switch (expression.op) {
    case 'counter':
      return { op: 'counter', expression, state: { packets: expression.packets, bytes: expression.bytes } };
    case 'limit':
      return { op: 'limit', expression, state: {} };
    case 'quota':
      return { op: 'quota', expression, state: { consumed: expression.consumed } };
    case 'numgen':
      return { op: 'numgen', expression, state: { value: expression.modulus - 1 } };
    default:
      return undefined;
  }
}
