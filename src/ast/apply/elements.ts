// Elements that commands add to named sets and take away.

import type { ElementCommand } from '../nodes/index.ts';
import { merged } from '../type/content-ranges.ts';
import {
  allElements,
  changeContents,
  declaredContents,
  type ElementChange,
  findElement,
  listed,
} from '../type/contents.ts';
import { readElements } from '../type/declaration.ts';
import { fail } from '../type/failure.ts';
import { objectKind } from '../type/object-types.ts';
import type { TypedElement, TypedSet } from '../type/typed.ts';
import { listOf, TypedColumns, type TypedElements } from '../type/typed-columns.ts';
import { zeroedElement } from '../type/zeroed.ts';
import { type Reference, referencesOf } from './references.ts';
import { checkReferences, failFixed, isFixed, type RulesetState, requireKnownSet } from './ruleset-state.ts';
import type { SetState, TableState } from './table-state.ts';

/** Of a set whose declaration is wrong nothing can be said. `isDeclaration`: the elements of a new set. */
export function changeElements(
  table: TableState,
  set: SetState,
  change: ElementChange,
  isDeclaration = false,
): void {
  const { typed } = set;
  if (typed === undefined) return;
  const given = readElements(table.scope, typed, change, table.shared.options);
  const isAddition = change.verb === 'add' || change.verb === 'create';
  if (isAddition) retain(table, set, addedReferences(table, typed, change, given));
  else table.discardElements(set);
  set.contents = isDeclaration
    ? declaredContents(typed, given)
    : changeContents(typed, set.contents, change, given);
  if (isAddition || set.references.length === 0) return;
  table.release(set.references);
  set.references = [];
  retain(table, set, referencesOfAll(typed, allElements(set.contents)));
}

function retain(table: TableState, set: SetState, references: readonly Reference[]): void {
  for (const reference of references) set.references.push(reference);
  table.retain(references);
}

function addedReferences(
  table: TableState,
  typed: TypedSet,
  change: ElementChange,
  given: TypedElements,
): readonly Reference[] {
  if (typed.data?.kind === 'object') return referencesOfAll(typed, listOf(given));
  return namesChains(given) ? referencesIn(table, typed, change) : [];
}

/** Columns tell at a look that no verdict jumps, or that the set is no map. */
function namesChains(given: TypedElements): boolean {
  return !(given instanceof TypedColumns) || given.hasJumps;
}

/** What elements give must be there when they are added. */
function referencesIn(
  table: TableState,
  { data }: TypedSet,
  { elements }: ElementChange,
): readonly Reference[] {
  if (data === undefined || data.kind === 'value') return [];
  const references = referencesOf(elements);
  checkReferences(table, references);
  return references;
}

/** What elements refer to that are there. */
function referencesOfAll({ data: kind }: TypedSet, elements: readonly TypedElement[]): readonly Reference[] {
  return elements.flatMap(({ data, span }): readonly Reference[] => {
    if (data?.kind === 'verdict' && data.chain !== undefined)
      return [{ kind: 'chain', text: data.chain, span }];
    if (data?.kind === 'object' && kind?.kind === 'object')
      return [{ kind: 'object', objectType: objectKind(kind.objectType), text: data.name, span }];
    return [];
  });
}

/** `get` and `reset` see what was there before the commands. */
function requireElements(table: TableState, set: SetState, change: ElementChange, isReset: boolean): void {
  const { typed } = set;
  const contents = listed(set.contents);
  if (typed === undefined) return;
  const wanted = listOf(readElements(table.scope, typed, change, table.shared.options));
  const found = wanted.map(element => findElement(typed, contents.settled, element));
  const missing = found.indexOf(undefined);
  if (missing >= 0) fail('unknown-element', `\`${set.name}\` has no such element`, wanted[missing]!.span);
  if (!isReset) return;
  const settled = contents.settled.map(element =>
    found.includes(element) ? zeroedElement(element) : element,
  );
  set.contents = { ...contents, settled };
}

export function applyElements(
  state: RulesetState,
  { table: reference, set: name, verb, elements, span }: ElementCommand,
): void {
  const table = state.requireKnown(reference.family, reference.name);
  const set = requireKnownSet(table, name);
  if (verb === 'get' || verb === 'reset') {
    requireElements(table, set, { verb: 'delete', span, elements }, verb === 'reset');
    return;
  }
  const change = { verb, span, elements };
  if (isFixed(table, set, name)) {
    if (!isThere(table, set, change)) failFixed(name);
    return;
  }
  changeElements(table, set, change);
}

/** What a set that merges has already, nft does not send, so that even fixed elements may be added again. */
function isThere(table: TableState, { typed, contents }: SetState, change: ElementChange): boolean {
  const { settled, declared, added } = listed(contents);
  const isAddition = change.verb === 'add' || change.verb === 'create';
  if (!isAddition || typed?.autoMerge !== true || declared.length + added.length > 0) return false;
  const ranges = merged(typed, settled);
  const given = listOf(readElements(table.scope, typed, change, table.shared.options));
  return given.every(element => findElement(typed, ranges, element) !== undefined);
}
