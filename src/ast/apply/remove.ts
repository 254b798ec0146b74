// `delete`, `destroy` and `flush`. What something else refers to cannot be deleted.

import type {
  ChainDeclaration,
  DeleteCommand,
  FlushCommand,
  ObjectReference,
  ObjectType,
} from '../nodes/index.ts';
import { fail } from '../type/failure.ts';
import { devicesOf } from './base-chain.ts';
import type { Written } from './references.ts';
import { removeRule } from './rules.ts';
import {
  failFixed,
  isFixed,
  type RulesetState,
  requireChain,
  requireFlowtable,
  requireKind,
  requireObject,
  requireSet,
  type SetKind,
} from './ruleset-state.ts';
import { type ChainState, objectKey, type TableState } from './table-state.ts';

/** Absent where a table is given by its handle. */
function tableName({ table, name }: ObjectReference): Written | undefined {
  return table ?? name;
}

function tableOf(state: RulesetState, object: ObjectReference): TableState {
  const name = tableName(object);
  return name === undefined ? tableByHandle(state, object) : state.require(object.family, name);
}

function tableByHandle(state: RulesetState, { handle, span }: ObjectReference): TableState {
  const table = handle === undefined ? undefined : state.findByHandle(handle.value);
  return table ?? fail('unknown-table', `there is no table with handle ${handle?.text ?? '?'}`, span);
}

interface WithHandle {
  readonly handle: number;
}

type Entries = ReadonlyMap<string, WithHandle>;

/** Things of the kind that is referred to; `prefix` stands before their names. */
function entriesOf(
  table: TableState,
  { object }: ObjectReference,
): readonly [entries: Entries, prefix: string] {
  if (object === 'chain') return [table.chains, ''];
  if (object === 'set' || object === 'map' || object === 'meter') return [table.sets, ''];
  if (object === 'flowtable') return [table.flowtables, ''];
  return [table.objects, `${object} `];
}

function isMissing(table: TableState, reference: ObjectReference): boolean {
  if (reference.object === 'table' || reference.object === 'rule') return false;
  const [entries, prefix] = entriesOf(table, reference);
  const { name, handle, object } = reference;
  if (name !== undefined) return !entries.has(`${prefix}${name.text}`);
  if (findByHandle(entries, prefix, handle?.value) !== undefined) return false;
  if (object === 'set' && handle !== undefined && table.isOwnSet(handle.value))
    fail('in-use', 'a rule has made this set for itself', handle.span);
  return true;
}

/** The name of the thing that has this handle. */
function findByHandle(entries: Entries, prefix: string, handle: bigint | undefined): string | undefined {
  for (const [key, entry] of entries)
    if (BigInt(entry.handle) === handle && key.startsWith(prefix)) return key.slice(prefix.length);
  return undefined;
}

/** The name of what a reference is about, by its handle if it has no name. */
function nameByReference(table: TableState, reference: ObjectReference): Written {
  const { name, handle, span, object } = reference;
  if (name !== undefined) return name;
  const text = findByHandle(...entriesOf(table, reference), handle?.value);
  return text === undefined
    ? fail('unknown-handle', `there is no ${object} with handle ${handle?.text ?? '?'}`, span)
    : { text, span };
}

function refuseUsed(table: TableState, key: string, what: string, name: Written): void {
  if (table.isUsed(key)) fail('in-use', `${what} \`${name.text}\` is in use`, name.span);
}

/** `delete chain netdev t c { devices = { … } }`, and the same of flowtables, takes devices away. */
function withoutDevices(devices: readonly string[], gone: readonly string[], { span }: Written): string[] {
  const strange = gone.find(device => !devices.includes(device));
  if (strange !== undefined) fail('unknown-device', `\`${strange}\` is none of its devices`, span);
  return devices.filter(device => !gone.includes(device));
}

function removeDevices(chain: ChainState, block: ChainDeclaration): void {
  const gone = devicesOf(block.base?.devices, block.devices);
  if (chain.base === undefined) return;
  chain.base = { ...chain.base, devices: withoutDevices(chain.base.devices, gone, block.name) };
}

function deleteChain(table: TableState, object: ObjectReference, block: DeleteCommand['block']): void {
  const name = nameByReference(table, object);
  const chain = requireChain(table, name);
  if (block?.kind === 'chain' && (block.devices !== undefined || block.base?.devices !== undefined)) {
    removeDevices(chain, block);
    table.hasChangedChain ||= chain.base !== undefined;
    return;
  }
  const references = chain.rules.flatMap(({ uses }) => uses.references);
  table.release(references);
  const isUsed = table.isUsed(`chain ${name.text}`);
  table.retain(references);
  if (isUsed) fail('in-use', `chain \`${name.text}\` is jumped to`, name.span);
  table.clearRules(chain);
  if (chain.base !== undefined) table.hasChangedChain = true;
  table.chains.delete(name.text);
}

function deleteSet(table: TableState, object: ObjectReference): void {
  const name = nameByReference(table, object);
  const set = requireSet(table, name);
  refuseUsed(table, `set ${name.text}`, 'set', name);
  table.removeSet(set);
}

function deleteFlowtable(table: TableState, object: ObjectReference, block: DeleteCommand['block']): void {
  const name = nameByReference(table, object);
  const flowtable = requireFlowtable(table, name);
  if (block?.kind === 'flowtable' && block.devices !== undefined) {
    const devices = withoutDevices(flowtable.typed.devices, devicesOf(block.devices), name);
    flowtable.typed = { ...flowtable.typed, devices };
    return;
  }
  refuseUsed(table, `flowtable ${name.text}`, 'flowtable', name);
  table.flowtables.delete(name.text);
}

function deleteObject(table: TableState, object: ObjectReference): void {
  const type = object.object as ObjectType;
  const name = nameByReference(table, object);
  requireObject(table, type, name);
  refuseUsed(table, `object ${objectKey(type, name.text)}`, type, name);
  table.objects.delete(objectKey(type, name.text));
}

/** Handle 0 stands for all rules of the chain. */
function deleteRule(table: TableState, object: ObjectReference, verb: DeleteCommand['verb']): void {
  if (verb === 'destroy' && !table.chains.has(object.name!.text)) return;
  const chain = requireChain(table, object.name!);
  const handle = object.handle!.value;
  if (handle === 0n) {
    table.clearRules(chain);
    return;
  }
  if (verb === 'destroy' && !chain.rules.some(rule => BigInt(rule.handle ?? 0) === handle)) return;
  removeRule(table, chain, object.handle!);
}

function isUnknownTable(state: RulesetState, object: ObjectReference): boolean {
  const name = tableName(object);
  if (name !== undefined) return state.find(object.family, name.text) === undefined;
  return object.handle === undefined || state.findByHandle(object.handle.value) === undefined;
}

/** A handle of 0 is no handle to nft, and of a map it takes one with `delete` only. */
function checkDestroyed({ object, name, handle, span }: ObjectReference): void {
  if (name !== undefined || handle === undefined) return;
  if (handle.value === 0n) fail('unknown-handle', `no ${object} has the handle 0`, handle.span);
  if (object === 'map') fail('unexpected-handle', '`destroy` takes a map by its name only', span);
}

export function applyDelete(state: RulesetState, command: DeleteCommand): void {
  const { object, verb, block } = command;
  if (object.object === 'table') {
    if (verb === 'delete' || !isUnknownTable(state, object)) state.delete(tableOf(state, object));
    return;
  }
  if (verb === 'destroy') checkDestroyed(object);
  const table = tableOf(state, object);
  if (verb === 'destroy' && isMissing(table, object)) return;
  if (object.object === 'chain') deleteChain(table, object, block);
  else if (object.object === 'rule') deleteRule(table, object, verb);
  else if (object.object === 'set' || object.object === 'map' || object.object === 'meter')
    deleteSet(table, object);
  else if (object.object === 'flowtable')
    deleteFlowtable(table, object, verb === 'delete' ? block : undefined);
  else deleteObject(table, object);
}

function flushRuleset(state: RulesetState, family: FlushCommand['family']): void {
  for (const table of [...state.tables]) {
    if (family === undefined || table.family === family) state.flush(table);
  }
}

/** A flushed table keeps its chains, sets and their elements: only rules go. */
export function applyFlush(state: RulesetState, { object, family }: FlushCommand): void {
  if (object === 'ruleset') {
    flushRuleset(state, family);
    return;
  }
  if (object.object === 'table') {
    const table = tableOf(state, object);
    for (const chain of table.chains.values()) table.clearRules(chain);
    return;
  }
  if (object.object === 'chain') {
    const table = tableOf(state, object);
    table.clearRules(requireChain(table, object.name!));
    return;
  }
  // nft itself looks for sets, among those that it has read.
  const table = state.requireKnown(object.family, tableName(object)!);
  const set = requireKind(table, object.object as SetKind, object.name!);
  if (isFixed(table, set, object.name!)) failFixed(object.name!);
  table.clearElements(set);
}
