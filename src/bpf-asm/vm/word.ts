// Arithmetic on 32-bit words that JavaScript has no operator for.

/** The high 32 bits of the unsigned product. */
export function multiplyHigh(a: number, b: number): number {
  const aLow = a & 0xffff;
  const aHigh = a >>> 16;
  const bLow = b & 0xffff;
  const bHigh = b >>> 16;
  // Each sum stays below 2^53, so it is exact.
  const middle = aHigh * bLow + ((aLow * bLow) >>> 16);
  const upper = aLow * bHigh + (middle % 0x1_0000);
  return aHigh * bHigh + Math.floor(middle / 0x1_0000) + Math.floor(upper / 0x1_0000);
}

/** The two words as a signed 64-bit number. */
export function readSigned(low: number, high: number): bigint {
  return (BigInt(high) << 32n) | BigInt(low >>> 0);
}

function unsigned(value: bigint): bigint {
  return BigInt.asUintN(64, value);
}

/** 64-bit unsigned division; by zero it gives zero. */
export function divideUnsigned(a: bigint, b: bigint): bigint {
  return b === 0n ? 0n : unsigned(a) / unsigned(b);
}

/** 64-bit unsigned remainder; by zero it gives the dividend. */
export function remainderUnsigned(a: bigint, b: bigint): bigint {
  return b === 0n ? a : unsigned(a) % unsigned(b);
}

export function swap16(value: number): number {
  return ((value & 0xff) << 8) | ((value >>> 8) & 0xff);
}

export function swap32(value: number): number {
  return (swap16(value) << 16) | swap16(value >>> 16);
}
