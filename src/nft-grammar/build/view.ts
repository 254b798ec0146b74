// A statement's tokens with their places and texts: what a shape's builder reads.

import type { ElementList, Expression, Rule } from '../../ast/nodes/index.ts';
import type { FileId, Span } from '../../source/span.ts';
import { IntColumn, type TokenStore } from '../token.ts';

/** What `define` bound a name to, at the place where it is used. */
export interface Definition {
  readonly name: string;
  readonly span: Span;
  readonly value: Expression;
}

/** What a folded token stands for. */
export type Attachment =
  | { readonly kind: 'elements'; readonly elements: ElementList }
  | { readonly kind: 'rules'; readonly rules: readonly Rule[] }
  | { readonly kind: 'variable'; readonly definition: Definition }
  /** A quoted string with `$names` in it: what they are here; undefined if they are not defined. */
  | { readonly kind: 'names'; readonly definitions: ReadonlyMap<string, Definition | undefined> };

/** What folded tokens stand for, in the order of tokens, which are counted in the file's store. */
export class Attachments {
  readonly #tokens = new IntColumn();
  readonly #items: Attachment[] = [];

  /** `token` stands behind all that have one. */
  push(token: number, attachment: Attachment): void {
    this.#tokens.push(token);
    this.#items.push(attachment);
  }

  get(token: number): Attachment | undefined {
    const index = this.#tokens.indexFrom(token);
    return index < this.#items.length && this.#tokens.at(index) === token ? this.#items[index] : undefined;
  }

  /** Those of tokens from `from` on and before `to`, with their tokens. */
  *between(from: number, to: number): Generator<readonly [number, Attachment]> {
    let index = this.#tokens.indexFrom(from);
    for (; index < this.#items.length && this.#tokens.at(index) < to; index++)
      yield [this.#tokens.at(index), this.#items[index]!];
  }

  /** True if there is one from `from` on and before `to`. */
  isAny(from: number, to: number): boolean {
    const index = this.#tokens.indexFrom(from);
    return index < this.#items.length && this.#tokens.at(index) < to;
  }
}

/** One file while it is read. Attachments are by token index in `tokens`. */
export interface TokenSource {
  readonly file: FileId;
  readonly text: string;
  readonly tokens: TokenStore;
  readonly attachments: Attachments;
}

export class TokenView {
  readonly source: TokenSource;
  readonly base: number;

  /** `base`: index in `source.tokens` of the statement's first token. */
  constructor(source: TokenSource, base: number) {
    this.source = source;
    this.base = base;
  }

  /** From the first token to the last, both by ordinal in the statement. */
  span(first: number, last: number): Span {
    const { file, tokens } = this.source;
    return { file, from: tokens.from.at(this.base + first), to: tokens.to.at(this.base + last) };
  }

  /** A token as written. */
  text(token: number): string {
    const { text, tokens } = this.source;
    return text.slice(tokens.from.at(this.base + token), tokens.to.at(this.base + token));
  }

  /** True if no token from `first` to `last` is folded. */
  isPlain(first: number, last: number): boolean {
    return !this.source.attachments.isAny(this.base + first, this.base + last + 1);
  }

  attachment<K extends Attachment['kind']>(
    token: number,
    kind: K,
  ): Extract<Attachment, { kind: K }> | undefined {
    const found = this.source.attachments.get(this.base + token);
    return found?.kind === kind ? (found as Extract<Attachment, { kind: K }>) : undefined;
  }
}
