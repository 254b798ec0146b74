// Sets that a rule makes for itself: `{ … }` in a match, a map or a verdict map.

import type { Datatype } from '../../model/datatype.ts';
import { SetFlag } from '../../model/set-flags.ts';
import type { Span } from '../../source/span.ts';
import type { Evaluation } from './evaluation.ts';
import type { OpenSet } from './scope.ts';
import type { TypedElement, TypedMapData, TypedPart } from './typed.ts';

export interface AnonymousSet {
  readonly keyType: Datatype;
  readonly keyParts: readonly TypedPart[];
  readonly data?: TypedMapData;
  readonly elements: readonly TypedElement[];
  /** Some element is a range or prefix. */
  readonly interval?: boolean;
  readonly span: Span;
}

function nameOf(data: TypedMapData | undefined): string {
  if (data === undefined) return '__set%d';
  return data.kind === 'object' ? '__objmap%d' : '__map%d';
}

/** What kind of map the data makes of a set. */
export function dataFlags(data: TypedMapData | undefined): number {
  if (data === undefined) return 0;
  return data.kind === 'object' ? SetFlag.object : SetFlag.map;
}

/** Flags of a set of intervals: those of several parts are searched in another way. */
export function intervalFlags(interval: boolean, parts: number): number {
  if (!interval) return 0;
  return parts > 1 ? SetFlag.interval | SetFlag.concat : SetFlag.interval;
}

/** Adds the set to the table. */
export function makeAnonymousSet(evaluation: Evaluation, facts: AnonymousSet): OpenSet {
  const { keyType, keyParts, data, elements, interval = false, span } = facts;
  const flags =
    SetFlag.anonymous | SetFlag.constant | dataFlags(data) | intervalFlags(interval, keyParts.length);
  const set: OpenSet = {
    id: evaluation.table.ordinals.set(),
    name: nameOf(data),
    span,
    keyType,
    keyParts,
    ...(data !== undefined && { data }),
    flags,
    autoMerge: interval && keyParts.length === 1,
    statements: [],
    elements,
  };
  return evaluation.table.addAnonymous(set);
}
