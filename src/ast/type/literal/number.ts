// Numbers as C reads them.

const numberForm = /^(?:0[xX][0-9a-fA-F]+|0[bB][01]+|0[0-7]*|[1-9][0-9]*)$/;

/** So many digits are a number without loss. */
const mostDigits = 15;

/**
 * The decimal number from `from` to before `to`, as most are written: without zeros before it. -1 of anything else,
 * which may be a number all the same.
 */
export function plainDecimal(text: string, from: number, to: number): number {
  if (to - from > mostDigits || to <= from) return -1;
  let number = 0;
  for (let at = from; at < to; at++) {
    const digit = text.charCodeAt(at) - 48;
    if (digit < 0 || digit > 9) return -1;
    number = number * 10 + digit;
  }
  return text.charCodeAt(from) === 48 && to - from > 1 ? -1 : number;
}

/** A number in decimal, hexadecimal (0x), octal (0) or binary (0b); `undefined` if `text` is none. */
export function parseNumber(text: string): bigint | undefined {
  const plain = plainDecimal(text, 0, text.length);
  if (plain >= 0) return BigInt(plain);
  if (!numberForm.test(text)) return undefined;
  if (text.length > 1 && text[0] === '0' && text[1]! <= '9') return BigInt(`0o${text.slice(1)}`);
  return BigInt(text);
}

const largest64 = (1n << 64n) - 1n;

/** The number that a text begins with, as strtoull(3) reads it: 0 without one, at most 2^64-1. */
export function leadingNumber(text: string): bigint {
  const [digits = '0'] = /^(?:0[xX][0-9a-fA-F]+|0[0-7]*|[1-9][0-9]*)/.exec(text) ?? [];
  return saturated(parseNumber(digits) ?? 0n);
}

/** At most 2^64-1. */
export function saturated(value: bigint): bigint {
  return value > largest64 ? largest64 : value;
}

/** A decimal number; `undefined` if `text` is none. */
export function parseDecimal(text: string): bigint | undefined {
  return /^[0-9]+$/.test(text) ? BigInt(text) : undefined;
}

export function bitMask(bits: number): bigint {
  return (1n << BigInt(bits)) - 1n;
}

/** The bytes of a number in the other order. */
export function swapBytes(value: bigint, bytes: number): bigint {
  let swapped = 0n;
  let rest = value;
  for (let index = 0; index < bytes; index++) {
    swapped = (swapped << 8n) | (rest & 0xffn);
    rest >>= 8n;
  }
  return swapped;
}
