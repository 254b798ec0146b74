// Bits of numbers that stand for masks.

/** Place of the lowest one; -1 of zero. */
export function lowestOne(value: bigint): number {
  if (value === 0n) return -1;
  let place = 0;
  for (let rest = value; (rest & 1n) === 0n; rest >>= 1n) place++;
  return place;
}

/** Place of the lowest zero at `from` or above. */
export function lowestZero(value: bigint, from: number = 0): number {
  let place = from;
  for (let rest = value >> BigInt(from); (rest & 1n) === 1n; rest >>= 1n) place++;
  return place;
}

export function onesOf(bits: number): bigint {
  return (1n << BigInt(bits)) - 1n;
}

export function countOnes(value: bigint): number {
  let count = 0;
  for (let rest = value; rest > 0n; rest >>= 1n) if ((rest & 1n) === 1n) count++;
  return count;
}

/** Ones down from `bits`, zeros below. */
export function isPrefixMask(mask: bigint, bits: number): boolean {
  const first = lowestOne(mask);
  return first < 0 || lowestZero(mask, first + 1) >= bits;
}

export function prefixLength(mask: bigint): number {
  const first = lowestOne(mask);
  return first < 0 ? 0 : lowestZero(mask, first + 1) - first;
}
