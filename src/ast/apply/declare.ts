// Declarations: `add` and `create` of tables, chains, sets, objects, flowtables, and table blocks. In a block the order
// is nft's: chains, objects, sets and their elements, flowtables, and at last the rules, so that all of them may refer
// to what stands below them.

import type { Diagnostic } from '../../source/diagnostic.ts';
import type {
  ChainDeclaration,
  DeclareCommand,
  FlowtableDeclaration,
  MapDeclaration,
  ObjectDeclaration,
  SetDeclaration,
  TableDeclaration,
  TableMember,
} from '../nodes/index.ts';
import { mergedContents } from '../type/contents.ts';
import { declareSet as typedSet } from '../type/declaration.ts';
import { attempt, fail } from '../type/failure.ts';
import { typedFlowtable, withFlowtable } from '../type/flowtable.ts';
import { suggest } from '../type/literal/suggest.ts';
import { typedObject } from '../type/object.ts';
import type { OpenSet } from '../type/scope.ts';
import { applyBaseChain } from './base-chain.ts';
import { changeElements } from './elements.ts';
import { checkFlowtable, checkObject } from './object-properties.ts';
import type { Written } from './references.ts';
import { appendRule } from './rules.ts';
import type { RulesetState } from './ruleset-state.ts';
import { checkRemembered, checkResent, declareAgain, withoutMerging } from './same-set.ts';
import { checkProperties } from './set-properties.ts';
import { type ChainState, objectKey, type SetState, type TableState } from './table-state.ts';

type Verb = DeclareCommand['verb'];

function refuseExisting(verb: Verb, what: string, name: Written, known: boolean): void {
  if (verb === 'create' && known)
    fail('already-exists', `${what} \`${name.text}\` exists already`, name.span);
}

const tableFlags = ['dormant', 'owner', 'persist'];

function checkFlags({ flags }: TableDeclaration): void {
  for (const flag of flags) {
    if (tableFlags.includes(flag.text)) continue;
    fail('unknown-table-flag', `there is no table flag \`${flag.text}\``, flag.span, {
      ...suggest(flag.text, flag.span, tableFlags),
    });
  }
}

/** Base chains of a dormant table are registered when it wakes. */
function wake(table: TableState): void {
  for (const chain of table.chains.values()) chain.base = chain.base && table.register(chain.base);
}

function toggle(table: TableState, { table: { name } }: TableDeclaration): void {
  if (table.isToggled)
    fail('dormant-change', 'a table can be woken or put to sleep only once in a run', name.span);
  if (table.hasChangedChain)
    fail(
      'dormant-change',
      'a table whose chains this run has changed cannot be woken or put to sleep',
      name.span,
    );
  table.isToggled = true;
  if (table.dormant) wake(table);
}

/** A declaration without flags clears them: it wakes a dormant table. */
function declareTable(state: RulesetState, verb: Verb, declaration: TableDeclaration): TableState {
  const { family, name } = declaration.table;
  const known = state.find(family, name.text);
  refuseExisting(verb, 'table', name, known !== undefined);
  checkFlags(declaration);
  const table = known ?? state.create(family, name.text, name.span);
  table.remembered = state.remembered(family, name.text);
  if (known === undefined) table.comment = declaration.comment?.text;
  const flags = declaration.flags.map(flag => flag.text);
  table.flags = tableFlags.filter(flag => flag !== 'dormant' && flags.includes(flag));
  const isDormant = flags.includes('dormant');
  if (known !== undefined && known.dormant !== isDormant) toggle(known, declaration);
  table.dormant = isDormant;
  delete table.settled;
  return table;
}

function declareChain(table: TableState, verb: Verb, declaration: ChainDeclaration): ChainState {
  const { name } = declaration;
  const known = table.chains.get(name.text);
  refuseExisting(verb, 'chain', name, known !== undefined);
  if (known === undefined && declaration.base !== undefined && table.isToggled)
    fail(
      'dormant-change',
      'a table that this run has woken or put to sleep takes no new base chain',
      name.span,
    );
  const base = applyBaseChain(table.family, declaration, known?.base, known === undefined, table.scope);
  const chain = known ?? {
    name: name.text,
    span: name.span,
    handle: table.nextHandle(),
    base: undefined,
    ...(declaration.comment !== undefined && { comment: declaration.comment.text }),
    rules: [],
  };
  if (known !== undefined) table.hasChangedChain = true;
  const isNew = base !== undefined && known?.base === undefined;
  chain.base = isNew ? table.register(base) : base;
  table.chains.set(name.text, chain);
  return chain;
}

function addRules(
  table: TableState,
  chain: ChainState,
  declaration: ChainDeclaration,
  into: Diagnostic[],
): void {
  for (const rule of declaration.rules) attempt(into, () => appendRule(table, chain, rule, into));
}

/** `change` adds the elements of another declaration, which may say otherwise whether they merge than the set `merges`. */
function addAgain(
  table: TableState,
  set: SetState,
  merges: boolean,
  given: OpenSet,
  change: () => void,
): void {
  const before = set.contents;
  if (!given.autoMerge) {
    if (merges) withoutMerging(table, set, given, change);
    else change();
    return;
  }
  change();
  checkResent(given, set, before);
  if (merges) return;
  table.discardElements({ ...set, contents: before });
  set.contents = mergedContents(given, set.contents);
}

function declareSet(
  table: TableState,
  verb: Verb,
  declaration: SetDeclaration | MapDeclaration,
  into: Diagnostic[],
): void {
  const { name, elements, span } = declaration;
  const known = table.sets.get(name.text);
  refuseExisting(verb, 'set', name, known !== undefined);
  checkProperties(declaration);
  const typed = attempt(into, () => typedSet(table.scope, declaration));
  if (known?.typed !== undefined && typed !== undefined)
    declareAgain(known.typed, typed, table.shared.reading);
  const set = known ?? table.addSet({ name: name.text, span: name.span, typed });
  if (elements !== undefined) {
    const change = (): void =>
      changeElements(table, set, { verb: 'add', span, elements }, known === undefined);
    if (known?.typed === undefined || typed === undefined) change();
    else addAgain(table, known, known.typed.autoMerge, typed, change);
  }
  const remembered = known === undefined ? table.remembered?.sets.get(name.text) : undefined;
  if (remembered !== undefined && typed !== undefined) checkRemembered(table, remembered, set, typed);
}

/** Of an object that exists, only a quota takes the new values. */
function declareObject(table: TableState, verb: Verb, declaration: ObjectDeclaration): void {
  const { name, objectType } = declaration;
  const key = objectKey(objectType, name.text);
  const known = table.objects.get(key);
  refuseExisting(verb, objectType, name, known !== undefined);
  checkObject(table.family, declaration);
  const typed = typedObject(table.scope, declaration, table.shared.options);
  if (known === undefined) table.objects.set(key, { declaration, typed, handle: table.nextHandle() });
  else if (objectType === 'quota') Object.assign(known, { declaration, typed });
}

function declareFlowtable(table: TableState, verb: Verb, declaration: FlowtableDeclaration): void {
  const { name } = declaration;
  const known = table.flowtables.get(name.text);
  refuseExisting(verb, 'flowtable', name, known !== undefined);
  checkFlowtable(declaration);
  const given = typedFlowtable(declaration, table.scope);
  if (known !== undefined) {
    known.typed = withFlowtable(known.typed, given, declaration);
    return;
  }
  if (declaration.hook === undefined) {
    fail('incomplete-flowtable', 'a flowtable needs a hook and a priority', name.span);
  }
  table.flowtables.set(name.text, { typed: given, handle: table.nextHandle() });
}

function isSet(member: TableMember): member is SetDeclaration | MapDeclaration {
  return member.kind === 'set_declaration' || member.kind === 'map_declaration';
}

function declareMembers(
  table: TableState,
  verb: Verb,
  members: readonly TableMember[],
  into: Diagnostic[],
): void {
  const chains: (readonly [ChainState, ChainDeclaration])[] = [];
  for (const member of members) {
    if (member.kind !== 'chain') continue;
    const chain = attempt(into, () => declareChain(table, verb, member));
    if (chain !== undefined) chains.push([chain, member]);
  }
  for (const member of members) {
    if (member.kind === 'object') attempt(into, () => declareObject(table, verb, member));
  }
  for (const member of members) if (isSet(member)) attempt(into, () => declareSet(table, verb, member, into));
  for (const member of members) {
    if (member.kind === 'flowtable') attempt(into, () => declareFlowtable(table, verb, member));
  }
  for (const [chain, declaration] of chains) addRules(table, chain, declaration, into);
}

/** The members of a block are added, whatever the block's verb. */
export function applyDeclaration(state: RulesetState, command: DeclareCommand, into: Diagnostic[]): void {
  const { verb, declaration } = command;
  if (declaration.kind === 'table') {
    const table = attempt(into, () => declareTable(state, verb, declaration));
    if (table !== undefined) declareMembers(table, 'add', declaration.members, into);
    return;
  }
  const table = attempt(into, () => {
    const { family, name } = declaration.table;
    return state.requireKnown(family, name);
  });
  if (table !== undefined) declareMembers(table, verb, [declaration], into);
}
