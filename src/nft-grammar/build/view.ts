// A statement's tokens with their places and texts: what a shape's builder reads.

import type { ElementList, Expression, Rule } from '../../ast/nodes/index.ts';
import type { FileId, Span } from '../../source/span.ts';
import type { TokenStore } from '../token.ts';

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

/** One file while it is read. Attachments are by token index in `tokens`. */
export interface TokenSource {
  readonly file: FileId;
  readonly text: string;
  readonly tokens: TokenStore;
  readonly attachments: Map<number, Attachment>;
}

export class TokenView {
  private readonly source: TokenSource;
  private readonly base: number;

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
    const { attachments } = this.source;
    if (attachments.size === 0) return true;
    for (let token = first; token <= last; token++) if (attachments.has(this.base + token)) return false;
    return true;
  }

  /** The same tokens, each look at a text counted in `reads`. */
  counting(reads: Map<number, number>): TokenView {
    return new CountingView(this.source, this.base, reads);
  }

  attachment<K extends Attachment['kind']>(
    token: number,
    kind: K,
  ): Extract<Attachment, { kind: K }> | undefined {
    const found = this.source.attachments.get(this.base + token);
    return found?.kind === kind ? (found as Extract<Attachment, { kind: K }>) : undefined;
  }
}

class CountingView extends TokenView {
  private readonly reads: Map<number, number>;

  constructor(source: TokenSource, base: number, reads: Map<number, number>) {
    super(source, base);
    this.reads = reads;
  }

  override text(token: number): string {
    this.reads.set(token, (this.reads.get(token) ?? 0) + 1);
    return super.text(token);
  }
}
