// Many elements of a named set as columns of 32-bit words, most significant word first: no object and no bigint an
// element. Elements that carry something, the catch-all, strings, and data that are ranges or names of objects do not
// fit; a list with one of them is kept as a list.

import type { FileId } from '../../source/span.ts';
import type { ElementData, KeyPart, TypedElement, TypedMapData, TypedPart } from './typed.ts';

/** Words of a value of so many bits. */
const wordsOf = (bits: number): number => Math.ceil(bits / 32);

/** Words of each part, one part after the other. */
export interface WordLayout {
  readonly widths: readonly number[];
  readonly length: number;
}

function layoutOf(parts: readonly TypedPart[]): WordLayout {
  const widths = parts.map(({ bits }) => wordsOf(bits));
  return { widths, length: widths.reduce((sum, width) => sum + width, 0) };
}

const isNumeric = ({ type }: TypedPart): boolean => type.class !== 'string';

/** What elements of a set must be for columns. */
export interface ColumnSet {
  readonly keyParts: readonly TypedPart[];
  readonly data?: TypedMapData;
}

function fits({ keyParts, data }: ColumnSet): boolean {
  if (!keyParts.every(isNumeric)) return false;
  return (
    data === undefined ||
    data.kind === 'verdict' ||
    (data.kind === 'value' && !data.interval && data.parts.every(isNumeric))
  );
}

/** Writes `value` as words from `at` on. */
export function writeWords(words: Uint32Array, at: number, width: number, value: bigint): void {
  let rest = value;
  for (let index = at + width - 1; index >= at; index--) {
    words[index] = Number(rest & 0xffff_ffffn);
    rest >>= 32n;
  }
}

function readWords(words: Uint32Array, at: number, width: number): bigint {
  let value = 0n;
  for (let index = at; index < at + width; index++) value = (value << 32n) | BigInt(words[index]!);
  return value;
}

export class TypedColumns {
  /** How many there is room for. */
  readonly room: number;
  readonly file: FileId;
  readonly key: WordLayout;
  readonly value: WordLayout;
  /** `key.length` words an element; the two ends of its ranges, both included. */
  readonly from: Uint32Array;
  readonly to: Uint32Array;
  /** `value.length` words an element. */
  readonly data: Uint32Array;
  /** Of verdict maps, one an element. */
  readonly verdicts: ElementData[] | undefined;
  /** Where each begins and ends in the file. */
  readonly places: Int32Array;
  length = 0;
  /** Some element is a range. */
  hasRanges = false;

  private constructor({ keyParts, data }: ColumnSet, room: number, file: FileId) {
    this.room = room;
    this.file = file;
    this.key = layoutOf(keyParts);
    this.value = layoutOf(data?.kind === 'value' ? data.parts : []);
    this.from = new Uint32Array(room * this.key.length);
    this.to = new Uint32Array(room * this.key.length);
    this.data = new Uint32Array(room * this.value.length);
    this.verdicts = data?.kind === 'verdict' ? [] : undefined;
    this.places = new Int32Array(2 * room);
  }

  /** Columns for elements of `set`, all of them in one file; `undefined` if its elements do not fit. */
  static of(set: ColumnSet, room: number, file: FileId): TypedColumns | undefined {
    return fits(set) ? new TypedColumns(set, room, file) : undefined;
  }

  /** False if the element does not fit. */
  push({ span, parts, data, extras }: TypedElement): boolean {
    if (parts === 'catchall' || extras !== undefined || span.file !== this.file) return false;
    if (this.verdicts !== undefined) {
      if (data?.kind !== 'verdict') return false;
      this.verdicts.push(data);
    } else if (this.value.length > 0) {
      if (data?.kind !== 'value') return false;
      writeParts(this.data, this.length * this.value.length, this.value, data.parts, 'from');
    }
    writeParts(this.from, this.length * this.key.length, this.key, parts, 'from');
    writeParts(this.to, this.length * this.key.length, this.key, parts, 'to');
    this.finish(span.from, span.to);
    return true;
  }

  /** The element whose words have been written is there. */
  finish(from: number, to: number): void {
    const { length, key } = this;
    for (let at = length * key.length; at < (length + 1) * key.length; at++)
      if (this.from[at] !== this.to[at]) this.hasRanges = true;
    this.places[2 * length] = from;
    this.places[2 * length + 1] = to;
    this.length++;
  }

  spanAt(index: number): TypedElement['span'] {
    return { file: this.file, from: this.places[2 * index]!, to: this.places[2 * index + 1]! };
  }

  #at(index: number): TypedElement {
    const { key, value, from, to, data } = this;
    const parts = readParts(key, from, to, index);
    const verdict = this.verdicts?.[index];
    return {
      span: this.spanAt(index),
      parts,
      ...(verdict !== undefined && { data: verdict }),
      ...(value.length > 0 && {
        data: { kind: 'value', parts: readParts(value, data, data, index), interval: false },
      }),
    };
  }

  /** Some verdict names a chain. */
  get hasJumps(): boolean {
    return [...new Set(this.verdicts)].some(data => data.kind === 'verdict' && data.chain !== undefined);
  }

  /** The elements one by one; another list at each call. */
  list(): TypedElement[] {
    return Array.from({ length: this.length }, (_, index) => this.#at(index));
  }
}

function writeParts(
  words: Uint32Array,
  start: number,
  { widths }: WordLayout,
  parts: readonly KeyPart[],
  end: keyof KeyPart,
): void {
  let at = start;
  for (const [index, width] of widths.entries()) {
    writeWords(words, at, width, parts[index]![end]);
    at += width;
  }
}

function readParts(
  { widths, length }: WordLayout,
  from: Uint32Array,
  to: Uint32Array,
  index: number,
): readonly KeyPart[] {
  let at = index * length;
  return widths.map(width => {
    const part = { from: readWords(from, at, width), to: readWords(to, at, width) };
    at += width;
    return part;
  });
}

/** Elements of a set, as a list or as columns. */
export type TypedElements = readonly TypedElement[] | TypedColumns;

export const listOf = (elements: TypedElements): readonly TypedElement[] =>
  elements instanceof TypedColumns ? elements.list() : elements;
