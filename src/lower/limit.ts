// What a limit costs and how much fits (nft_limit_init): section 9 of docs/semantics.md.

import type { Expression } from './linear/ir.ts';

/** Times in nanoseconds. A packet costs `cost`, or in bytes `unit` * length / `rate`; the bucket holds `most`. */
export type Limit =
  | { readonly of: 'packets'; readonly cost: bigint; readonly most: bigint }
  | { readonly of: 'bytes'; readonly unit: bigint; readonly rate: bigint; readonly most: bigint };

/** 2^62 nanoseconds: what is left of 64 bits takes the time since the bucket was empty, and a sign. */
export const largestBucket: bigint = 1n << 62n;

export function limitOf({
  type,
  rate,
  unit,
  burst,
}: Pick<Extract<Expression, { op: 'limit' }>, 'type' | 'rate' | 'unit' | 'burst'>): Limit {
  const nanoseconds = unit * 1_000_000_000n;
  if (type === 'bytes') {
    return { of: 'bytes', unit: nanoseconds, rate, most: (nanoseconds * (rate + BigInt(burst))) / rate };
  }
  const cost = nanoseconds / rate;
  return { of: 'packets', cost, most: cost * BigInt(burst === 0 ? 5 : burst) };
}
