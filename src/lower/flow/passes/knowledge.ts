// What is known of fields on an edge: which values are still possible, which sources are there and which are not. Kept
// small: at most `mostFields` fields, each as at most `mostRanges` ranges.

import { type Field, sourceKey } from '../field.ts';
import type { Effect, Node, NodeId } from '../graph.ts';
import { maximum, type Range, union } from '../values.ts';

const mostFields = 12;
const mostRanges = 8;

export interface Knowledge {
  /** Possible values by field key. */
  readonly values: ReadonlyMap<string, readonly Range[]>;
  /** By source key: whether the load gives a value. */
  readonly presence: ReadonlyMap<string, boolean>;
  /** Equal knowledge, equal text. */
  readonly text: string;
}

function rangesText(ranges: readonly Range[]): string {
  return ranges.map(({ low, high }) => `${low}-${high}`).join(',');
}

function make(
  values: ReadonlyMap<string, readonly Range[]>,
  presence: ReadonlyMap<string, boolean>,
): Knowledge {
  const texts = [
    ...[...values].map(([key, ranges]) => `${key}=${rangesText(ranges)}`),
    ...[...presence].map(([key, isThere]) => `${key}?${isThere}`),
  ];
  return { values, presence, text: texts.sort().join(';') };
}

export const ignorance: Knowledge = make(new Map(), new Map());

/** Values that an effect of the same rule left are never known: another packet's run of the rule writes them anew. */
function isKnowable(field: Field): boolean {
  return field.source.from !== 'slot' && field.source.from !== 'constant';
}

function shortened<T>(map: Map<string, T>): Map<string, T> {
  while (map.size > mostFields) map.delete(map.keys().next().value!);
  return map;
}

/** Math.max takes no bigints. */
function larger(a: bigint, b: bigint): bigint {
  return [a, b].reduce((x, y) => (x < y ? y : x));
}

/** Common part of two lists of ranges. */
export function intersection(a: readonly Range[], b: readonly Range[]): Range[] {
  const result: Range[] = [];
  for (let i = 0, j = 0; i < a.length && j < b.length; ) {
    const low = larger(a[i]!.low, b[j]!.low);
    const high = -larger(-a[i]!.high, -b[j]!.high);
    if (low <= high) result.push({ low, high });
    if (a[i]!.high < b[j]!.high) i++;
    else j++;
  }
  return result;
}

export function possibleValues(knowledge: Knowledge, field: Field): readonly Range[] {
  return knowledge.values.get(field.key) ?? [{ low: 0n, high: maximum(field.length) }];
}

/** The field was loaded, and its value is one of `ranges`. */
export function withValue(knowledge: Knowledge, field: Field, ranges: readonly Range[]): Knowledge {
  if (!isKnowable(field)) return knowledge;
  const presence = shortened(new Map(knowledge.presence).set(sourceKey(field.source), true));
  if (ranges.length > mostRanges || ranges.length === 0) return make(knowledge.values, presence);
  const values = new Map(knowledge.values);
  values.delete(field.key);
  return make(shortened(values.set(field.key, ranges)), presence);
}

export function withPresence(knowledge: Knowledge, fields: readonly Field[], isThere: boolean): Knowledge {
  const presence = new Map(knowledge.presence);
  for (const field of fields) if (isKnowable(field)) presence.set(sourceKey(field.source), isThere);
  return make(knowledge.values, shortened(presence));
}

/** What is known whichever of the two edges was taken. */
export function common(a: Knowledge | undefined, b: Knowledge): Knowledge {
  if (a === undefined || a.text === b.text) return b;
  const values = new Map<string, readonly Range[]>();
  for (const [key, ranges] of a.values) {
    const other = b.values.get(key);
    const both = other && union([...ranges, ...other]);
    if (both && both.length <= mostRanges) values.set(key, both);
  }
  const presence = new Map([...a.presence].filter(([key, isThere]) => b.presence.get(key) === isThere));
  return make(values, presence);
}

/** Forgets what an effect may have changed. */
export function afterEffect(knowledge: Knowledge, effect: Effect): Knowledge {
  if (effect.do !== 'set_meta') return knowledge;
  const written = `meta ${effect.key}`;
  const values = new Map(
    [...knowledge.values].filter(([key]) => key !== written && !key.startsWith(`${written} `)),
  );
  return make(values, knowledge.presence);
}

/** Where a node leads for certain; undefined if that depends on the packet. */
export function decided(node: Node, knowledge: Knowledge): NodeId | undefined {
  if (node.kind === 'present') return decidedPresence(node, knowledge);
  if (node.kind !== 'switch') return undefined;
  const isThere = knowledge.presence.get(sourceKey(node.field.source));
  if (isThere === false) return node.absent;
  const possible = knowledge.values.get(node.field.key);
  if (possible === undefined || isThere === undefined) return undefined;
  return onlyTarget(node, possible);
}

function decidedPresence(
  { fields, next, absent }: Extract<Node, { kind: 'present' }>,
  { presence }: Knowledge,
): NodeId | undefined {
  const known = fields.map(field => presence.get(sourceKey(field.source)));
  if (known.includes(false)) return absent;
  return known.every(isThere => isThere === true) ? next : undefined;
}

/** The target of all possible values, if they have one. */
function onlyTarget(
  { arms, otherwise }: Extract<Node, { kind: 'switch' }>,
  possible: readonly Range[],
): NodeId | undefined {
  let target: NodeId | undefined;
  for (const range of possible) {
    let from = range.low;
    for (const arm of arms) {
      if (arm.high < from) continue;
      if (arm.low > range.high) break;
      if (arm.low > from && !agree(otherwise)) return undefined;
      if (!agree(arm.to)) return undefined;
      from = arm.high + 1n;
    }
    if (from <= range.high && !agree(otherwise)) return undefined;
  }
  return target;

  function agree(to: NodeId): boolean {
    target ??= to;
    return target === to;
  }
}
