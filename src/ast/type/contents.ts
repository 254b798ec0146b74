// What commands leave of the elements of a named set.

import { SetFlag } from '../../model/set-flags.ts';
import type { ElementChange } from '../apply/ruleset.ts';
import { fail, refuse } from './failure.ts';
import type { TypedElement, TypedSet } from './typed.ts';

/** The elements of `set` after `change`, which adds or takes away `given`. */
export function changeElements(
  set: TypedSet,
  elements: readonly TypedElement[],
  change: ElementChange,
  given: readonly TypedElement[],
): readonly TypedElement[] {
  const isFirst = change.verb === 'create' && elements.length === 0;
  if (change.verb !== 'add' && !isFirst && isRangeSet(set))
    return refuse('unsupported-change', 'elements of a set of ranges can only be added here', change.span);
  switch (change.verb) {
    case 'add':
      return elements.length === 0 ? given : [...elements, ...given];
    case 'create':
      checkNew(set, elements, given);
      return [...elements, ...given];
    case 'delete':
    case 'destroy':
      return withoutElements(set, elements, change, given);
  }
}

/**
 * Of such sets nft itself knows the elements, and in one run it sends those that are there again with each change: what
 * is deleted may stay, what is created is found to exist. Nobody can mean that, so it is not imitated.
 */
function isRangeSet({ flags, keyParts }: TypedSet): boolean {
  return (flags & SetFlag.interval) !== 0 && keyParts.length === 1;
}

function keyOf({ parts }: TypedElement): string {
  return parts === 'catchall' ? '*' : parts.map(({ from, to }) => `${from}-${to}`).join('.');
}

function checkNew(set: TypedSet, elements: readonly TypedElement[], given: readonly TypedElement[]): void {
  const present = new Set(elements.map(keyOf));
  for (const element of given)
    if (present.has(keyOf(element)))
      fail('duplicate-element', `\`${set.name}\` has this element already`, element.span);
}

function withoutElements(
  set: TypedSet,
  elements: readonly TypedElement[],
  change: ElementChange,
  given: readonly TypedElement[],
): readonly TypedElement[] {
  const present = new Set(elements.map(keyOf));
  const gone = new Set(given.map(keyOf));
  if (change.verb === 'delete')
    for (const element of given)
      if (!present.has(keyOf(element)))
        fail('unknown-element', `\`${set.name}\` has no such element`, element.span);
  return elements.filter(element => !gone.has(keyOf(element)));
}
