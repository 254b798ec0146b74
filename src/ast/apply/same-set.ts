// A set that is declared again: the kernel takes a second declaration if it says the same of what cannot change, and
// takes over what can.

import { SetFlag } from '../../model/set-flags.ts';
import type { Diagnostic } from '../../source/diagnostic.ts';
import { merged, rangeOf } from '../type/content-ranges.ts';
import { allElements, listed, type SetContents } from '../type/contents.ts';
import { fail } from '../type/failure.ts';
import type { OpenSet } from '../type/scope.ts';
import type { KeyPart, TypedPart, TypedSet } from '../type/typed.ts';
import type { Reading, SetState, TableState } from './table-state.ts';

function typeText(parts: readonly TypedPart[]): string {
  return parts.map(({ type, bits }) => `${type.name} of ${bits} bits`).join(' . ');
}

function dataText({ data }: TypedSet): string {
  if (data === undefined) return 'nothing';
  if (data.kind === 'object') return `objects of type ${data.objectType}`;
  return data.kind === 'verdict' ? 'verdicts' : typeText(data.parts);
}

const flagNames = Object.entries(SetFlag);

function flagsText({ flags }: Pick<TypedSet, 'flags'>): string {
  return (
    flagNames
      .filter(([, bit]) => (flags & bit) !== 0)
      .map(([name]) => name)
      .join(', ') || 'none'
  );
}

function statementsText({ statements }: TypedSet): string {
  return statements.map(statement => statement.kind).join(', ') || 'none';
}

type Property = readonly [name: string, read: (of: TypedSet) => string];

const properties: readonly Property[] = [
  ['key type', ({ keyParts }) => typeText(keyParts)],
  ['data', dataText],
  ['flags', flagsText],
  ['statements', statementsText],
];

/**
 * nft adds to a second declaration that rules may add elements (`dynamic`), if it knows so of the first; what the kernel
 * has is what was declared before this run, or what the first declaration comes to in the end.
 */
function withKnownFlags(known: OpenSet, given: TypedSet, reads: boolean): readonly [OpenSet, TypedSet] {
  const isKnown = reads || known.settledFlags === undefined;
  const flags = given.flags | (isKnown ? known.flags & SetFlag.eval : 0);
  return [
    { ...known, flags: known.settledFlags ?? known.flags },
    { ...given, flags },
  ];
}

/** Fails at the second declaration, with both values of the first property that differs. */
function checkSameSet(known: TypedSet, given: TypedSet): void {
  for (const [name, read] of properties) {
    const before = read(known);
    const now = read(given);
    if (before === now) continue;
    const message = `set \`${given.name}\` exists with ${name} ${before}, not ${now}`;
    fail('set-differs', message, given.span, {
      notes: [{ message: 'declared here', span: known.span }],
    });
  }
}

/**
 * A set of this name that `flush ruleset` took away, while nft remembers it: its types, and its ranges, count for the new
 * one. Whether the ranges of both overlap is seen where those of sets are.
 */
export function checkRemembered(table: TableState, known: SetState, set: SetState, given: TypedSet): void {
  if (known.typed === undefined) return;
  checkSameTypes(known.typed, given);
  const elements = [...allElements(known.contents), ...allElements(set.contents)];
  if ((given.flags & SetFlag.interval) === 0 || given.keyParts.length > 1 || given.autoMerge) return;
  const { size: _size, ...kept } = given;
  table.shared.discarded.sets.push({ ...kept, elements });
}

/**
 * What a second declaration without `auto-merge` gives must not meet what is there, as it would in a set that does not merge.
 * `change` adds it.
 */
export function withoutMerging(
  { shared }: TableState,
  set: SetState,
  given: TypedSet,
  change: () => void,
): void {
  const before = allElements(set.contents);
  change();
  const known = new Set(before);
  const elements = [
    ...merged(given, before),
    ...allElements(set.contents).filter(element => !known.has(element)),
  ];
  const { size: _size, ...kept } = given;
  shared.discarded.sets.push({ ...kept, elements });
}

/**
 * What a second declaration of a set that merges gives is sent as it is, while the set has its ranges in the kernel already:
 * each must be there, or away from all, or begin outside and end where one ends.
 */
export function checkResent(typed: TypedSet, set: SetState, before: SetContents): void {
  const settled = merged(typed, listed(before).settled);
  if (settled.length === 0) return;
  const known = new Set(allElements(before));
  const given = merged(
    typed,
    allElements(set.contents).filter(element => !known.has(element)),
  );
  for (const element of given) {
    const range = rangeOf(typed, element);
    if (
      range !== undefined &&
      !settled.flatMap(each => rangeOf(typed, each) ?? []).every(each => isTaken(range, each))
    )
      fail('conflicting-intervals', `a part of this is in \`${set.name}\` already`, element.span);
  }
}

function isTaken(given: KeyPart, known: KeyPart): boolean {
  if (given.to < known.from || given.from > known.to) return true;
  return given.to === known.to && given.from <= known.from;
}

function checkSameTypes(known: TypedSet, given: TypedSet): void {
  const lacksRanges = (given.flags & SetFlag.interval) !== 0 && (known.flags & SetFlag.interval) === 0;
  const isSame = typeText(known.keyParts) === typeText(given.keyParts) && dataText(known) === dataText(given);
  if (isSame && !lacksRanges) return;
  const message = `set \`${given.name}\` was declared otherwise before \`flush ruleset\`, which nft does not forget`;
  fail('set-differs', message, given.span, { notes: [{ message: 'declared here', span: known.span }] });
}

/** A rule behind the second declaration has made the first a dynamic one. */
export function checkTaken({ name, flags, span, takenAsFixed }: OpenSet): readonly Diagnostic[] {
  if (takenAsFixed === undefined || (flags & SetFlag.eval) === 0) return [];
  const message = `set \`${name}\` exists with flag dynamic, because a rule adds to it`;
  const notes = [{ message: 'declared here', span }];
  return [{ code: 'set-differs', severity: 'error', message, span: takenAsFixed, notes }];
}

/** The size is kept where none is given; the times are not. Everything else stays as it was. */
export function declareAgain(known: OpenSet, given: TypedSet, { readsSets }: Reading): void {
  const [before, now] = withKnownFlags(known, given, readsSets);
  checkSameSet(before, now);
  if (known.settledFlags === undefined && (now.flags & SetFlag.eval) === 0) known.takenAsFixed = given.span;
  delete known.timeout;
  delete known.gcInterval;
  known.capacity ??= known.size ?? Number.POSITIVE_INFINITY;
  const { size, timeout, gcInterval } = given;
  Object.assign(
    known,
    size !== undefined && { size },
    timeout !== undefined && { timeout },
    gcInterval !== undefined && { gcInterval },
  );
}
