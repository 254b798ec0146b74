// Characters to tokens, as nft's scanner does it: the longest of all forms that fit wins. It knows nothing of the
// grammar, with one exception that nft has too: behind `rate`, `5m` is a number and a word, not five minutes.

import { isDigit, isHex, isLetter, isWordPart, isWordStart, skipWhile } from './characters.ts';
import {
  addressLength,
  bracketedAddressLength,
  classIdLength,
  ipv4Length,
  numberLength,
  numberValue,
  timeLength,
  usualAddressLength,
} from './literals.ts';
import { TokenKind } from './token.ts';
import { scopedWords, words, wordsBehindRate } from './words.ts';

const TAB = 9;
const NEWLINE = 10;
const RETURN = 13;
const SPACE = 32;
const QUOTE = 34;
const HASH = 35;
const STAR = 42;
const COMMA = 44;
const DOT = 46;
const COLON = 58;
const OPEN_BRACKET = 91;
const BACKSLASH = 92;

const kindOf = (text: string): number => words.get(text)!.kind;
const newlineKind = kindOf('\n');
const rateKind = kindOf('rate');
const burstKind = kindOf('burst');
const rateKinds: ReadonlySet<number> = new Set(
  [...scopedWords.rate, 'hour', 'day', '/'].map(kindOf).concat(TokenKind.number),
);
/** Units end a limit behind `burst`; nft does not look further to know. */
const burstUnits: ReadonlySet<number> = new Set(['packets', 'bytes', 'kbytes', 'mbytes'].map(kindOf));
const kindsBehindRate: ReadonlySet<number> = new Set([
  ...rateKinds,
  ...wordsBehindRate.map(kindOf),
  newlineKind,
  TokenKind.junk,
]);
const longestWord = Math.max(...[...words.keys()].map(word => word.length));

/** Codes that words of two characters begin with, and the kinds of those of one, by code: most symbols are commas. */
const doubleStarts: ReadonlySet<number> = new Set(
  [...words.keys()].filter(word => word.length === 2).map(word => word.charCodeAt(0)),
);
const singleKinds: readonly (number | undefined)[] = Array.from(
  { length: 128 },
  (_, code) => words.get(String.fromCharCode(code))?.kind,
);

/** What the scanner finds wrong and goes on from. */
export type ScanProblem = 'crlf' | 'comment-without-newline';

export class Scanner {
  readonly text: string;
  /** The current token: its kind and where it begins and ends. */
  kind: number = TokenKind.fileEnd;
  from = 0;
  to = 0;
  private inRate = false;
  private inBurst = false;
  private readonly report: (problem: ScanProblem, from: number, to: number) => void;

  constructor(text: string, report: (problem: ScanProblem, from: number, to: number) => void) {
    this.text = text;
    this.report = report;
  }

  /** Goes to the next token. At the end of the text the kind stays `fileEnd`. */
  next(): void {
    const at = this.skipBlanks(this.to);
    this.from = at;
    this.to = at;
    if (at >= this.text.length) {
      this.kind = TokenKind.fileEnd;
      return;
    }
    this.scan(this.text.charCodeAt(at), at);
    if (this.inRate || this.kind === rateKind) this.followRate();
  }

  /** The first token behind a rate is still read as one of it. */
  private followRate(): void {
    const { kind } = this;
    if (this.inRate && !kindsBehindRate.has(kind)) this.kind = TokenKind.junk;
    if (kind === rateKind) this.inBurst = false;
    this.inRate = rateKinds.has(kind) && !(this.inBurst && burstUnits.has(kind));
    if (kind === burstKind) this.inBurst = true;
  }

  /** Blanks, comments, and newlines behind a backslash. A comment on a line of its own takes its newline with it. */
  private skipBlanks(from: number): number {
    const { text } = this;
    let at = from;
    let lineIsBlank = at === 0 || text.charCodeAt(at - 1) === NEWLINE;
    for (;;) {
      const code = text.charCodeAt(at);
      if (code === SPACE || code === TAB) at++;
      else if (code === BACKSLASH && text.charCodeAt(at + 1) === NEWLINE) {
        at += 2;
        lineIsBlank = true;
      } else if (code === HASH) at = this.skipComment(at, lineIsBlank);
      else return at;
    }
  }

  private skipComment(at: number, lineIsBlank: boolean): number {
    const end = this.text.indexOf('\n', at);
    if (end >= 0) return lineIsBlank ? end + 1 : end;
    this.report('comment-without-newline', at, this.text.length);
    return this.text.length;
  }

  /**
   * From the current token on, elements that are an address each, with a comma behind: `take` gets their places, at most
   * `most` of them. The current token then is what begins the first other element. The number of elements.
   */
  takeAddresses(most: number, take: (from: number, to: number) => void): number {
    const { text } = this;
    let [at, count] = [this.from, 0];
    while (count < most) {
      const to = at + usualAddressLength(text, at);
      if (to === at || text.charCodeAt(to) !== COMMA) break;
      const next = skipSpace(text, to + 1);
      const code = text.charCodeAt(next);
      // Whatever else may stand between elements is left to those who know about it.
      if (!(isHex(code) || code === COLON)) break;
      take(at, to);
      at = next;
      count++;
    }
    if (count === 0) return 0;
    this.to = at;
    this.next();
    return count;
  }

  private scan(code: number, at: number): void {
    if (isWordStart(code)) this.scanWord(code, at);
    else if (isDigit(code)) this.scanDigits(at);
    else if (code === NEWLINE) this.take(newlineKind, 1);
    else if (code === QUOTE) this.scanQuoted(at);
    else this.scanSymbol(code, at);
  }

  private take(kind: number, length: number): void {
    this.kind = kind;
    this.to = this.from + length;
  }

  private scanWord(code: number, at: number): void {
    if (this.inRate && this.scanRateWord(at)) return;
    const end = skipWhile(this.text, at + 1, isWordPart);
    if (isHex(code) && this.scanHexWord(at, end)) return;
    const wildcard = this.wildcardLength(at, end);
    if (wildcard !== 0) {
      this.take(TokenKind.wildcard, wildcard);
      return;
    }
    const length = end - at;
    const word = length <= longestWord ? words.get(this.text.slice(at, end)) : undefined;
    this.take(word === undefined ? TokenKind.word : word.kind, length);
  }

  /** `mbytes/second` is one word anywhere else, and `secondburst` is everywhere else not two. */
  private scanRateWord(at: number): boolean {
    const end = Math.min(skipWhile(this.text, at, isLetter), at + longestWord);
    for (let to = end; to > at; to--) {
      const word = words.get(this.text.slice(at, to));
      if (word === undefined || !rateKinds.has(word.kind)) continue;
      this.take(word.kind, to - at);
      return true;
    }
    return false;
  }

  /** An address or class id that begins with a letter, if that is longer than the word. */
  private scanHexWord(at: number, end: number): boolean {
    const length = Math.max(addressLength(this.text, at), classIdLength(this.text, at));
    if (length <= end - at) return false;
    this.take(TokenKind.word, length);
    return true;
  }

  /** `eth*`, `eth\*`, `eth\*0`; 0 if no star follows the word. */
  private wildcardLength(at: number, end: number): number {
    const code = this.text.charCodeAt(end);
    if (code === STAR) return end + 1 - at;
    if (code !== BACKSLASH || this.text.charCodeAt(end + 1) !== STAR) return 0;
    const more = isWordStart(this.text.charCodeAt(end + 2));
    return (more ? skipWhile(this.text, end + 2, isWordPart) : end + 2) - at;
  }

  private scanDigits(at: number): void {
    const { text } = this;
    const number = numberLength(text, at);
    const next = text.charCodeAt(at + number);
    // Most numbers end here: what follows could not belong to an address or a time.
    if (this.inRate || !(isHex(next) || isWordPart(next) || next === COLON)) {
      this.takeNumber(number);
      return;
    }
    // Digits and a dot begin nothing else that is longer than the number.
    if (next === DOT) {
      this.takeLonger(number, ipv4Length(text, at));
      return;
    }
    const address = addressLength(text, at);
    // An address goes on behind the colon at which a time and a class id end.
    if (address > 0) this.takeLonger(number, address);
    else
      this.takeLonger(number, Math.max(namedLength(text, at), classIdLength(text, at), timeLength(text, at)));
  }

  /** A word of `length` characters if that is longer than the number. */
  private takeLonger(number: number, length: number): void {
    if (length > number) this.take(TokenKind.word, length);
    else this.takeNumber(number);
  }

  private takeNumber(length: number): void {
    const fits = length < 16 && this.text[this.from] !== '0';
    const isNumber = fits || numberValue(this.text.slice(this.from, this.from + length)) !== undefined;
    this.take(isNumber ? TokenKind.number : TokenKind.word, length);
  }

  private scanQuoted(at: number): void {
    const end = this.text.indexOf('"', at + 1);
    if (end < 0) this.take(TokenKind.junk, skipWhile(this.text, at, isLineRest) - at);
    else this.take(TokenKind.quoted, end + 1 - at);
  }

  private scanSymbol(code: number, at: number): void {
    if (code === COLON && this.text.charCodeAt(at + 1) === COLON) {
      const length = addressLength(this.text, at);
      if (length !== 0) {
        this.take(TokenKind.word, length);
        return;
      }
    }
    if (code === OPEN_BRACKET) {
      const length = bracketedAddressLength(this.text, at);
      if (length !== 0) {
        this.take(TokenKind.word, length);
        return;
      }
    }
    if (code === BACKSLASH && this.text.charCodeAt(at + 1) === STAR) {
      this.take(TokenKind.wildcard, 2);
      return;
    }
    if (code === RETURN && this.text.charCodeAt(at + 1) === NEWLINE) {
      this.report('crlf', at, at + 2);
      this.take(newlineKind, 2);
      return;
    }
    const double = doubleStarts.has(code) ? words.get(this.text.slice(at, at + 2)) : undefined;
    if (double !== undefined && double.text.length === 2) {
      this.take(double.kind, 2);
      return;
    }
    const single = singleKinds[code];
    if (single !== undefined) {
      this.take(single, 1);
      return;
    }
    this.take(TokenKind.junk, skipWhile(this.text, at, isJunk) - at || 1);
  }
}

/** Behind blanks, with at most one newline among them. */
function skipSpace(text: string, from: number): number {
  const at = skipWhile(text, from, isBlank);
  return text.charCodeAt(at) === NEWLINE ? skipWhile(text, at + 1, isBlank) : at;
}

const isBlank = (code: number): boolean => code === SPACE || code === TAB;

/** Protocols whose names begin with digits. */
function namedLength(text: string, at: number): number {
  return ['8021ad', '8021q'].find(name => text.startsWith(name, at))?.length ?? 0;
}

const isLineRest = (code: number): boolean => code !== NEWLINE && !Number.isNaN(code);
const isJunk = (code: number): boolean => code > 127;
