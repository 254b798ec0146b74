// Base64 (RFC 4648, section 4): the one way of bytes into JSON. `btoa` would want a string of the same size first.

const alphabet = new TextEncoder().encode('ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/');
const padding = 0x3d;
const decoder = new TextDecoder();

function letter(bits: number): number {
  return alphabet[bits & 0x3f] ?? padding;
}

export function toBase64(bytes: Uint8Array): string {
  const text = new Uint8Array(Math.ceil(bytes.length / 3) * 4);
  let at = 0;
  for (let i = 0; i < bytes.length; i += 3) {
    const left = bytes.length - i;
    const word = ((bytes[i] ?? 0) << 16) | ((bytes[i + 1] ?? 0) << 8) | (bytes[i + 2] ?? 0);
    text[at++] = letter(word >>> 18);
    text[at++] = letter(word >>> 12);
    text[at++] = left > 1 ? letter(word >>> 6) : padding;
    text[at++] = left > 2 ? letter(word) : padding;
  }
  return decoder.decode(text);
}

/** `undefined` if the text is not base64 with its padding. */
export function fromBase64(text: string): Uint8Array | undefined {
  if (text.length % 4 !== 0 || !/^[A-Za-z\d+/]*={0,2}$/.test(text)) return undefined;
  return Uint8Array.from(atob(text), character => character.charCodeAt(0));
}
