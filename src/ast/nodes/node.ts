// The AST says what the user wrote: words are not looked up, numbers have no type, nothing implied is filled in.
// Nodes are read-only, a union on `kind`, and each has its place in the source.

import type { Span } from '../../source/span.ts';

export interface NodeBase {
  readonly span: Span;
}

/** A name that is declared or referred to: a table, a chain, a set, a data type, a flag. */
export interface Name extends NodeBase {
  readonly kind: 'name';
  readonly text: string;
}

/** A number: decimal, octal (leading 0) or hexadecimal (0x), below 2^64; with a minus in definitions only. `text` is as written. */
export interface NumberLiteral extends NodeBase {
  readonly kind: 'number';
  readonly text: string;
  readonly value: bigint;
}

/** A span of time such as `1d2h30m5s250ms`. `never` is written for elements that do not expire and has no duration. */
export interface TimeLiteral extends NodeBase {
  readonly kind: 'time';
  readonly text: string;
  readonly milliseconds: bigint | 'never';
}

/** Text in a place where only text can stand: a comment, a log prefix. Quotes removed; nft knows no escapes in it. */
export interface TextLiteral extends NodeBase {
  readonly kind: 'text';
  readonly text: string;
}
