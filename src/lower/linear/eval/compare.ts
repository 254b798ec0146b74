// cmp and range (nft_cmp.c, nft_range.c): memcmp over exactly the value's length, first byte most significant (fact
// 35), whatever the byte order of what is compared was meant to be.

import type { CompareOperator, Expression } from '../ir.ts';
import type { Execution } from './execution.ts';
import { nextIf, type Step } from './step.ts';

/** memcmp: negative, zero or positive. Both have the same length. */
export function compareBytes(left: Uint8Array, right: Uint8Array): number {
  for (const [index, byte] of left.entries()) {
    const difference = byte - right[index]!;
    if (difference !== 0) return difference;
  }
  return 0;
}

const holds: Readonly<Record<CompareOperator, (order: number) => boolean>> = {
  eq: order => order === 0,
  neq: order => order !== 0,
  lt: order => order < 0,
  lte: order => order <= 0,
  gt: order => order > 0,
  gte: order => order >= 0,
};

/** `nft_cmp_eval`. */
export function evaluateCompare(execution: Execution, test: Extract<Expression, { op: 'cmp' }>): Step {
  const { bytes } = test.value;
  const order = compareBytes(execution.registers.read(test.source, bytes.length), bytes);
  return nextIf(holds[test.operator](order));
}

/** `nft_range_eval`: both ends belong to it. */
export function evaluateRange(execution: Execution, test: Extract<Expression, { op: 'range' }>): Step {
  const value = execution.registers.read(test.source, test.from.bytes.length);
  const isInside = compareBytes(value, test.from.bytes) >= 0 && compareBytes(value, test.to.bytes) <= 0;
  return nextIf(isInside !== test.invert);
}
