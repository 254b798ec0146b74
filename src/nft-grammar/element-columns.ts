// Element lists as columns: for each element its shape and where its tokens begin.

import type { Element, ElementList } from '../ast/nodes/index.ts';
import { type TokenSource, TokenView } from './build/view.ts';
import type { CachedShape } from './shapes.ts';
import { IntColumn } from './token.ts';

export class ElementColumns implements ElementList {
  private readonly source: TokenSource;
  private readonly shapes: CachedShape[] = [];
  private readonly ordinals = new Map<CachedShape, number>();
  private readonly shapeOf = new IntColumn();
  private readonly base = new IntColumn();
  private verdicts = 0;

  constructor(source: TokenSource) {
    this.source = source;
  }

  get length(): number {
    return this.base.length;
  }

  /** True if every element maps to a verdict. */
  get allVerdicts(): boolean {
    return this.verdicts === this.length;
  }

  push(shape: CachedShape, base: number): void {
    let ordinal = this.ordinals.get(shape);
    if (ordinal === undefined) {
      ordinal = this.shapes.length;
      this.shapes.push(shape);
      this.ordinals.set(shape, ordinal);
    }
    this.shapeOf.push(ordinal);
    this.base.push(base);
    if (shape.toVerdict) this.verdicts++;
  }

  at(index: number): Element {
    if (!(index >= 0 && index < this.length)) throw new RangeError(`no element ${index} of ${this.length}`);
    const shape = this.shapes[this.shapeOf.at(index)]!;
    return shape.build(new TokenView(this.source, this.base.at(index))) as Element;
  }
}
