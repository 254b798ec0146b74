// Element lists as columns: for each element its shape and where its tokens begin.

import type { Element, ElementList } from '../ast/nodes/index.ts';
import { type TokenSource, TokenView } from './build/view.ts';
import type { CachedShape } from './shapes.ts';

/** With more shapes than this, a table finds the ordinal of one. Most lists have one or two. */
const fewShapes = 8;

/** Elements by their shapes and places, for those who look at tokens. */
export interface ElementRows extends ElementList {
  shapeAt(index: number): CachedShape;
  /** Index of the element's first token. */
  baseAt(index: number): number;
}

export class ElementColumns implements ElementRows {
  private readonly source: TokenSource;
  private shapes: CachedShape[] = [];
  private ordinals: Map<CachedShape, number> | undefined;
  /** For each element the ordinal of its shape and the index of its first token. */
  private entries: number[] = [];
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

  /** Nothing will be added. */
  finish(): void {
    this.ordinals = undefined;
    // Arrays that have grown have room for more, which short lists would waste most of all.
    this.entries = this.entries.slice();
    this.shapes = this.shapes.slice();
  }

  shapeAt(index: number): CachedShape {
    return this.shapes[this.entries[2 * index]!]!;
  }

  baseAt(index: number): number {
    return this.entries[2 * index + 1]!;
  }

  at(index: number): Element {
    if (!(index >= 0 && index < this.length)) throw new RangeError(`no element ${index} of ${this.length}`);
    return this.shapeAt(index).build(new TokenView(this.source, this.baseAt(index))) as Element;
  }
}
