// Numbers that nft keeps in fewer bits than were written: it goes on with the low bits and says nothing. So that a
// ruleset means the same here, they are taken as well, but with a warning.

import type { Span } from '../../source/span.ts';
import type { TableScope } from './scope.ts';

/** The low `bits` bits of `value`. */
export function lowBits(table: Pick<TableScope, 'warn'>, value: bigint, bits: number, span: Span): bigint {
  const kept = BigInt.asUintN(bits, value);
  if (kept !== value)
    table.warn('truncated-number', `nft keeps ${bits} bits of this number: ${value} becomes ${kept}`, span);
  return kept;
}
