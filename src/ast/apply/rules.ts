// Rules: added, inserted, replaced at a place in a chain.

import { SetFlag } from '../../model/set-flags.ts';
import type { Diagnostic } from '../../source/diagnostic.ts';
import type { Rule, RuleCommand, RulePosition } from '../nodes/index.ts';
import { fail } from '../type/failure.ts';
import { evaluateRule } from '../type/rule.ts';
import type { Made } from '../type/scope.ts';
import { checkTracking } from './placement.ts';
import type { Reference } from './references.ts';
import { checkReferences, failUnread, type RulesetState, requireChain } from './ruleset-state.ts';
import type { ChainState, RuleState, TableState } from './table-state.ts';

const noHandles: readonly number[] = [];

/** Sets and chains that the rule makes take their handles before it does. Returns those of sets without a name. */
function makeHandles(table: TableState, { sets, chains }: Made): readonly number[] {
  if (sets.length + chains.length === 0) return noHandles;
  const own: number[] = [];
  for (const set of sets) {
    if ((set.flags & SetFlag.anonymous) !== 0) own.push(table.nextHandle());
    else table.addSet({ name: set.name, span: set.span, typed: set });
  }
  for (const { rules } of chains) for (let count = rules.length; count >= 0; count--) table.nextHandle();
  // One that has grown has room for more.
  return own.slice();
}

/** Sets that are there, in a run that does not read them. */
function checkKnown(table: TableState, references: readonly Reference[]): void {
  if (!table.shared.reading.isBlind) return;
  const isUnread = ({ kind, text }: Reference): boolean =>
    kind === 'set' && table.sets.get(text)?.typed?.settledFlags !== undefined;
  const unread = references.find(isUnread);
  if (unread !== undefined) failUnread(unread.span);
}

/** A rule with an error in it is reported to `into` and keeps its place. */
function newRule(table: TableState, rule: Rule, into: Diagnostic[], handle?: number): RuleState {
  const typed = evaluateRule(table.scope, rule, table.shared.options, into);
  const uses = table.knownUses.usesOf(rule, typed);
  const { references } = uses;
  const made = table.scope.takeMade();
  const ownSets = makeHandles(table, made);
  if (typed !== undefined) {
    checkKnown(table, references);
    checkReferences(table, references);
    checkTracking(table, uses);
  }
  table.retain(references);
  return { rule, typed, made, uses, ownSets, handle: handle ?? table.nextHandle() };
}

export function appendRule(table: TableState, chain: ChainState, rule: Rule, into: Diagnostic[]): void {
  if (table.shared.patience.isOut()) return;
  const added = newRule(table, rule, into);
  chain.rules.push(added);
  chain.places?.push(added);
}

/** Where among `rules` of the chain the one of a handle or index stands. */
function findRule(
  { name }: ChainState,
  rules: readonly RuleState[],
  { by, number }: Pick<RulePosition, 'by' | 'number'>,
): number {
  if (by === 'index') {
    if (number.value < BigInt(rules.length)) return Number(number.value);
    return fail('unknown-rule', `chain \`${name}\` has ${rules.length} rules, counted from 0`, number.span);
  }
  const found = rules.findIndex(({ handle }) => BigInt(handle) === number.value);
  if (found >= 0) return found;
  return fail('unknown-rule', `chain \`${name}\` has no rule with handle ${number.text}`, number.span);
}

/** The rule of this handle goes; its place stays until the commands are done. */
export function removeRule(table: TableState, chain: ChainState, number: RulePosition['number']): void {
  const index = findRule(chain, chain.rules, { by: 'handle', number });
  chain.places ??= [...chain.rules];
  const [removed] = chain.rules.splice(index, 1);
  if (removed !== undefined) table.discardRule(removed);
}

function replaceRule(
  table: TableState,
  chain: ChainState,
  { rule, position, span }: RuleCommand,
  into: Diagnostic[],
): void {
  if (position === undefined) fail('unknown-rule', 'which rule is replaced is not said', span);
  const index = findRule(chain, chain.rules, position);
  const known = chain.rules[index]!;
  const replaced = newRule(table, rule, into, known.handle);
  table.discardRule(known);
  chain.rules[index] = replaced;
  if (chain.places !== undefined) chain.places[chain.places.indexOf(known)] = replaced;
}

/** `add` goes behind the rule at `position`, `insert` before it. */
function place(chain: ChainState, { verb, position }: RuleCommand): number {
  const places = chain.places ?? chain.rules;
  // A handle of 0 is none.
  const isNone = position === undefined || (position.by === 'handle' && position.number.value === 0n);
  if (isNone) return verb === 'insert' ? 0 : places.length;
  return findRule(chain, places, position) + (verb === 'add' ? 1 : 0);
}

function insertRule({ rules, places }: ChainState, index: number, rule: RuleState): void {
  if (places === undefined) {
    rules.splice(index, 0, rule);
    return;
  }
  const left = new Set(rules);
  const before = places.slice(0, index).filter(each => left.has(each)).length;
  places.splice(index, 0, rule);
  rules.splice(before, 0, rule);
}

export function applyRuleCommand(state: RulesetState, command: RuleCommand, into: Diagnostic[]): void {
  const table = state.requireTable(command.table);
  const chain = requireChain(table, command.chain);
  if (command.verb === 'replace') {
    replaceRule(table, chain, command, into);
    return;
  }
  const index = place(chain, command);
  insertRule(chain, index, newRule(table, command.rule, into));
}
