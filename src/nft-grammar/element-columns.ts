// Element lists as columns: for each element its shape and where its tokens begin.

import type { Element, ElementList } from '../ast/nodes/index.ts';
import { type TokenSource, TokenView } from './build/view.ts';
import type { CachedShape } from './shapes.ts';

/** With more shapes than this, a table finds the ordinal of one. Most lists have one or two. */
const fewShapes = 8;

export class ElementColumns implements ElementList {
  private readonly source: TokenSource;
  private readonly shapes: CachedShape[] = [];
  private ordinals: Map<CachedShape, number> | undefined;
  /** For each element the ordinal of its shape and the index of its first token. */
  private readonly entries: number[] = [];
  private verdicts = 0;

  constructor(source: TokenSource) {
    this.source = source;
  }

  get length(): number {
    return this.entries.length / 2;
  }

  /** True if every element maps to a verdict. */
  get allVerdicts(): boolean {
    return this.verdicts === this.length;
  }

  push(shape: CachedShape, base: number): void {
    this.entries.push(this.ordinalOf(shape), base);
    if (shape.toVerdict) this.verdicts++;
  }

  private ordinalOf(shape: CachedShape): number {
    const known = this.ordinals ? this.ordinals.get(shape) : this.shapes.indexOf(shape);
    if (known !== undefined && known >= 0) return known;
    this.shapes.push(shape);
    if (this.shapes.length > fewShapes)
      this.ordinals ??= new Map(this.shapes.map((each, index) => [each, index]));
    this.ordinals?.set(shape, this.shapes.length - 1);
    return this.shapes.length - 1;
  }

  at(index: number): Element {
    if (!(index >= 0 && index < this.length)) throw new RangeError(`no element ${index} of ${this.length}`);
    const shape = this.shapes[this.entries[2 * index]!]!;
    return shape.build(new TokenView(this.source, this.entries[2 * index + 1]!)) as Element;
  }
}
