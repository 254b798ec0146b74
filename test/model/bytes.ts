// Bytes of headers: building blocks of the frame builders. Numbers are written in network order.

export function concatenate(...parts: readonly Uint8Array[]): Uint8Array {
  const bytes = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0));
  let offset = 0;
  for (const part of parts) {
    bytes.set(part, offset);
    offset += part.length;
  }
  return bytes;
}

/** `value` in `length` bytes, most significant first. */
export function numberBytes(value: number | bigint, length: number): Uint8Array {
  const bytes = new Uint8Array(length);
  let rest = BigInt.asUintN(length * 8, BigInt(value));
  for (let index = length - 1; index >= 0; index--) {
    bytes[index] = Number(rest & 0xffn);
    rest >>= 8n;
  }
  return bytes;
}

/** A header from its fields: [value, bytes], in order. */
export function header(
  ...fields: readonly (readonly [value: number | bigint, length: number])[]
): Uint8Array {
  return concatenate(...fields.map(([value, length]) => numberBytes(value, length)));
}

export function toHex(bytes: Uint8Array): string {
  return Array.from(bytes, byte => byte.toString(16).padStart(2, '0')).join('');
}

export function fromHex(text: string): Uint8Array {
  const digits = text.replace(/[\s:]/g, '');
  return Uint8Array.from({ length: digits.length / 2 }, (_, index) =>
    Number.parseInt(digits.slice(index * 2, index * 2 + 2), 16),
  );
}

/** The Internet checksum (RFC 1071) of `bytes`, the checksum field among them being zero. */
export function internetChecksum(...parts: readonly Uint8Array[]): number {
  let sum = 0;
  for (const part of parts) {
    for (let index = 0; index < part.length; index += 2) sum += (part[index]! << 8) | (part[index + 1] ?? 0);
  }
  while (sum > 0xffff) sum = (sum & 0xffff) + (sum >>> 16);
  return ~sum & 0xffff;
}

/** A copy with `bytes` written at `offset`. */
export function patched(whole: Uint8Array, offset: number, bytes: Uint8Array): Uint8Array {
  const copy = whole.slice();
  copy.set(bytes, offset);
  return copy;
}
