// A statement's tokens while they are read: kinds, places, and what folded tokens stand for.

import type { Attachment } from '../build/view.ts';
import type { TokenStore } from '../token.ts';

export class Line {
  readonly kinds: number[] = [];
  readonly from: number[] = [];
  readonly to: number[] = [];
  /** True if something in it has been reported already: it is checked for syntax, but not built. */
  failed = false;
  private attachments: [number, Attachment][] | undefined;

  push(kind: number, from: number, to: number): void {
    this.kinds.push(kind);
    this.from.push(from);
    this.to.push(to);
  }

  /** A token that stands for something. */
  attach(kind: number, from: number, to: number, attachment: Attachment): void {
    this.attachments ??= [];
    this.attachments.push([this.kinds.length, attachment]);
    this.push(kind, from, to);
  }

  /** The kind `distance` tokens from the end: 1 is the last. 0 if there is none. */
  back(distance: number): number {
    return this.kinds[this.kinds.length - distance] ?? 0;
  }

  /** Moves the tokens to the store, all but the last, which is the end; returns the index of the first. */
  store(tokens: TokenStore, attachments: Map<number, Attachment>): number {
    const base = tokens.length;
    for (let at = 0; at < this.kinds.length - 1; at++) tokens.push(this.from[at]!, this.to[at]!);
    for (const [ordinal, attachment] of this.attachments ?? []) attachments.set(base + ordinal, attachment);
    return base;
  }

  clear(): void {
    this.kinds.length = 0;
    this.from.length = 0;
    this.to.length = 0;
    this.attachments = undefined;
    this.failed = false;
  }
}
