// Elements of named sets as ranges: what merges, what lies in what, what is left of a range when a part of it goes.

import { SetFlag } from '../../model/set-flags.ts';
import { isString } from './constants.ts';
import { fail, refuse } from './failure.ts';
import { bitMask, swapBytes } from './literal/number.ts';
import type { KeyPart, TypedElement, TypedSet } from './typed.ts';

/** What of a set decides how it changes. */
export type ContentSet = Pick<TypedSet, 'name' | 'flags' | 'keyParts' | 'autoMerge'>;

export function isRangeSet({ flags, keyParts }: ContentSet): boolean {
  return (flags & SetFlag.interval) !== 0 && keyParts.length === 1;
}

/** The first character of a string is its lowest byte, but weighs most in the order that the set has. */
const isTurned = ({ keyParts }: ContentSet): boolean => isString(keyParts[0]!.type);

function turn(set: ContentSet, { from, to }: KeyPart): KeyPart {
  const bytes = Math.ceil(set.keyParts[0]!.bits / 8);
  return { from: swapBytes(from, bytes), to: swapBytes(to, bytes) };
}

/** The range of an element in the order of the set; `undefined` for the catch-all element. */
export function rangeOf(set: ContentSet, { parts }: TypedElement): KeyPart | undefined {
  if (parts === 'catchall') return undefined;
  return isTurned(set) ? turn(set, parts[0]!) : parts[0];
}

/** `element` with another range. */
function withRange(set: ContentSet, element: TypedElement, range: KeyPart): TypedElement {
  return { ...element, parts: [isTurned(set) ? turn(set, range) : range] };
}

interface Ranged {
  readonly element: TypedElement;
  readonly range: KeyPart;
}

/** nft joins what meets in one command before it looks at what is there. */
export function merged(set: ContentSet, given: readonly TypedElement[]): TypedElement[] {
  const rests = given.filter(({ parts }) => parts === 'catchall');
  const ranges = given.flatMap((element): Ranged[] => {
    const range = rangeOf(set, element);
    return range === undefined ? [] : [{ element, range }];
  });
  ranges.sort((a, b) => (a.range.from < b.range.from ? -1 : a.range.from > b.range.from ? 1 : 0));
  const joined: Ranged[] = [];
  for (const each of ranges) {
    const last = joined.at(-1);
    const meets = last !== undefined && each.range.from <= last.range.to + 1n;
    if (!meets) joined.push(each);
    else if (each.range.to > last.range.to) {
      const range = { from: last.range.from, to: each.range.to };
      joined[joined.length - 1] = { range, element: withRange(set, last.element, range) };
    }
  }
  return [...joined.map(({ element }) => element), ...rests];
}

export function isWithin(set: ContentSet, outer: TypedElement, inner: TypedElement): boolean {
  const [around, range] = [rangeOf(set, outer), rangeOf(set, inner)];
  if (around === undefined || range === undefined) return around === range;
  return around.from <= range.from && range.to <= around.to;
}

/** True of the range from the first value to the last. */
export function isAll(set: ContentSet, element: TypedElement): boolean {
  const range = rangeOf(set, element);
  return range?.from === 0n && range.to === bitMask(set.keyParts[0]!.bits);
}

export function missingElement(set: ContentSet, element: TypedElement): never {
  return fail('unknown-element', `\`${set.name}\` has no such element`, element.span);
}

/** Merged ranges may be taken apart: all of what goes must be there. */
export function withoutRange(
  set: ContentSet,
  elements: readonly TypedElement[],
  gone: TypedElement,
): readonly TypedElement[] {
  const range = rangeOf(set, gone);
  if (range === undefined || !isCovered(set, range, elements)) return missingElement(set, gone);
  if (isTurned(set))
    return refuse(
      'unsupported-change',
      'a part of a pattern: what nft makes of the rest are no names any more',
      gone.span,
    );
  return elements.flatMap(element => {
    const own = rangeOf(set, element);
    if (own === undefined || own.to < range.from || own.from > range.to) return [element];
    const rest: TypedElement[] = [];
    if (own.from < range.from) rest.push(withRange(set, element, { from: own.from, to: range.from - 1n }));
    if (own.to > range.to) rest.push(withRange(set, element, { from: range.to + 1n, to: own.to }));
    return rest;
  });
}

function isCovered(set: ContentSet, { from, to }: KeyPart, elements: readonly TypedElement[]): boolean {
  const ranges = elements
    .flatMap(element => rangeOf(set, element) ?? [])
    .sort((a, b) => (a.from < b.from ? -1 : 1));
  let next = from;
  for (const range of ranges) if (range.from <= next && range.to >= next) next = range.to + 1n;
  return next > to;
}
