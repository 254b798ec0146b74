// Numbers as C reads them.

const numberForm = /^(?:0[xX][0-9a-fA-F]+|0[bB][01]+|0[0-7]*|[1-9][0-9]*)$/;

/** A number in decimal, hexadecimal (0x), octal (0) or binary (0b); `undefined` if `text` is none. */
export function parseNumber(text: string): bigint | undefined {
  if (!numberForm.test(text)) return undefined;
  if (text.length > 1 && text[0] === '0' && text[1]! <= '9') return BigInt(`0o${text.slice(1)}`);
  return BigInt(text);
}

/** A decimal number; `undefined` if `text` is none. */
export function parseDecimal(text: string): bigint | undefined {
  return /^[0-9]+$/.test(text) ? BigInt(text) : undefined;
}

export function bitMask(bits: number): bigint {
  return (1n << BigInt(bits)) - 1n;
}
