// Literals that nft's scanner tells by their form: addresses, class ids, times. Each function returns the length of
// the longest one that begins at `at`, or 0.

import { isDigit, isHex, skipWhile } from './characters.ts';

const COLON = 58;
const DOT = 46;
/** Longer than any address, so that a long run of digits and colons costs no more than this. */
const longestAddress = 48;

const ipv4 = /^\d{1,3}\.\d{1,3}\.\d{1,3}\.\d{1,3}$/;
const group = /^[0-9a-fA-F]{1,4}$/;
const mac = /^[0-9a-fA-F]{1,2}(:[0-9a-fA-F]{1,2}){5}$/;

/** Groups of one side of `::`; an IPv4 address at the end of the right side counts for two. NaN if malformed. */
function countGroups(side: string, mayEndInIpv4: boolean): number {
  if (side === '') return 0;
  const parts = side.split(':');
  const last = parts[parts.length - 1]!;
  const tail = mayEndInIpv4 && ipv4.test(last) ? 2 : 0;
  if (tail !== 0) parts.pop();
  return parts.every(part => group.test(part)) ? parts.length + tail : Number.NaN;
}

/** nft takes an embedded IPv4 address only behind a `::`. */
function isIpv6(text: string): boolean {
  const gap = text.indexOf('::');
  if (gap < 0) return countGroups(text, false) === 8;
  return countGroups(text.slice(0, gap), false) + countGroups(text.slice(gap + 2), true) <= 7;
}

const isAddressPart = (code: number): boolean => isHex(code) || code === COLON || code === DOT;

function isAddress(text: string): boolean {
  if (ipv4.test(text)) return true;
  return text.includes(':') && (mac.test(text) || isIpv6(text));
}

/** An IPv4, IPv6 or link layer address. */
export function addressLength(text: string, at: number): number {
  let end = Math.min(skipWhile(text, at, isAddressPart), at + longestAddress);
  for (; end > at + 1; end--) if (isAddress(text.slice(at, end))) return end - at;
  return 0;
}

/** `[::1]`, brackets included. */
export function bracketedAddressLength(text: string, at: number): number {
  const length = addressLength(text, at + 1);
  const address = text.slice(at + 1, at + 1 + length);
  return address.includes(':') && text[at + 1 + length] === ']' && isIpv6(address) ? length + 2 : 0;
}

/** `1:2`, a traffic class, where what follows shows that it is no element and its value. */
export function classIdLength(text: string, at: number): number {
  const colon = skipWhile(text, at, isHex);
  const end = skipWhile(text, colon + 1, isHex);
  const fits = colon > at && colon - at <= 4 && end > colon + 1 && end - colon - 1 <= 4;
  return fits && text[colon] === ':' && ' \t\n:-},'.includes(text[end] ?? '?') ? end - at : 0;
}

const time = /(?:\d+d)?(?:\d+h)?(?:\d+m(?!s))?(?:\d+s)?(?:\d+ms)?/y;

/** `1d2h3m4s5ms`, each part optional. */
export function timeLength(text: string, at: number): number {
  time.lastIndex = at;
  return time.exec(text)?.[0].length ?? 0;
}

/** Decimal (or octal) digits, or hexadecimal ones behind 0x. */
export function numberLength(text: string, at: number): number {
  const code = text.charCodeAt(at + 1);
  if (text[at] === '0' && (code === 120 || code === 88) && isHex(text.charCodeAt(at + 2))) {
    return skipWhile(text, at + 2, isHex) - at;
  }
  return skipWhile(text, at, isDigit) - at;
}

const largest = (1n << 64n) - 1n;

/** The value of a number as nft reads it, or undefined if it is none to it: 64 bits at most, no 8 in an octal one. */
export function numberValue(text: string): bigint | undefined {
  if (text.length < 16 && text[0] !== '0') return BigInt(text);
  const octal = text.length > 1 && text[0] === '0' && isDigit(text.charCodeAt(1));
  if (octal && /[89]/.test(text)) return undefined;
  const value = BigInt(octal ? `0o${text}` : text);
  return value <= largest ? value : undefined;
}

const unitMilliseconds: Readonly<Record<string, bigint>> = {
  d: 86_400_000n,
  h: 3_600_000n,
  m: 60_000n,
  s: 1000n,
  ms: 1n,
};

/** Milliseconds of a time; undefined if it is none. At most eight digits a part, each unit once, as nft has it. */
export function timeValue(text: string): bigint | undefined {
  if (text === '' || timeLength(text, 0) !== text.length) return undefined;
  let sum = 0n;
  for (const [, digits, unit] of text.matchAll(/(\d+)([a-z]+)/g)) {
    if (digits!.length > 8) return undefined;
    sum += BigInt(digits!) * unitMilliseconds[unit!]!;
  }
  return sum;
}
