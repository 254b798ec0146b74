// Intervals of one field: sorted, checked, merged, and cut into the half-open pairs that nf_tables keeps. The rules are
// nft 1.1.7's:
// - anonymous sets and sets with auto-merge: what overlaps, touches or repeats becomes one interval
// - all other sets, and maps of any kind: an overlap is an error, except that the same interval may be written twice
// - an end element follows each interval, unless it ends at the maximum, or (anonymous maps) the next one follows at once
// - the first element is an end at zero, unless an interval starts there
// - the catch-all element is sorted as if it were the maximum

/** Both ends included. `source`: index of the element that the interval (or its first part, where merged) came from. */
export interface Interval {
  readonly from: bigint;
  readonly to: bigint;
  readonly source: number;
  /** Stands for no value; both ends are the maximum, for its place among the others. */
  readonly catchall: boolean;
}

/** Two elements that may not stand in one set; `second` is the one that sorts later. */
export interface Conflict {
  readonly first: number;
  readonly second: number;
}

export interface Point {
  readonly value: bigint;
  readonly source: number;
  readonly kind: 'start' | 'end' | 'catchall';
}

function sortIntervals(intervals: readonly Interval[]): readonly Interval[] {
  return [...intervals].sort((a, b) => (a.from < b.from ? -1 : a.from > b.from ? 1 : 0));
}

/** Neighbours in sorted order that share values without being the same. */
export function findOverlap(intervals: readonly Interval[]): Conflict | undefined {
  const sorted = sortIntervals(intervals.filter(interval => !interval.catchall));
  for (let index = 1; index < sorted.length; index++) {
    const before = sorted[index - 1]!;
    const after = sorted[index]!;
    const same = before.from === after.from && before.to === after.to;
    if (!same && after.from <= before.to) return { first: before.source, second: after.source };
  }
  return undefined;
}

function mergeSorted(sorted: readonly Interval[]): readonly Interval[] {
  const merged: Interval[] = [];
  let last = -1;
  for (const interval of sorted) {
    const before = merged[last];
    if (interval.catchall) merged.push(interval);
    else if (before === undefined || interval.from > before.to + 1n) last = merged.push(interval) - 1;
    else if (interval.to > before.to) merged[last] = { ...before, to: interval.to };
  }
  return merged;
}

/** Sorted; `merge` joins what overlaps or touches. */
export function arrange(intervals: readonly Interval[], merge: boolean): readonly Interval[] {
  const sorted = sortIntervals(intervals);
  return merge ? mergeSorted(sorted) : sorted;
}

/** `maximum`: the largest value of the field. `joinNeighbours`: no end where the next interval begins. */
export function toPoints(
  intervals: readonly Interval[],
  maximum: bigint,
  joinNeighbours: boolean,
): readonly Point[] {
  const points: Point[] = [];
  const first = intervals.find(interval => !interval.catchall);
  if (first !== undefined && first.from !== 0n) points.push({ value: 0n, source: first.source, kind: 'end' });
  for (const [index, { from, to, source, catchall }] of intervals.entries()) {
    points.push({ value: from, source, kind: catchall ? 'catchall' : 'start' });
    const next = intervals[index + 1];
    const isJoined = joinNeighbours && next?.catchall === false && next.from === to + 1n;
    if (!catchall && !isJoined && to !== maximum) points.push({ value: to + 1n, source, kind: 'end' });
  }
  return points;
}
