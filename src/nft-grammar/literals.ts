// Literals that nft's scanner tells by their form: addresses, class ids, times. Each function returns the length of
// the longest one that begins at `at`, or 0.

import { isDigit, isHex, skipWhile } from './characters.ts';

const COLON = 58;
const DOT = 46;

// Regular expressions with a fixed number of steps: nft's scanner has these forms, and text of any length costs no more.
const group = '[0-9a-fA-F]{1,4}';
const ipv4Form = '\\d{1,3}\\.\\d{1,3}\\.\\d{1,3}\\.\\d{1,3}';
const sticky = (form: string): RegExp => new RegExp(form, 'y');

const mac = sticky('[0-9a-fA-F]{1,2}(?::[0-9a-fA-F]{1,2}){5}');
const fullIpv6 = sticky(`${group}(?::${group}){7}`);
const leftOfGap = sticky(`(?:${group}(?::${group}){0,6})?::`);
/** By the number of groups that may still follow a gap: as many of them as there are, or fewer and an IPv4 address. */
const rightOfGap: readonly (readonly RegExp[])[] = Array.from({ length: 8 }, (_, most) => [
  ...(most >= 1 ? [sticky(`${group}(?::${group}){0,${most - 1}}`)] : []),
  ...(most >= 2 ? [sticky(`(?:${group}:){0,${most - 2}}${ipv4Form}`)] : []),
]);

/** The length of what the form matches at `at`; 0 if it matches nothing. */
function matchLength(form: RegExp, text: string, at: number): number {
  form.lastIndex = at;
  return form.exec(text)?.[0].length ?? 0;
}

/** Groups and at most one gap between them, with nothing behind that could belong to it; -1 of any other text. */
function usualIpv6Length(text: string, at: number): number {
  let [index, groups, hasGap] = [at, 0, false];
  for (;;) {
    const start = index;
    index = skipHex(text, start);
    if (index === start || index - start > 4 || ++groups > 8) return -1;
    if (text.charCodeAt(index) !== COLON) break;
    if (text.charCodeAt(++index) !== COLON) continue;
    if (hasGap) return -1;
    hasGap = true;
    index++;
  }
  const isWhole = hasGap ? groups < 8 : groups === 8;
  return isWhole && text.charCodeAt(index) !== DOT ? index - at : -1;
}

/** nft takes an embedded IPv4 address only behind a `::`. */
function ipv6Length(text: string, at: number): number {
  const full = matchLength(fullIpv6, text, at);
  const left = matchLength(leftOfGap, text, at);
  if (left === 0) return full;
  const groups = text
    .slice(at, at + left - 2)
    .split(':')
    .filter(part => part !== '').length;
  const right = rightOfGap[7 - groups]!.map(form => matchLength(form, text, at + left));
  return Math.max(full, left + Math.max(0, ...right));
}

/** Four numbers of at most three digits: most addresses in long lists are these, so they cost no regular expression. */
export function ipv4Length(text: string, at: number): number {
  let index = at;
  for (let part = 0; part < 4; part++) {
    if (part > 0 && text.charCodeAt(index++) !== DOT) return 0;
    const start = index;
    while (index < start + 3 && isDigit(text.charCodeAt(index))) index++;
    if (index === start) return 0;
  }
  return index - at;
}

/** An IPv4, IPv6 or link layer address. */
export function addressLength(text: string, at: number): number {
  const code = text.charCodeAt(skipHex(text, at));
  if (code === DOT) return ipv4Length(text, at);
  if (code !== COLON) return 0;
  const usual = usualIpv6Length(text, at);
  return usual > 0 ? usual : Math.max(matchLength(mac, text, at), ipv6Length(text, at));
}

/** An IPv4 or IPv6 address in one of its usual forms, which nothing can make longer but what may stand in a word; else 0. */
export function usualAddressLength(text: string, at: number): number {
  const code = text.charCodeAt(skipHex(text, at));
  if (code === DOT) return ipv4Length(text, at);
  return code === COLON ? Math.max(0, usualIpv6Length(text, at)) : 0;
}

/** Behind the hexadecimal digits that one group could have, and one more. */
function skipHex(text: string, at: number): number {
  let index = at;
  while (index < at + 5 && isHex(text.charCodeAt(index))) index++;
  return index;
}

/** `[::1]`, brackets included. */
export function bracketedAddressLength(text: string, at: number): number {
  const length = ipv6Length(text, at + 1);
  return length > 0 && text[at + 1 + length] === ']' ? length + 2 : 0;
}

/** `1:2`, a traffic class, where what follows shows that it is no element and its value. */
export function classIdLength(text: string, at: number): number {
  const colon = skipHex(text, at);
  const end = skipHex(text, colon + 1);
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
/** Digits of the largest number, in octal; more than these, zeros in front aside, are too many. */
const mostDigits = 22;

/** The value of a number as nft reads it, or undefined if it is none to it: 64 bits at most, no 8 in an octal one. */
export function numberValue(text: string): bigint | undefined {
  if (text.length < 16 && text[0] !== '0') return BigInt(text);
  const octal = text.length > 1 && text[0] === '0' && isDigit(text.charCodeAt(1));
  if (octal && /[89]/.test(text)) return undefined;
  if (text.replace(/^0[xX]?0*/, '').length > mostDigits) return undefined;
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
