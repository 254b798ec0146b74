// A statement's tokens while they are read: kinds, places, and what folded tokens stand for.

import type { Attachment, Attachments } from '../build/view.ts';
import type { TokenStore } from '../token.ts';

/** Most statements are shorter; longer ones make the columns grow. */
const usualLength = 64;

export class Line {
  /** Kinds of the tokens, `length` of them; what is behind is of earlier lines. */
  private kindColumn: Uint16Array = new Uint16Array(usualLength);
  private from: Int32Array = new Int32Array(usualLength);
  private to: Int32Array = new Int32Array(usualLength);
  length = 0;
  /** True if something in it has been reported already: it is checked for syntax, but not built. */
  failed = false;
  private attachments: [number, Attachment][] | undefined;

  get kinds(): Uint16Array {
    return this.kindColumn.subarray(0, this.length);
  }

  hasKinds(kinds: Uint16Array): boolean {
    if (kinds.length !== this.length) return false;
    for (let at = 0; at < kinds.length; at++) if (kinds[at] !== this.kindColumn[at]) return false;
    return true;
  }

  kindAt(ordinal: number): number {
    return ordinal < this.length ? this.kindColumn[ordinal]! : 0;
  }

  /** The kind `distance` tokens from the end: 1 is the last. 0 if there is none. */
  back(distance: number): number {
    return distance <= this.length ? this.kindColumn[this.length - distance]! : 0;
  }

  fromAt(ordinal: number): number {
    return this.from[ordinal]!;
  }

  toAt(ordinal: number): number {
    return this.to[ordinal]!;
  }

  push(kind: number, from: number, to: number): void {
    if (this.length === this.kindColumn.length) this.grow();
    this.kindColumn[this.length] = kind;
    this.from[this.length] = from;
    this.to[this.length++] = to;
  }

  private grow(): void {
    const { kindColumn, from, to } = this;
    this.kindColumn = new Uint16Array(this.length * 2);
    this.from = new Int32Array(this.length * 2);
    this.to = new Int32Array(this.length * 2);
    this.kindColumn.set(kindColumn);
    this.from.set(from);
    this.to.set(to);
  }

  /** A token that stands for something. */
  attach(kind: number, from: number, to: number, attachment: Attachment): void {
    this.attachments ??= [];
    this.attachments.push([this.length, attachment]);
    this.push(kind, from, to);
  }

  /** Moves the tokens to the store, all but the last, which is the end; returns the index of the first. */
  store(tokens: TokenStore, attachments: Attachments): number {
    const base = tokens.length;
    for (let at = 0; at < this.length - 1; at++) tokens.push(this.from[at]!, this.to[at]!);
    if (this.attachments === undefined) return base;
    for (const [ordinal, attachment] of this.attachments) attachments.push(base + ordinal, attachment);
    return base;
  }

  clear(): void {
    this.length = 0;
    this.attachments = undefined;
    this.failed = false;
  }
}
