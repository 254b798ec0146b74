// Tokens as columns: where each begins and ends. Their kinds are needed only until the shape of a statement is found,
// so they live in a buffer that is used again for each statement.

import { firstClassKind } from './words.ts';

/** Kinds of tokens that are not keywords. */
export const TokenKind = {
  /** A word that is no keyword anywhere, an address, a time: whatever nft's scanner calls a string. */
  word: firstClassKind,
  number: firstClassKind + 1,
  quoted: firstClassKind + 2,
  /** `eth*`, also with the star escaped. */
  wildcard: firstClassKind + 3,
  /** `$name`. */
  variable: firstClassKind + 4,
  /** A whole `{ … }` of elements: some of them without a verdict, all with one, none at all. */
  set: firstClassKind + 5,
  verdictSet: firstClassKind + 6,
  emptySet: firstClassKind + 7,
  /** A whole `{ … }` of rules. */
  block: firstClassKind + 8,
  /** What ends a statement: a newline or semicolon, a closing brace, the end of the file, an opening brace. */
  separatorEnd: firstClassKind + 9,
  braceEnd: firstClassKind + 10,
  fileEnd: firstClassKind + 11,
  openEnd: firstClassKind + 12,
  /** The end of an element. */
  elementEnd: firstClassKind + 13,
  /** A character that begins no token. */
  junk: firstClassKind + 14,
} as const;

/** A growing column of 32-bit integers. */
export class IntColumn {
  private items: Int32Array = new Int32Array(256);
  length = 0;

  push(value: number): void {
    if (this.length === this.items.length) {
      const larger = new Int32Array(this.items.length * 2);
      larger.set(this.items);
      this.items = larger;
    }
    this.items[this.length++] = value;
  }

  at(index: number): number {
    return this.items[index]!;
  }

  set(index: number, value: number): void {
    this.items[index] = value;
  }

  /** Forgets everything from `length` on. */
  truncate(length: number): void {
    this.length = length;
  }
}

/** The tokens of one file that statements were built from. Offsets are UTF-16 code units. */
export class TokenStore {
  readonly from: IntColumn = new IntColumn();
  readonly to: IntColumn = new IntColumn();

  get length(): number {
    return this.from.length;
  }

  push(from: number, to: number): void {
    this.from.push(from);
    this.to.push(to);
  }

  truncate(length: number): void {
    this.from.truncate(length);
    this.to.truncate(length);
  }
}
