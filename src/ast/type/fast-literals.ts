// Literals of the usual forms, read from a text straight to 32-bit words. What has another form (an octal number, an
// address with an IPv4 address in it) is left to those who read all of them: false says so.

/** Reads what stands in `text` from `from` on and before `to`; the value's words are written from `at` on. */
export type WordReader = (text: string, from: number, to: number, words: Uint32Array, at: number) => boolean;

const ZERO = 48;
const DOT = 46;
const COLON = 58;

/** A decimal number without zeros in front, up to `limit` (at most 2^32-1); -1 if it is none. */
function decimal(text: string, from: number, to: number, limit: number): number {
  if (to <= from || to > from + 10 || (text.charCodeAt(from) === ZERO && to > from + 1)) return -1;
  let value = 0;
  for (let index = from; index < to; index++) {
    const digit = text.charCodeAt(index) - ZERO;
    if (!(digit >= 0 && digit <= 9)) return -1;
    value = value * 10 + digit;
  }
  return value <= limit ? value : -1;
}

export function decimalReader(limit: number): WordReader {
  return (text, from, to, words, at) => {
    const value = decimal(text, from, to, limit);
    words[at] = value;
    return value >= 0;
  };
}

/** `a.b.c.d`, decimal. */
export const readIpv4Words: WordReader = (text, from, to, words, at) => {
  let address = 0;
  let start = from;
  for (let part = 0; part < 4; part++) {
    let end = start;
    while (end < to && text.charCodeAt(end) !== DOT) end++;
    const value = decimal(text, start, end, 255);
    if (value < 0 || (part < 3 ? end === to : end < to)) return false;
    address = address * 256 + value;
    start = end + 1;
  }
  words[at] = address;
  return true;
};

function hexadecimal(code: number): number {
  if (code >= ZERO && code < ZERO + 10) return code - ZERO;
  const lower = code | 32;
  return lower >= 97 && lower <= 102 ? lower - 87 : -1;
}

/** Groups of hexadecimal digits, with one gap or none. */
export const readIpv6Words: WordReader = (text, from, to, words, at) => {
  let count = 0;
  let gap = -1;
  let index = from;
  words.fill(0, at, at + 4);
  while (index < to) {
    if (text.charCodeAt(index) === COLON && text.charCodeAt(index + 1) === COLON && index + 1 < to) {
      if (gap >= 0) return false;
      gap = count;
      index += 2;
      continue;
    }
    if (count > 0 && gap !== count) {
      if (text.charCodeAt(index++) !== COLON) return false;
    }
    const start = index;
    let group = 0;
    for (let digit = 0; index < to && index <= start + 4; index++) {
      digit = hexadecimal(text.charCodeAt(index));
      if (digit < 0) break;
      group = group * 16 + digit;
    }
    if (index === start || index > start + 4 || count === 8) return false;
    setGroup(words, at, count++, group);
  }
  return gap < 0 ? count === 8 : count < 8 && moveBehindGap(words, at, gap, count);
};

function setGroup(words: Uint32Array, at: number, ordinal: number, group: number): void {
  const word = at + (ordinal >> 1);
  words[word] =
    ordinal % 2 === 0 ? (words[word]! & 0xffff) | (group << 16) : (words[word]! & ~0xffff) | group;
}

const groupAt = (words: Uint32Array, at: number, ordinal: number): number =>
  ordinal % 2 === 0 ? words[at + (ordinal >> 1)]! >>> 16 : words[at + (ordinal >> 1)]! & 0xffff;

/** The groups from `gap` on, of `count`, go to the end. */
function moveBehindGap(words: Uint32Array, at: number, gap: number, count: number): true {
  for (let from = count - 1, to = 7; from >= gap; from--, to--) {
    const group = groupAt(words, at, from);
    setGroup(words, at, from, 0);
    setGroup(words, at, to, group);
  }
  return true;
}
