// Sets of numbers as sorted, disjoint, inclusive ranges; a number is a field's bytes read most significant first, so
// that its order is memcmp's (fact 35 of docs/semantics.md).

import type { CompareOperator } from '../linear/ir.ts';

export interface Range {
  readonly low: bigint;
  readonly high: bigint;
}

/** The largest number of `length` bytes. */
export function maximum(length: number): bigint {
  return (1n << BigInt(length * 8)) - 1n;
}

function compare(a: bigint, b: bigint): number {
  if (a < b) return -1;
  return a > b ? 1 : 0;
}

/** Sorted and joined where they touch or overlap. */
export function union(ranges: readonly Range[]): Range[] {
  const result: { low: bigint; high: bigint }[] = [];
  for (const range of [...ranges].sort((a, b) => compare(a.low, b.low))) {
    const last = result.at(-1);
    if (last === undefined || range.low > last.high + 1n) result.push({ ...range });
    else if (range.high > last.high) last.high = range.high;
  }
  return result;
}

/** What is not in `ranges` (sorted, disjoint), of all numbers of `length` bytes. */
export function complement(ranges: readonly Range[], length: number): Range[] {
  const result: Range[] = [];
  let from = 0n;
  for (const { low, high } of ranges) {
    if (low > from) result.push({ low: from, high: low - 1n });
    from = high + 1n;
  }
  const top = maximum(length);
  if (from <= top) result.push({ low: from, high: top });
  return result;
}

export function contains(ranges: readonly Range[], value: bigint): boolean {
  return ranges.some(({ low, high }) => low <= value && value <= high);
}

/** The numbers of `length` bytes for which `number operator constant` holds. */
export function valuesFor(operator: CompareOperator, constant: bigint, length: number): Range[] {
  const top = maximum(length);
  const make = (low: bigint, high: bigint): Range[] => (low <= high ? [{ low, high }] : []);
  switch (operator) {
    case 'eq':
      return make(constant, constant);
    case 'neq':
      return complement([{ low: constant, high: constant }], length);
    case 'lt':
      return make(0n, constant - 1n);
    case 'lte':
      return make(0n, constant);
    case 'gt':
      return make(constant + 1n, top);
    case 'gte':
      return make(constant, top);
  }
}
