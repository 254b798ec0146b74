// The contents of a set, and its look-up (nft_set_hash.c, nft_set_rbtree.c, nft_set_pipapo.c), written for clearness:
// every look-up goes through the elements. Facts 38 to 41.

import { ElementFlag, type Elements, type IrSet, SetFlag, type Verdict } from '../ir.ts';
import { compareBytes } from './compare.ts';
import { createCell, type StatefulCell } from './state.ts';

export interface SetElement {
  readonly key: Uint8Array;
  /** Inclusive, in concatenated interval sets. */
  readonly keyEnd?: Uint8Array;
  readonly isIntervalEnd: boolean;
  readonly isCatchAll: boolean;
  readonly data?: Uint8Array;
  readonly verdict?: Verdict;
  readonly object?: string;
  /** What runs on every hit (fact 41). */
  readonly cells: readonly StatefulCell[];
  /** Jiffies at which it expires; absent: never. */
  expires?: bigint;
  /** Set if the element carries what the evaluator does not model. */
  readonly unmodelled?: string;
}

export interface SetContents {
  readonly set: IrSet;
  /** In the order of insertion. Rules add and remove. */
  readonly elements: SetElement[];
  /** Elements that rules removed: until garbage is collected they take room. */
  removed: number;
}

function slice(column: Uint8Array | undefined, index: number, length: number): Uint8Array | undefined {
  return column?.subarray(index * length, (index + 1) * length);
}

/** An element's own expressions; those of the set's declaration where it has none. */
function elementCells(set: IrSet, index: number): Pick<SetElement, 'cells' | 'unmodelled'> {
  const extra = set.elements.extras?.get(index);
  const expressions = extra?.expressions ?? set.expressions ?? [];
  const cells = expressions.map(createCell).filter(cell => cell !== undefined);
  const times = extra?.timeout !== undefined || extra?.expires !== undefined || set.timeout !== undefined;
  if (times) return { cells, unmodelled: 'element timeouts are not modelled' };
  const isWhole = cells.length === expressions.length;
  return isWhole ? { cells } : { cells, unmodelled: "an element's statement is not modelled" };
}

function elementAt(set: IrSet, index: number): SetElement {
  const { elements, keyLength } = set;
  const flags = elements.flags[index] ?? 0;
  const keyEnd = slice(elements.keyEnds, index, keyLength);
  const data =
    set.data?.kind === 'value'
      ? slice(elements.data, index, paddedLength(set.data.length, elements))
      : undefined;
  const verdict = elements.verdicts?.[index];
  const object = elements.objects?.[index];
  return {
    key: slice(elements.keys, index, keyLength)!,
    ...(keyEnd && { keyEnd }),
    isIntervalEnd: (flags & ElementFlag.intervalEnd) !== 0,
    isCatchAll: (flags & ElementFlag.catchall) !== 0,
    ...(data && { data }),
    ...(verdict && { verdict }),
    ...(object !== undefined && { object }),
    ...elementCells(set, index),
  };
}

/** Bytes a data value takes in its column: `dataLength`, as `Elements` says. */
function paddedLength(length: number, { data, count }: Elements): number {
  return data && count > 0 ? data.length / count : length;
}

export function createSetContents(set: IrSet): SetContents {
  const elements = Array.from({ length: set.elements.count }, (_, index) => elementAt(set, index));
  return { set, elements, removed: 0 };
}

/**
 * Single-field intervals: half-open pairs [start, end). The last bound at or below the key decides; where an interval
 * ends and the next starts at the same value, that is the start.
 */
function findInterval(elements: readonly SetElement[], key: Uint8Array): SetElement | undefined {
  let last: SetElement | undefined;
  for (const element of elements) {
    if (element.isCatchAll || compareBytes(element.key, key) > 0) continue;
    const order = last ? compareBytes(element.key, last.key) : 1;
    if (order > 0 || (order === 0 && last?.isIntervalEnd)) last = element;
  }
  return last?.isIntervalEnd ? undefined : last;
}

/** Concatenated ranges: each part between both its ends. The first inserted of those that match wins (fact 38). */
function findConcatenated({ set, elements }: SetContents, key: Uint8Array): SetElement | undefined {
  return elements.find(element => !element.isCatchAll && isInRanges(set, element, key));
}

function isInRanges(set: IrSet, element: SetElement, key: Uint8Array): boolean {
  const { key: from, keyEnd: to = from } = element;
  let start = 0;
  return set.keyParts.every(({ length }, index) => {
    const compared = set.fieldLengths?.[index] ?? length;
    const part = (bytes: Uint8Array) => bytes.subarray(start, start + compared);
    const isInside = compareBytes(part(key), part(from)) >= 0 && compareBytes(part(key), part(to)) <= 0;
    start += Math.ceil(length / 4) * 4;
    return isInside;
  });
}

function findExact(elements: readonly SetElement[], key: Uint8Array): SetElement | undefined {
  return elements.find(element => !element.isCatchAll && compareBytes(element.key, key) === 0);
}

function findByKey(contents: SetContents, key: Uint8Array): SetElement | undefined {
  const { set, elements } = contents;
  if ((set.flags & SetFlag.interval) === 0) return findExact(elements, key);
  return set.elements.keyEnds || set.keyParts.length > 1
    ? findConcatenated(contents, key)
    : findInterval(elements, key);
}

/** Of elements that expire, which have exact keys, only those that have not count. */
function findLive({ elements }: SetContents, key: Uint8Array, now: bigint): SetElement | undefined {
  return elements.find(
    ({ isCatchAll, key: own, expires }) =>
      !isCatchAll && compareBytes(own, key) === 0 && (expires === undefined || now < expires),
  );
}

/**
 * The element that a look-up hits; the catch-all element is asked only after a miss (fact 40). `now` in jiffies: only
 * elements that rules added with a timeout ask for it.
 */
export function findElement(
  contents: SetContents,
  key: Uint8Array,
  now: bigint | undefined,
): SetElement | undefined {
  const hasTimes = contents.elements.some(({ expires }) => expires !== undefined);
  const found = hasTimes ? findLive(contents, key, now ?? 0n) : findByKey(contents, key);
  return found ?? contents.elements.find(element => element.isCatchAll);
}
