// What commands leave of the elements of a named set.

import { SetFlag } from '../../model/set-flags.ts';
import type { Span } from '../../source/span.ts';
import type { SetExpression, VariableExpression } from '../nodes/index.ts';
import {
  type ContentSet,
  holdsFirst,
  isAll,
  isRangeSet,
  isWithin,
  merged,
  missingElement,
  withoutRange,
} from './content-ranges.ts';
import { failTimed } from './element-state.ts';
import { fail, refuse } from './failure.ts';
import type { TypedElement } from './typed.ts';
import { TypedColumns, type TypedElements } from './typed-columns.ts';

/** `destroy` is a `delete` of what may be missing, `create` an `add` of what must be. */
export interface ElementChange {
  readonly verb: 'add' | 'create' | 'delete' | 'destroy';
  readonly span: Span;
  readonly elements: SetExpression | VariableExpression;
}

/**
 * Elements that were there before the commands, those that the declaration in this run gave, and those that its commands
 * add. nft keeps its own account of a set of ranges. It sends elements of a declaration once more with the next command
 * on the set: what that takes away of them stays, and what it creates seems to exist.
 */
export interface Contents {
  readonly settled: readonly TypedElement[];
  readonly declared: readonly TypedElement[];
  readonly added: TypedElement[];
  /** A command has changed the elements since the declaration. */
  readonly isTouched: boolean;
  /** A command of this run took a part of a merged range away. */
  readonly isSplit: boolean;
}

/** All of a set that nothing else has changed; `place` is where they are as a list. */
export interface ColumnContents {
  readonly columns: TypedColumns;
  readonly place: 'settled' | 'declared' | 'added';
  readonly isTouched: boolean;
}

export type SetContents = Contents | ColumnContents;

/** As lists. */
export function listed(contents: SetContents): Contents {
  if (!('columns' in contents)) return contents;
  const { columns, place, isTouched } = contents;
  return { ...noContents(), [place]: columns.list(), isTouched };
}

export const noContents = (): Contents => ({
  settled: [],
  declared: [],
  added: [],
  isTouched: false,
  isSplit: false,
});

export function declaredContents(set: ContentSet, given: TypedElement[] | TypedColumns): SetContents {
  if (given instanceof TypedColumns)
    return { columns: given, place: isRangeSet(set) ? 'declared' : 'added', isTouched: false };
  return isRangeSet(set) ? { ...noContents(), declared: given } : { ...noContents(), added: given };
}

export function allElements(contents: SetContents): readonly TypedElement[] {
  const { settled, declared, added } = listed(contents);
  const parts = [settled, declared, added].filter(part => part.length > 0);
  return parts.length === 1 ? parts[0]! : parts.flat();
}

/** The same, as columns if they are that. */
export function keptElements(contents: SetContents): TypedElements {
  return 'columns' in contents ? contents.columns : allElements(contents);
}

/** What is there now was there before the commands that follow. */
export function settledContents(contents: SetContents): SetContents {
  if ('columns' in contents) return { ...contents, place: 'settled', isTouched: false };
  return { ...noContents(), settled: allElements(contents) };
}

/** The elements of `set` after `change`, which adds or takes away `given`. */
export function changeContents(
  set: ContentSet,
  before: SetContents,
  change: Pick<ElementChange, 'verb' | 'span'>,
  written: TypedElement[] | TypedColumns,
): SetContents {
  const contents = listed(before);
  if (written instanceof TypedColumns && change.verb === 'add' && isEmpty(contents))
    return { columns: written, place: 'added', isTouched: true };
  const given = written instanceof TypedColumns ? written.list() : written;
  if (contents.isSplit)
    return refuse(
      'unsupported-change',
      'a part of a merged range was taken away before, which nft does not follow',
      change.span,
    );
  switch (change.verb) {
    case 'create':
      checkNew(set, contents, given);
      checkTimed(set, contents, given);
      return withElements(contents, given);
    case 'add':
      checkTimed(set, contents, given);
      return withElements(contents, given);
    case 'delete':
    case 'destroy':
      if (isRangeSet(set)) return withoutRanges(set, contents, set.autoMerge ? merged(set, given) : given);
      if ((set.flags & SetFlag.interval) !== 0) return withoutAround(set, contents, change, given);
      return withoutElements(set, contents, change, given);
  }
}

/** All that is there, as a set that merges has it. */
export function mergedContents(set: ContentSet, contents: SetContents): SetContents {
  const place = listed(contents).settled.length > 0 ? 'settled' : 'added';
  return { ...noContents(), [place]: merged(set, allElements(contents)), isTouched: true };
}

const isEmpty = ({ settled, declared, added, isSplit }: Contents): boolean =>
  settled.length + declared.length + added.length === 0 && !isSplit;

/** The list of `contents` itself grows, so that many commands that add one element each stay cheap. */
function withElements(contents: Contents, given: TypedElement[]): Contents {
  if (contents.added.length === 0) return { ...contents, added: given, isTouched: true };
  for (const element of given) contents.added.push(element);
  return { ...contents, isTouched: true };
}

function keyOf({ parts }: TypedElement): string {
  return parts === 'catchall' ? '*' : parts.map(({ from, to }) => `${from}-${to}`).join('.');
}

/** Of a set that merges, what exists becomes one with what is new. */
function checkNew(set: ContentSet, contents: Contents, given: readonly TypedElement[]): void {
  const resent = isRangeSet(set) ? contents.declared[0] : undefined;
  if (resent !== undefined)
    fail(
      'duplicate-element',
      `\`${set.name}\` is declared with elements, which nft sends again`,
      resent.span,
    );
  const present = new Set(allElements(contents).map(keyOf));
  for (const element of given) {
    if (set.autoMerge && element.parts !== 'catchall') continue;
    const key = keyOf(element);
    if (present.has(key)) fail('duplicate-element', `\`${set.name}\` has this element already`, element.span);
    present.add(key);
  }
}

/** A time counts in a set without times, unless the element becomes one with what was there. */
function checkTimed(set: ContentSet, { settled }: Contents, given: readonly TypedElement[]): void {
  const hasTimes = (set.flags & SetFlag.timeout) !== 0;
  if (!set.autoMerge || !isRangeSet(set) || hasTimes || settled.length === 0) return;
  const timed = merged(set, given).filter(({ extras }) => extras?.timeout ?? extras?.expires);
  if (timed.length === 0) return;
  const known = merged(set, settled);
  const alone = timed.find(element => findElement(set, known, element) === undefined);
  if (alone !== undefined) failTimed(alone.span);
}

/** The one of `elements` that `wanted` is, or is in. */
export function findElement(
  set: ContentSet,
  elements: readonly TypedElement[],
  wanted: TypedElement,
): TypedElement | undefined {
  if (isRangeSet(set)) return elements.find(each => isWithin(set, each, wanted));
  if ((set.flags & SetFlag.interval) !== 0) return elements.find(each => holdsFirst(set, each, wanted));
  const key = keyOf(wanted);
  return elements.find(each => keyOf(each) === key);
}

function withoutElements(
  set: ContentSet,
  contents: Contents,
  { verb }: Pick<ElementChange, 'verb'>,
  given: readonly TypedElement[],
): Contents {
  const { settled, added } = contents;
  const left = new Set([...settled, ...added].map(keyOf));
  for (const element of given)
    if (!left.delete(keyOf(element)) && verb === 'delete') missingElement(set, element);
  const isLeft = (element: TypedElement): boolean => left.has(keyOf(element));
  return { ...contents, settled: settled.filter(isLeft), added: added.filter(isLeft) };
}

/** Of concatenated ranges the kernel takes away the first element that the first values of the given one are in. */
function withoutAround(
  set: ContentSet,
  contents: Contents,
  change: Pick<ElementChange, 'verb'>,
  given: readonly TypedElement[],
): Contents {
  let { settled, added } = contents;
  for (const element of given) {
    const holds = (each: TypedElement): boolean => holdsFirst(set, each, element);
    const gone = settled.find(holds) ?? added.find(holds);
    if (gone === undefined) {
      if (change.verb === 'delete') missingElement(set, element);
      continue;
    }
    // What was added twice is there once.
    const key = keyOf(gone);
    const isOther = (each: TypedElement): boolean => keyOf(each) !== key;
    [settled, added] = [settled.filter(isOther), added.filter(isOther)];
  }
  return { ...contents, settled, added };
}

/** What is taken away is there; what the declaration gave stays at the first time. */
function withoutRanges(set: ContentSet, contents: Contents, given: readonly TypedElement[]): Contents {
  const before = set.autoMerge ? withMerged(set, contents) : contents;
  let left: Contents = { ...before, isTouched: true };
  if (set.autoMerge && contents.isTouched && contents.declared.length > 0) requireWhole(set, contents, given);
  for (const element of given)
    left = isThere(set.autoMerge ? before : left, element)
      ? withoutExact(set, before, left, element)
      : withoutPart(set, left, element);
  return left;
}

/** What the declaration gave is sent again and again, which fails once a part of what it has merged to goes. */
function requireWhole(set: ContentSet, { declared, added }: Contents, given: readonly TypedElement[]): void {
  const ranges = merged(set, [...declared, ...added]);
  const keys = new Set(ranges.map(keyOf));
  for (const element of given) {
    if (keys.has(keyOf(element))) continue;
    const around = findElement(set, ranges, element);
    if (around === undefined) missingElement(set, element);
    // Of all values there is no end that nft could lose.
    if (isAll(set, around)) continue;
    refuse(
      'unsupported-change',
      'a part of a range that merged in a set which this run declares with elements: nft fails to take it away',
      element.span,
    );
  }
}

function withMerged(set: ContentSet, contents: Contents): Contents {
  const { settled, declared } = contents;
  return { ...contents, settled: merged(set, settled), declared: merged(set, declared) };
}

function isThere(contents: Contents, wanted: TypedElement): boolean {
  const key = keyOf(wanted);
  return allElements(contents).some(element => keyOf(element) === key);
}

/**
 * At the first time what the declaration gave stays: nft sends it once more. In a set that merges, what lies in the range goes
 * with it.
 */
function withoutExact(set: ContentSet, before: Contents, contents: Contents, gone: TypedElement): Contents {
  const key = keyOf(gone);
  if (!before.isTouched && before.declared.some(element => keyOf(element) === key)) return contents;
  const isLeft = (element: TypedElement): boolean =>
    set.autoMerge ? !isWithin(set, gone, element) : keyOf(element) !== key;
  return {
    ...contents,
    settled: contents.settled.filter(isLeft),
    declared: contents.declared.filter(isLeft),
    added: contents.added.filter(isLeft),
  };
}

function withoutPart(set: ContentSet, contents: Contents, gone: TypedElement): Contents {
  if (!set.autoMerge) return missingElement(set, gone);
  const { settled, declared, added } = contents;
  if (settled.length > 0 && added.length > 0)
    return refuse(
      'unsupported-change',
      'a part of ranges of which some were there before and some were added: nft does not follow this',
      gone.span,
    );
  if (settled.length > 0) return { ...contents, settled: withoutRange(set, settled, gone), isSplit: true };
  const left = withoutRange(set, [...declared, ...added], gone);
  return { ...contents, declared: [], added: [...left], isSplit: true };
}
