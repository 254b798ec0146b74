// `list` and `reset`. nft looks for what they name among what is there and what the commands before them made, and once more
// for its table when all commands are read. `reset` acts on what was there when the first command ran, because it is no
// part of their transaction; and only if it is the last one: whether nft reads state to reset it is decided there.

import type { Family } from '../../model/family.ts';
import type { InspectCommand, Name, ObjectReference, ObjectType, ResetCommand } from '../nodes/index.ts';
import { listed } from '../type/contents.ts';
import { fail } from '../type/failure.ts';
import { zeroedElement, zeroedObject, zeroedRule } from '../type/zeroed.ts';
import {
  type RulesetState,
  requireChain,
  requireFlowtable,
  requireKind,
  requireObject,
  requireRead,
  type SetKind,
} from './ruleset-state.ts';
import type { ChainState, SetState, TableState } from './table-state.ts';

const replacements: Readonly<Partial<Record<InspectCommand['verb'], string>>> = {
  export: 'there is no JSON export any more; use `list ruleset`',
  import: 'there is no import',
};

export function applyInspect(state: RulesetState, { verb, object, span }: InspectCommand): void {
  const message = replacements[verb];
  if (message !== undefined) fail('unsupported-command', message, span);
  if (object !== undefined) requireListed(state, object);
}

function requireListed(
  state: RulesetState,
  { object, family, table: tableName, name }: ObjectReference,
): void {
  const table = requireInspected(state, family, tableName!);
  if (object === 'table') return;
  if (object === 'chain') requireRead(table, requireChain(table, name!).settled === true, name!);
  else if (object === 'set' || object === 'map' || object === 'meter') requireKind(table, object, name!);
  else if (object === 'flowtable') requireFlowtable(table, name!);
  else requireRead(table, requireObject(table, object as ObjectType, name!).settled === true, name!);
}

/** A table that must still be there when all commands are applied. */
function requireInspected(state: RulesetState, family: Family, name: Name): TableState {
  state.inspected.push({ family, name });
  if (state.find(family, name.text) === undefined) {
    const remembered = state.remembered(family, name.text);
    if (remembered !== undefined) return remembered;
  }
  return state.requireKnown(family, name);
}

export function applyReset(state: RulesetState, command: ResetCommand, isLast: boolean): void {
  const { scope, name } = command;
  const tables = tablesOf(state, command);
  const [table] = tables;
  if ((scope === 'set' || scope === 'map') && table !== undefined) {
    const set = requireKind(table, scope satisfies SetKind, name!);
    if (isLast) resetElements(set);
    return;
  }
  if (scope === 'rules' && name !== undefined)
    requireRead(table!, requireChain(table!, name).settled === true, name);
  if (isLast) for (const each of tables) resetTable(each, command);
}

/** A table that is named must be there; none may be of a family. */
function tablesOf(state: RulesetState, { family, table }: ResetCommand): readonly TableState[] {
  if (table !== undefined) return [requireInspected(state, family ?? 'ip', table)];
  return [...state.tables].filter(each => family === undefined || each.family === family);
}

/** Rules are reset while nft reads them, which it does not in a run with `flush ruleset`. */
function resetTable(table: TableState, { scope, name, handle }: ResetCommand): void {
  const isOfRules = scope === 'rule' || scope === 'rules';
  if (isOfRules && table.shared.reading.isBlind) return;
  if (!isOfRules) {
    resetObjects(table, scope.startsWith('counter') ? 'counter' : 'quota', name?.text);
    return;
  }
  for (const chain of table.chains.values())
    if (name === undefined || chain.name === name.text) resetRules(chain, handle?.value);
}

function resetRules(chain: ChainState, handle: bigint | undefined): void {
  for (const rule of chain.rules) {
    const isMeant =
      rule.settled === true && (handle === undefined || handle === 0n || BigInt(rule.handle) === handle);
    if (isMeant && rule.typed !== undefined) rule.typed = zeroedRule(rule.typed);
  }
}

function resetObjects(table: TableState, type: ObjectType, name: string | undefined): void {
  for (const object of table.objects.values()) {
    const { declaration, typed, settled } = object;
    const isMeant = settled === true && (name === undefined || declaration.name.text === name);
    if (isMeant && declaration.objectType === type && typed !== undefined) object.typed = zeroedObject(typed);
  }
}

function resetElements(set: SetState): void {
  const contents = listed(set.contents);
  set.contents = { ...contents, settled: contents.settled.map(zeroedElement) };
}
