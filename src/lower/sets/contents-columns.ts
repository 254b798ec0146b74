// Columns of elements, grown one element at a time and cut to size at the end.

import type { Span } from '../../source/span.ts';
import { ElementFlag, type Elements, type Verdict } from '../linear/ir.ts';
import type { ContentItem, ElementExtras, ItemData, KeyRange, SetShape } from './contents.ts';
import { type Layout, writePart } from './contents-layout.ts';

class ByteColumn {
  readonly #width: number;
  #bytes: Uint8Array<ArrayBuffer>;

  constructor(width: number) {
    this.#width = width;
    this.#bytes = new Uint8Array(width * 16);
  }

  /** Room for element `index`, and where it starts. */
  reserve(index: number): { readonly bytes: Uint8Array; readonly start: number } {
    const start = index * this.#width;
    if (start + this.#width > this.#bytes.length) {
      const grown = new Uint8Array(this.#bytes.length * 2);
      grown.set(this.#bytes);
      this.#bytes = grown;
    }
    return { bytes: this.#bytes, start };
  }

  finish(count: number): Uint8Array {
    return this.#bytes.slice(0, count * this.#width);
  }
}

export function verdictOf(data: ItemData & { readonly kind: 'verdict' }): Verdict {
  const { verdict, chain } = data;
  if (verdict === 'jump' || verdict === 'goto') return { kind: verdict, chain: chain ?? '' };
  return { kind: verdict };
}

export class ColumnWriter {
  readonly key: Layout;
  readonly #data: Layout | undefined;
  readonly #keys: ByteColumn;
  readonly #keyEnds: ByteColumn | undefined;
  readonly #dataColumn: ByteColumn | undefined;
  readonly #isDataInterval: boolean;
  readonly #flags: number[] = [];
  readonly #verdicts: (Verdict | undefined)[] | undefined;
  readonly #objects: (string | undefined)[] | undefined;
  readonly #extras = new Map<number, ElementExtras>();
  readonly #spans: Span[] = [];

  constructor(key: Layout, data: Layout | undefined, shape: SetShape) {
    this.key = key;
    this.#data = data;
    this.#keys = new ByteColumn(key.length);
    this.#keyEnds = shape.interval && shape.parts.length > 1 ? new ByteColumn(key.length) : undefined;
    this.#dataColumn = data === undefined ? undefined : new ByteColumn(data.length);
    this.#isDataInterval = shape.data?.kind === 'value' && shape.data.interval;
    this.#verdicts = shape.data?.kind === 'verdict' ? [] : undefined;
    this.#objects = shape.data?.kind === 'object' ? [] : undefined;
  }

  #writeKey(column: ByteColumn, values: readonly bigint[]): void {
    const { bytes, start } = column.reserve(this.#flags.length);
    for (const [index, part] of this.key.parts.entries()) writePart(bytes, start, part, values[index]!);
  }

  #writeValues(parts: readonly KeyRange[]): void {
    if (this.#data === undefined || this.#dataColumn === undefined) return;
    const values = parts.map(part => part.from);
    if (this.#isDataInterval) values.push(...parts.map(part => part.to));
    const { bytes, start } = this.#dataColumn.reserve(this.#flags.length);
    for (const [index, part] of this.#data.parts.entries()) writePart(bytes, start, part, values[index]!);
  }

  #writeData(data: ItemData | undefined): void {
    this.#dataColumn?.reserve(this.#flags.length);
    if (data?.kind === 'value') this.#writeValues(data.parts);
    this.#verdicts?.push(data?.kind === 'verdict' ? verdictOf(data) : undefined);
    this.#objects?.push(data?.kind === 'object' ? data.name : undefined);
  }

  #finishElement(item: ContentItem, flags: number): void {
    this.#writeData(flags === ElementFlag.intervalEnd ? undefined : item.data);
    if (item.extras !== undefined && flags !== ElementFlag.intervalEnd) {
      this.#extras.set(this.#flags.length, item.extras);
    }
    this.#spans.push(item.span);
    this.#flags.push(flags);
  }

  /** An element as it is: a key, in concatenations of ranges with its end, or the catch-all. */
  writeItem(item: ContentItem): void {
    this.#keys.reserve(this.#flags.length);
    this.#keyEnds?.reserve(this.#flags.length);
    if (item.parts === 'catchall') {
      this.#finishElement(item, ElementFlag.catchall);
      return;
    }
    this.#writeKey(
      this.#keys,
      item.parts.map(part => part.from),
    );
    if (this.#keyEnds !== undefined)
      this.#writeKey(
        this.#keyEnds,
        item.parts.map(part => part.to),
      );
    this.#finishElement(item, 0);
  }

  /** One end of an interval; `value` is already big-endian. */
  writePoint(value: bigint, item: ContentItem, end: boolean): void {
    const { bytes, start } = this.#keys.reserve(this.#flags.length);
    writePart(bytes, start, { ...this.key.parts[0]!, littleEndian: false }, value);
    this.#finishElement(item, end ? ElementFlag.intervalEnd : 0);
  }

  finish(): Elements {
    const count = this.#flags.length;
    return {
      count,
      keys: this.#keys.finish(count),
      flags: Uint8Array.from(this.#flags),
      spans: this.#spans,
      ...(this.#keyEnds !== undefined && { keyEnds: this.#keyEnds.finish(count) }),
      ...(this.#dataColumn !== undefined && { data: this.#dataColumn.finish(count) }),
      ...(this.#verdicts !== undefined && { verdicts: this.#verdicts }),
      ...(this.#objects !== undefined && { objects: this.#objects }),
      ...(this.#extras.size > 0 && { extras: this.#extras }),
    };
  }
}
