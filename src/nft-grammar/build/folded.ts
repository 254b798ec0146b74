// Rules with lists of elements and variables in them, as one row of tokens: those of the elements stand in the store in
// front of the rule's own, so they have ordinals below zero. Two rules have the same tokens in the same places if their
// shapes are the same, those of all elements, and the definitions that variables stand for.

import type { Element, ElementList } from '../../ast/nodes/index.ts';
import type { ElementRows } from '../element-columns.ts';
import { type Attachment, type Definition, type TokenSource, TokenView } from './view.ts';

/** What is the same for all rules whose tokens and elements have the same shapes. */
export interface FoldedShape {
  /** Ordinals of all tokens that are no keywords, in the order of the store. */
  readonly literals: readonly number[];
  /** Ordinals of the first token and the last; the first of an element's, if there are any. */
  readonly first: number;
  readonly last: number;
}

/** Longer lists are not worth a template of their own. */
const longestList = 32;

const definitionKey = ({ span }: Definition): string => `$${span.file}:${span.from};`;

/** Names the shapes of all that is folded into the tokens from `from` to `to`; undefined if some of it is no list. */
export function foldedKey(source: TokenSource, from: number, to: number): string | undefined {
  let key = '';
  for (const [, attachment] of source.attachments.between(from, to)) {
    const part = attachmentKey(source, attachment);
    if (part === undefined) return undefined;
    key += part;
  }
  return key;
}

function attachmentKey(source: TokenSource, attachment: Attachment): string | undefined {
  if (attachment.kind === 'variable') return definitionKey(attachment.definition);
  if (attachment.kind !== 'elements') return undefined;
  const rows = attachment.elements as ElementRows;
  if (rows.length > longestList) return undefined;
  let key = '{';
  for (let index = 0; index < rows.length; index++) {
    const { id, tokens } = rows.shapeAt(index);
    const base = rows.baseAt(index);
    const inner = source.attachments.isAny(base, base + tokens) ? foldedKey(source, base, base + tokens) : '';
    if (inner === undefined) return undefined;
    key += `${id}${inner},`;
  }
  return `${key}}`;
}

/** `literals` and `last` of the rule itself, whose tokens begin at `base`. */
export function foldedShape(
  source: TokenSource,
  base: number,
  own: { readonly literals: readonly number[]; readonly first: number; readonly last: number },
): FoldedShape {
  const [from, to] = [base + own.first, base + own.last + 1];
  const inner = elementLiterals(source, from, to, base);
  return {
    literals: [...inner, ...own.literals],
    first: firstToken(source, from, to) - base,
    last: own.last,
  };
}

/** Of the tokens from `from` to `to` and all that is folded into them. */
function firstToken(source: TokenSource, from: number, to: number): number {
  let first = from;
  for (const [, attachment] of source.attachments.between(from, to)) {
    if (attachment.kind !== 'elements') continue;
    const rows = attachment.elements as ElementRows;
    for (let index = 0; index < rows.length; index++) {
      const base = rows.baseAt(index);
      first = Math.min(first, firstToken(source, base, base + rows.shapeAt(index).tokens));
    }
  }
  return first;
}

function elementLiterals(source: TokenSource, from: number, to: number, origin: number): readonly number[] {
  return [...source.attachments.between(from, to)].flatMap(([, attachment]) => {
    if (attachment.kind !== 'elements') return [];
    const rows = attachment.elements as ElementRows;
    return Array.from({ length: rows.length }, (_, index) => {
      const base = rows.baseAt(index);
      const { literals, tokens } = rows.shapeAt(index);
      const inner = elementLiterals(source, base, base + tokens, origin);
      return [...inner, ...literals.map(token => base - origin + token)];
    }).flat();
  });
}

/** Counts looks at the texts of tokens, those of elements among them. Elements are made once. */
export class CountingView extends TokenView {
  readonly #reads: Map<number, number>;
  readonly #origin: number;

  /** `origin`: the token that has ordinal 0 in `reads`. */
  constructor(source: TokenSource, base: number, reads: Map<number, number>, origin: number = base) {
    super(source, base);
    this.#reads = reads;
    this.#origin = origin;
  }

  override text(token: number): string {
    const ordinal = this.base - this.#origin + token;
    this.#reads.set(ordinal, (this.#reads.get(ordinal) ?? 0) + 1);
    return super.text(token);
  }

  override attachment<K extends Attachment['kind']>(
    token: number,
    kind: K,
  ): Extract<Attachment, { kind: K }> | undefined {
    const found = super.attachment(token, kind);
    if (kind !== 'elements' || found === undefined) return found;
    const rows = (found as Extract<Attachment, { kind: 'elements' }>).elements as ElementRows;
    const made = Array.from({ length: rows.length }, (_, index) => this.#element(rows, index));
    return { kind: 'elements', elements: madeList(made) } as unknown as Extract<Attachment, { kind: K }>;
  }

  #element(rows: ElementRows, index: number): Element {
    const view = new CountingView(this.source, rows.baseAt(index), this.#reads, this.#origin);
    return rows.shapeAt(index).build(view) as Element;
  }
}

const madeList = (elements: readonly Element[]): ElementList => ({
  length: elements.length,
  at: index => elements[index]!,
});
