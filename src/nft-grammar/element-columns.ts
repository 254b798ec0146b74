// Element lists as columns: for each element its shape and where its tokens begin.

import type { Element, ElementForm, ElementList, ElementPlaces } from '../ast/nodes/index.ts';
import type { Span } from '../source/span.ts';
import { CountingView } from './build/folded.ts';
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

  get places(): ElementPlaces {
    return new PlacesOfElements(this, this.source);
  }

  formAt(index: number): ElementForm | undefined {
    const shape = this.shapeAt(index);
    const base = this.baseAt(index);
    if (this.source.attachments.isAny(base, base + shape.tokens)) return undefined;
    return new FormOfElement(this.source, base, shape);
  }

  at(index: number): Element {
    if (!(index >= 0 && index < this.length)) throw new RangeError(`no element ${index} of ${this.length}`);
    return this.shapeAt(index).build(new TokenView(this.source, this.baseAt(index))) as Element;
  }
}

class PlacesOfElements implements ElementPlaces {
  readonly file: Span['file'];
  readonly text: string;
  private readonly rows: ElementRows;
  private readonly source: TokenSource;

  constructor(rows: ElementRows, source: TokenSource) {
    this.rows = rows;
    this.source = source;
    this.file = source.file;
    this.text = source.text;
  }

  shapeAt(index: number): object | undefined {
    const shape = this.rows.shapeAt(index);
    const base = this.rows.baseAt(index);
    return this.source.attachments.isAny(base, base + shape.tokens) ? undefined : shape;
  }

  startOf(index: number, token: number): number {
    return this.source.tokens.from.at(this.rows.baseAt(index) + token);
  }

  endOf(index: number, token: number): number {
    return this.source.tokens.to.at(this.rows.baseAt(index) + token);
  }
}

class FormOfElement implements ElementForm {
  readonly shape: CachedShape;
  private readonly source: TokenSource;
  private readonly base: number;

  constructor(source: TokenSource, base: number, shape: CachedShape) {
    this.source = source;
    this.base = base;
    this.shape = shape;
  }

  get literals(): readonly number[] {
    return this.shape.literals;
  }

  get first(): number {
    return 0;
  }

  get last(): number {
    return this.shape.tokens - 1;
  }

  text(token: number): string {
    const { text, tokens } = this.source;
    return text.slice(tokens.from.at(this.base + token), tokens.to.at(this.base + token));
  }

  spanOf(first: number, last: number): Span {
    return new TokenView(this.source, this.base).span(first, last);
  }

  trace(): ReturnType<ElementForm['trace']> {
    const reads = new Map<number, number>();
    const view = new CountingView(this.source, this.base, reads);
    return { element: this.shape.build(view) as Element, reads };
  }
}
