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

/** A part of a key in the order of the set: the first character of a string is its lowest byte, but weighs most. */
function inOrder({ keyParts }: ContentSet, { from, to }: KeyPart, index = 0): KeyPart {
  const { type, bits } = keyParts[index]!;
  if (!isString(type)) return { from, to };
  const bytes = Math.ceil(bits / 8);
  return { from: swapBytes(from, bytes), to: swapBytes(to, bytes) };
}

/** The range of an element in the order of the set; `undefined` for the catch-all element. */
export function rangeOf(set: ContentSet, { parts }: TypedElement): KeyPart | undefined {
  return parts === 'catchall' ? undefined : inOrder(set, parts[0]!);
}

/** Whether the first values of `wanted` lie in the element, part by part. */
export function holdsFirst(
  set: ContentSet,
  { parts }: TypedElement,
  { parts: wanted }: TypedElement,
): boolean {
  if (parts === 'catchall' || wanted === 'catchall') return parts === wanted;
  return parts.every((part, index) => {
    const { from, to } = inOrder(set, part, index);
    const first = inOrder(set, wanted[index]!, index).from;
    return from <= first && first <= to;
  });
}

/** `element` with another range. */
function withRange(set: ContentSet, element: TypedElement, range: KeyPart): TypedElement {
  // Turned twice, a string is as it was.
  return { ...element, parts: [inOrder(set, range)] };
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
  if (isString(set.keyParts[0]!.type))
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
