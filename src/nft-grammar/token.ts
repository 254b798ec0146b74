// Tokens as columns: where each begins and ends. Their kinds are needed only until the shape of a statement is found,
// so they live in a buffer that is used again for each statement.

/** Kinds of tokens that are not keywords; each keyword has a kind of its own, below all of these (words.ts). */
export const TokenKind = {
  /** A word that is no keyword anywhere, an address, a time: whatever nft's scanner calls a string. */
  word: 1000,
  number: 1001,
  quoted: 1002,
  /** `eth*`, also with the star escaped. */
  wildcard: 1003,
  /** `$name`. */
  variable: 1004,
  /** A whole `{ … }` of elements: some of them without a verdict, all with one, none at all. */
  set: 1005,
  verdictSet: 1006,
  emptySet: 1007,
  /** A whole `{ … }` of rules. */
  block: 1008,
  /** What ends a statement: a newline or semicolon, a closing brace, the end of the file, an opening brace. */
  separatorEnd: 1009,
  braceEnd: 1010,
  fileEnd: 1011,
  openEnd: 1012,
  /** The end of an element. */
  elementEnd: 1013,
  /** A character that begins no token. */
  junk: 1014,
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

  /** The index of the first item that is not below `value`; items ascend. */
  indexFrom(value: number): number {
    let low = 0;
    let high = this.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      if (this.items[middle]! < value) low = middle + 1;
      else high = middle;
    }
    return low;
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
