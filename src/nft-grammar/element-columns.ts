// Element lists as columns: for each element its shape and where its tokens begin.

import type { Element, ElementForm, ElementList, ElementPlaces } from '../ast/nodes/index.ts';
import type { Span } from '../source/span.ts';
import { CountingView } from './build/folded.ts';
import { type TokenSource, TokenView } from './build/view.ts';
import type { CachedShape } from './shapes.ts';

/** Elements by their shapes and places, for those who look at tokens. */
export interface ElementRows extends ElementList {
  shapeAt(index: number): CachedShape;
  /** Index of the element's first token. */
  baseAt(index: number): number;
}

/** Elements of one shape whose tokens follow one another: of a long list mostly all of them. */
interface Run {
  readonly shape: CachedShape;
  /** Index of the first element, and of its first token. */
  readonly first: number;
  readonly base: number;
}

export class ElementColumns implements ElementRows {
  private readonly source: TokenSource;
  private readonly runs: Run[] = [];
  /** Where the next element has its first token if it belongs to the last run. */
  private nextBase = -1;
  private lastShape: CachedShape | undefined;
  private verdicts = 0;
  /** The run that was asked for last: most ask for one element after the other. */
  private current = 0;
  length = 0;

  constructor(source: TokenSource) {
    this.source = source;
  }

  /** True if every element maps to a verdict. */
  get allVerdicts(): boolean {
    return this.verdicts === this.length;
  }

  push(shape: CachedShape, base: number): void {
    if (shape !== this.lastShape || base !== this.nextBase) {
      this.runs.push({ shape, first: this.length, base });
      this.lastShape = shape;
    }
    this.nextBase = base + shape.tokens;
    this.length++;
    if (shape.toVerdict) this.verdicts++;
  }

  private runOf(index: number): Run {
    const { runs } = this;
    const isIn = (at: number): boolean =>
      runs[at]!.first <= index && (at + 1 === runs.length || index < runs[at + 1]!.first);
    if (isIn(this.current)) return runs[this.current]!;
    let [low, high] = [0, runs.length - 1];
    while (low < high) {
      const middle = (low + high + 1) >> 1;
      if (runs[middle]!.first <= index) low = middle;
      else high = middle - 1;
    }
    this.current = low;
    return runs[low]!;
  }

  shapeAt(index: number): CachedShape {
    return this.runOf(index).shape;
  }

  baseAt(index: number): number {
    const { shape, first, base } = this.runOf(index);
    return base + (index - first) * shape.tokens;
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
