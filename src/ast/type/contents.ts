// What commands leave of the elements of a named set.

import { SetFlag } from '../../model/set-flags.ts';
import type { Span } from '../../source/span.ts';
import type { SetExpression, VariableExpression } from '../nodes/index.ts';
import { fail, refuse } from './failure.ts';
import type { KeyPart, TypedElement, TypedSet } from './typed.ts';

/** `destroy` is a `delete` of what may be missing, `create` an `add` of what must be. */
export interface ElementChange {
  readonly verb: 'add' | 'create' | 'delete' | 'destroy';
  readonly span: Span;
  readonly elements: SetExpression | VariableExpression;
}

/** What of a set decides how it changes. */
export type ContentSet = Pick<TypedSet, 'name' | 'flags' | 'keyParts' | 'autoMerge'>;

/** Elements that were there before the commands, and those that the commands add. */
export interface Contents {
  readonly settled: readonly TypedElement[];
  readonly added: TypedElement[];
}

export const noContents = (): Contents => ({ settled: [], added: [] });

export function allElements({ settled, added }: Contents): readonly TypedElement[] {
  return settled.length === 0 ? added : added.length === 0 ? settled : [...settled, ...added];
}

/** What is there now was there before the commands that follow. */
export function settledContents(contents: Contents): Contents {
  return { settled: allElements(contents), added: [] };
}

/** The elements of `set` after `change`, which adds or takes away `given`. */
export function changeContents(
  set: ContentSet,
  contents: Contents,
  change: Pick<ElementChange, 'verb' | 'span'>,
  given: TypedElement[],
): Contents {
  const elements = set.autoMerge && isRangeSet(set) ? merged(given) : given;
  switch (change.verb) {
    case 'create':
      checkNew(set, contents, elements);
      return withElements(contents, given);
    case 'add':
      return withElements(contents, given);
    case 'delete':
    case 'destroy':
      if (isRangeSet(set)) return withoutRanges(set, contents, change, elements);
      if ((set.flags & SetFlag.interval) !== 0) return withoutAround(set, contents, change, given);
      return withoutElements(set, contents, change, given);
  }
}

/** nft joins what meets in one command before it looks at what is there. */
function merged(given: readonly TypedElement[]): TypedElement[] {
  const rests = given.filter(({ parts }) => parts === 'catchall');
  const ranges = given.flatMap(element => {
    const range = rangeOf(element);
    return range === undefined ? [] : [{ ...element, range }];
  });
  ranges.sort((a, b) => (a.range.from < b.range.from ? -1 : a.range.from > b.range.from ? 1 : 0));
  const joined: (TypedElement & { readonly range: KeyPart })[] = [];
  for (const each of ranges) {
    const last = joined.at(-1);
    const meets = last !== undefined && each.range.from <= last.range.to + 1n;
    if (!meets) joined.push(each);
    else if (each.range.to > last.range.to) {
      const range = { from: last.range.from, to: each.range.to };
      joined[joined.length - 1] = { ...last, range, parts: [range] };
    }
  }
  return [...joined.map(({ range: _, ...element }) => element), ...rests];
}

/** The list of `contents` itself grows, so that many commands that add one element each stay cheap. */
function withElements({ settled, added }: Contents, given: TypedElement[]): Contents {
  if (added.length === 0) return { settled, added: given };
  for (const element of given) added.push(element);
  return { settled, added };
}

function isRangeSet({ flags, keyParts }: ContentSet): boolean {
  return (flags & SetFlag.interval) !== 0 && keyParts.length === 1;
}

function keyOf({ parts }: TypedElement): string {
  return parts === 'catchall' ? '*' : parts.map(({ from, to }) => `${from}-${to}`).join('.');
}

/** Of a set of ranges nft sends all elements of one run with each change: what it sent before is then found to exist. */
function checkNew(set: ContentSet, contents: Contents, given: readonly TypedElement[]): void {
  const resent = isRangeSet(set) ? contents.added[0] : undefined;
  if (resent !== undefined)
    fail(
      'duplicate-element',
      `\`${set.name}\` has been given elements before, which nft sends again`,
      resent.span,
    );
  const present = new Set(allElements(contents).map(keyOf));
  for (const element of given) {
    // Merging takes ranges away and adds them again, so that none is found to exist.
    if (set.autoMerge && element.parts !== 'catchall') continue;
    const key = keyOf(element);
    if (present.has(key)) fail('duplicate-element', `\`${set.name}\` has this element already`, element.span);
    present.add(key);
  }
}

function isIn(parts: TypedElement['parts'], wanted: TypedElement['parts']): boolean {
  if (parts === 'catchall' || wanted === 'catchall') return parts === wanted;
  return parts.every(({ from, to }, index) => {
    const first = wanted[index]!.from;
    return from <= first && first <= to;
  });
}

/** The one of `elements` that `wanted` is, or is in. */
export function findElement(
  { flags }: TypedSet,
  elements: readonly TypedElement[],
  wanted: TypedElement,
): TypedElement | undefined {
  if ((flags & SetFlag.interval) !== 0) return elements.find(each => isIn(each.parts, wanted.parts));
  const key = keyOf(wanted);
  return elements.find(each => keyOf(each) === key);
}

function withoutElements(
  set: ContentSet,
  { settled, added }: Contents,
  { verb }: Pick<ElementChange, 'verb'>,
  given: readonly TypedElement[],
): Contents {
  const left = new Set([...settled, ...added].map(keyOf));
  for (const element of given) if (!left.delete(keyOf(element)) && verb === 'delete') missing(set, element);
  const isLeft = (element: TypedElement): boolean => left.has(keyOf(element));
  return { settled: settled.filter(isLeft), added: added.filter(isLeft) };
}

/** Of concatenated ranges the kernel takes away the first element that the first values of the given one are in. */
function withoutAround(
  set: ContentSet,
  contents: Contents,
  change: Pick<ElementChange, 'verb' | 'span'>,
  given: readonly TypedElement[],
): Contents {
  let { settled, added } = contents;
  for (const element of given) {
    const holds = (each: TypedElement): boolean => isIn(each.parts, element.parts);
    const gone = settled.find(holds) ?? added.find(holds);
    if (gone === undefined && change.verb === 'delete') missing(set, element);
    const isOther = (each: TypedElement): boolean => each !== gone;
    [settled, added] = [settled.filter(isOther), added.filter(isOther)];
  }
  return { settled, added };
}

function missing(set: ContentSet, element: TypedElement): never {
  return fail('unknown-element', `\`${set.name}\` has no such element`, element.span);
}

/**
 * Of a set of ranges nft itself works out what is left, and in one run it sends those that it was given again: what is
 * taken away may stay. Nobody can mean that, so it is not imitated.
 */
function withoutRanges(
  set: ContentSet,
  { settled, added }: Contents,
  change: Pick<ElementChange, 'verb' | 'span'>,
  given: readonly TypedElement[],
): Contents {
  if (added.length > 0)
    return refuse(
      'unsupported-change',
      'of a set of ranges only elements that were there before can be taken away',
      change.span,
    );
  let left = settled;
  for (const element of given)
    left = set.autoMerge ? withoutRange(set, left, element) : withoutExact(set, left, element);
  return { settled: left, added };
}

function withoutExact(
  set: ContentSet,
  elements: readonly TypedElement[],
  gone: TypedElement,
): readonly TypedElement[] {
  const key = keyOf(gone);
  const left = elements.filter(element => keyOf(element) !== key);
  return left.length < elements.length ? left : missing(set, gone);
}

function rangeOf({ parts }: TypedElement): KeyPart | undefined {
  return parts === 'catchall' ? undefined : parts[0];
}

/** Merged ranges may be taken apart: all of what goes must be there. */
function withoutRange(
  set: ContentSet,
  elements: readonly TypedElement[],
  gone: TypedElement,
): readonly TypedElement[] {
  const range = rangeOf(gone);
  if (range === undefined) return withoutExact(set, elements, gone);
  if (!isCovered(range, elements)) return missing(set, gone);
  return elements.flatMap(element => {
    const own = rangeOf(element);
    if (own === undefined || own.to < range.from || own.from > range.to) return [element];
    const rest: TypedElement[] = [];
    if (own.from < range.from) rest.push({ ...element, parts: [{ from: own.from, to: range.from - 1n }] });
    if (own.to > range.to) rest.push({ ...element, parts: [{ from: range.to + 1n, to: own.to }] });
    return rest;
  });
}

function isCovered({ from, to }: KeyPart, elements: readonly TypedElement[]): boolean {
  const ranges = elements
    .flatMap(element => rangeOf(element) ?? [])
    .sort((a, b) => (a.from < b.from ? -1 : 1));
  let next = from;
  for (const range of ranges) if (range.from <= next && range.to >= next) next = range.to + 1n;
  return next > to;
}
