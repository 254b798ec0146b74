// What the kernel refuses to insert: another element of the same key with other data, and a concatenated range that
// begins or ends inside one inserted before it. The same element twice is no error.

import type { ContentItem, KeyRange } from './contents.ts';
import type { Conflict } from './contents-intervals.ts';
import { type Layout, orderedValue } from './contents-layout.ts';

function dataText(item: ContentItem): string {
  const { data } = item;
  if (data === undefined) return '';
  if (data.kind === 'object') return `object ${data.name}`;
  if (data.kind === 'verdict') return `${data.verdict} ${data.chain ?? ''}`;
  return data.parts.map(part => `${part.from}-${part.to}`).join('.');
}

function keyText(item: ContentItem): string {
  if (item.parts === 'catchall') return '*';
  return item.parts
    .map(part => (part.from === part.to ? `${part.from}` : `${part.from}-${part.to}`))
    .join('.');
}

/** Only maps can conflict so: the elements of a set have nothing that could differ. */
export function findOtherData(items: readonly ContentItem[]): Conflict | undefined {
  const known = new Map<string, number>();
  for (const [index, item] of items.entries()) {
    if (item.data === undefined) continue;
    const key = keyText(item);
    const before = known.get(key);
    if (before === undefined) known.set(key, index);
    else if (dataText(items[before]!) !== dataText(item)) return { first: before, second: index };
  }
  return undefined;
}

/** A concatenation of ranges. */
export interface Box {
  /** As the kernel compares them: bytes of memory, the first one most significant. */
  readonly parts: readonly KeyRange[];
  readonly index: number;
}

/** What is inserted a second time is found to be there before anything else is looked at. */
function toBoxes(items: readonly ContentItem[], layout: Layout): readonly Box[] {
  const known = new Set<string>();
  return items.flatMap((item, index) => {
    const { parts } = item;
    const key = keyText(item);
    if (parts === 'catchall' || known.has(key)) return [];
    known.add(key);
    const ordered = parts.map(({ from, to }, at) => {
      const part = layout.parts[at]!;
      const unseen = BigInt(8 * (part.part.length - part.fieldLength));
      return { from: orderedValue(part, from) >> unseen, to: orderedValue(part, to) >> unseen };
    });
    return [{ parts: ordered, index }];
  });
}

function contains(box: Box, other: Box, corner: 'from' | 'to'): boolean {
  return box.parts.every(({ from, to }, at) => {
    const value = other.parts[at]![corner];
    return from <= value && value <= to;
  });
}

/** Whether `later`, inserted after `earlier`, is refused for it. */
function clashes(earlier: Box, later: Box): boolean {
  return contains(earlier, later, 'from') || contains(earlier, later, 'to');
}

/** The part that tells most elements apart. */
function sweepPart(boxes: readonly Box[]): number {
  const count = boxes[0]?.parts.length ?? 0;
  const distinct = Array.from(
    { length: count },
    (_, at) => new Set(boxes.map(box => box.parts[at]!.from)).size,
  );
  return distinct.indexOf(Math.max(...distinct));
}

const order = (a: bigint, b: bigint): number => (a < b ? -1 : a > b ? 1 : 0);

/**
 * Pairs that share values in one part, the one inserted earlier first. A sweep along the part meets few of them unless most
 * elements have wide ranges in every part.
 */
export function* sharingPairs<T extends Box>(
  boxes: readonly T[],
): Generator<readonly [earlier: T, later: T]> {
  const at = sweepPart(boxes);
  const sorted = [...boxes].sort((a, b) => order(a.parts[at]!.from, b.parts[at]!.from));
  let active: readonly T[] = [];
  for (const box of sorted) {
    const start = box.parts[at]!.from;
    active = active.filter(other => other.parts[at]!.to >= start);
    for (const other of active) yield other.index < box.index ? [other, box] : [box, other];
    active = [...active, box];
  }
}

/** The first clash in order of insertion. */
export function findRangeClash(items: readonly ContentItem[], layout: Layout): Conflict | undefined {
  let found: Conflict | undefined;
  for (const [earlier, later] of sharingPairs(toBoxes(items, layout))) {
    if (found !== undefined && later.index >= found.second) continue;
    if (clashes(earlier, later)) found = { first: earlier.index, second: later.index };
  }
  return found;
}
