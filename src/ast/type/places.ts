// Where the parts of a rule or element stand, in terms of its tokens: the same for all of its shape.

import type { Span } from '../../source/span.ts';
import type { TokenForm } from '../nodes/index.ts';

/** First and last token, or a place outside of the rule, which is the same for all of them. */
export type Place = readonly [first: number, last: number] | Span;

export function spanAt(form: TokenForm, place: Place): Span {
  return 'file' in place ? place : form.spanOf(place[0], place[1]);
}

/** Finds the tokens of spans. */
export class Places {
  readonly #file: Span['file'];
  readonly #first = new Map<number, number>();
  readonly #last = new Map<number, number>();
  readonly #whole: Span;

  constructor(form: TokenForm) {
    this.#whole = form.spanOf(form.first, form.last);
    this.#file = this.#whole.file;
    for (let token = form.first; token <= form.last; token++) {
      const { from, to } = form.spanOf(token, token);
      this.#first.set(from, token);
      this.#last.set(to, token);
    }
  }

  /** `undefined` if the span is in the rule, but not from a token's start to a token's end. */
  of(span: Span): Place | undefined {
    const { file, from, to } = span;
    const first = this.#first.get(from);
    const last = this.#last.get(to);
    if (file !== this.#file) return span;
    if (first !== undefined && last !== undefined) return [first, last];
    return to <= this.#whole.from || from >= this.#whole.to ? span : undefined;
  }
}
