// Elements that fit a template, from their text straight to columns: no form, no value, no typed element is made of them.
// A template is compiled if each of its values is one literal, with bits cleared and set (a prefix) or as it is.

import type { ElementPlaces, TokenForm } from '../nodes/index.ts';
import type { ElementTemplate, PartTemplate } from './element-templates.ts';
import type { WordReader } from './fast-literals.ts';
import type { Template } from './keyed-templates.ts';
import type { LiteralSlot, Trace } from './literal-slot.ts';
import type { ElementData } from './typed.ts';
import { type TypedColumns, type WordLayout, writeWords } from './typed-columns.ts';

interface ColumnSlot {
  readonly token: number;
  readonly read: WordReader;
  /** Where its words are kept while the element is read. */
  readonly at: number;
}

/** A word of a column: that of a slot (none: -1), with bits kept and set. */
interface ColumnWord {
  readonly at: number;
  readonly keep: number;
  readonly set: number;
}

interface Order {
  readonly low: number;
  readonly high: number;
  readonly width: number;
}

interface ColumnTemplate {
  /** Texts that an element must have. */
  readonly pinned: readonly (readonly [token: number, text: string])[];
  readonly slots: readonly ColumnSlot[];
  readonly orders: readonly Order[];
  readonly from: readonly ColumnWord[];
  readonly to: readonly ColumnWord[];
  readonly data: readonly ColumnWord[];
  readonly verdict: ElementData | undefined;
  readonly place: readonly [first: number, last: number];
}

/** A template, and the tokens whose texts are its key. */
export interface FoundTemplate {
  readonly known: Template & { readonly template: ElementTemplate };
  readonly pinned: readonly number[];
}

const allBits = 0xffff_ffff;

/** Makes a column template; throws nothing: `undefined` is what does not fit. */
class TemplateCompiler {
  readonly #at = new Map<LiteralSlot, { readonly at: number; readonly width: number }>();
  readonly slots: ColumnSlot[] = [];
  #room = 0;

  /** False if some slot has a form that cannot be read so. */
  addSlots(slots: readonly LiteralSlot[]): boolean {
    for (const slot of slots) {
      const reader = slot.words;
      if (reader === undefined) return false;
      this.#at.set(slot, { at: this.#room, width: reader.width });
      this.slots.push({ token: slot.token, read: reader.read, at: this.#room });
      this.#room += reader.width;
    }
    return this.#room <= scratchWords;
  }

  words(
    parts: readonly PartTemplate[],
    { widths }: WordLayout,
    end: 'from' | 'to',
  ): readonly ColumnWord[] | undefined {
    const words: ColumnWord[] = [];
    for (const [index, part] of parts.entries()) {
      const own = this.#trace(part[end], widths[index]!);
      if (own === undefined) return undefined;
      words.push(...own);
    }
    return words;
  }

  #trace({ terms, set }: Trace, width: number): readonly ColumnWord[] | undefined {
    const [term] = terms;
    const slot = term && this.#at.get(term.slot);
    if (terms.length > 1 || (term !== undefined && (term.shift !== 0 || slot?.width !== width)))
      return undefined;
    const [keep, always] = [new Uint32Array(width), new Uint32Array(width)];
    if (term?.keep !== undefined) writeWords(keep, 0, width, term.keep);
    else keep.fill(allBits);
    writeWords(always, 0, width, set);
    return Array.from(keep, (bits, index) => ({
      at: slot === undefined ? -1 : slot.at + index,
      keep: bits,
      set: always[index]!,
    }));
  }

  /** Of a guard between two literals as they are. */
  order(low: Trace, high: Trace): Order | undefined {
    const [a, b] = [low, high].map(({ terms, set }) => {
      const [term] = terms;
      const isPlain = terms.length === 1 && set === 0n && term!.shift === 0 && term!.keep === undefined;
      return isPlain ? this.#at.get(term!.slot) : undefined;
    });
    return a === undefined || b?.width !== a.width ? undefined : { low: a.at, high: b.at, width: a.width };
  }
}

const scratchWords = 64;

function compile(
  { known, pinned }: FoundTemplate,
  form: TokenForm,
  columns: TypedColumns,
): ColumnTemplate | undefined {
  const { template, slots, trail } = known;
  const { element, parts, data, place } = template;
  if ('file' in place || parts === 'catchall' || element.extras !== undefined) return undefined;
  const compiler = new TemplateCompiler();
  if (!compiler.addSlots(slots)) return undefined;
  const from = compiler.words(parts, columns.key, 'from');
  const to = compiler.words(parts, columns.key, 'to');
  const given = compiler.words(data ?? [], columns.value, 'from');
  const orders = trail.guards.flatMap(({ low, high }) => compiler.order(low, high) ?? []);
  if (from === undefined || to === undefined || given === undefined) return undefined;
  if (orders.length < trail.guards.length || given.length < columns.value.length) return undefined;
  const verdict = columns.verdicts === undefined ? undefined : element.data;
  if (columns.verdicts !== undefined && verdict?.kind !== 'verdict') return undefined;
  return {
    pinned: pinned.map(token => [token, form.text(token)]),
    slots: compiler.slots,
    orders,
    from,
    to,
    data: given,
    verdict,
    place,
  };
}

/** Templates of a shape; more of them are not looked through for each element. */
const mostOfShape = 40;

export class ColumnReader {
  readonly #places: ElementPlaces;
  readonly #columns: TypedColumns;
  readonly #byShape = new Map<object, ColumnTemplate[]>();
  readonly #hopeless = new Set<object>();
  readonly #scratch = new Uint32Array(scratchWords);

  constructor(places: ElementPlaces, columns: TypedColumns) {
    this.#places = places;
    this.#columns = columns;
  }

  /** Adds the element to the columns; false if it fits no template. */
  read(index: number): boolean {
    const shape = this.#places.shapeAt(index);
    const templates = shape && this.#byShape.get(shape);
    if (templates === undefined) return false;
    for (const template of templates) {
      if (!this.#hasTexts(template, index)) continue;
      if (!this.#readSlots(template, index)) return false;
      this.#write(template, index);
      return true;
    }
    return false;
  }

  /** Whether a template of this shape is wanted. */
  wants({ shape }: TokenForm): boolean {
    return !this.#hopeless.has(shape) && (this.#byShape.get(shape)?.length ?? 0) < mostOfShape;
  }

  learn(form: TokenForm, found: FoundTemplate): void {
    const made = compile(found, form, this.#columns);
    const known = this.#byShape.get(form.shape) ?? [];
    const isKnown = known.some(({ pinned }) => pinned.every(([token, text]) => form.text(token) === text));
    if (made === undefined) this.#hopeless.add(form.shape);
    else if (!isKnown) this.#byShape.set(form.shape, [...known, made]);
  }

  #hasTexts({ pinned }: ColumnTemplate, index: number): boolean {
    const places = this.#places;
    for (const [token, text] of pinned) {
      const start = places.startOf(index, token);
      if (places.endOf(index, token) - start !== text.length || !places.text.startsWith(text, start))
        return false;
    }
    return true;
  }

  #readSlots({ slots, orders }: ColumnTemplate, index: number): boolean {
    const places = this.#places;
    const scratch = this.#scratch;
    for (const { token, read, at } of slots)
      if (!read(places.text, places.startOf(index, token), places.endOf(index, token), scratch, at))
        return false;
    for (const order of orders) if (!isInOrder(scratch, order)) return false;
    return true;
  }

  #write({ from, to, data, verdict, place }: ColumnTemplate, index: number): void {
    const columns = this.#columns;
    const key = columns.length * columns.key.length;
    writeColumn(columns.from, key, from, this.#scratch);
    writeColumn(columns.to, key, to, this.#scratch);
    writeColumn(columns.data, columns.length * columns.value.length, data, this.#scratch);
    if (verdict !== undefined) columns.verdicts?.push(verdict);
    columns.finish(this.#places.startOf(index, place[0]), this.#places.endOf(index, place[1]));
  }
}

function writeColumn(
  column: Uint32Array,
  start: number,
  words: readonly ColumnWord[],
  scratch: Uint32Array,
): void {
  for (let index = 0; index < words.length; index++) {
    const { at, keep, set } = words[index]!;
    column[start + index] = at < 0 ? set : (scratch[at]! & keep) | set;
  }
}

/** True if the low value is less than the high one. */
function isInOrder(words: Uint32Array, { low, high, width }: Order): boolean {
  for (let index = 0; index < width; index++) {
    const [a, b] = [words[low + index]!, words[high + index]!];
    if (a !== b) return a < b;
  }
  return false;
}
