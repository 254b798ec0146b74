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
function newRule(table: TableState, rule: Rule, into: Diagnostic[]): RuleState {
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
  return { rule, typed, made, uses, ownSets, handle: table.nextHandle() };
}

export function appendRule(table: TableState, chain: ChainState, rule: Rule, into: Diagnostic[]): void {
  if (table.shared.patience.isOut()) return;
  chain.rules.push(newRule(table, rule, into));
}

/** Where in the chain the rule of a handle or index stands. */
export function findRule(chain: ChainState, { by, number }: Pick<RulePosition, 'by' | 'number'>): number {
  if (by === 'index') {
    if (number.value < BigInt(chain.rules.length)) return Number(number.value);
    const count = chain.rules.length;
    return fail('unknown-rule', `chain \`${chain.name}\` has ${count} rules, counted from 0`, number.span);
  }
  const found = chain.rules.findIndex(({ handle }) => BigInt(handle) === number.value);
  if (found >= 0) return found;
  return fail('unknown-rule', `chain \`${chain.name}\` has no rule with handle ${number.text}`, number.span);
}

export function removeRule(table: TableState, chain: ChainState, index: number): void {
  const [removed] = chain.rules.splice(index, 1);
  if (removed !== undefined) table.discardRule(removed);
}

/** `add` goes behind the rule at `position`, `insert` before it, `replace` in its place. */
function place(chain: ChainState, { verb, position }: RuleCommand): number {
  // A handle of 0 is none.
  const isNone = position === undefined || (position.by === 'handle' && position.number.value === 0n);
  if (isNone && verb !== 'replace') return verb === 'insert' ? 0 : chain.rules.length;
  if (position === undefined) return chain.rules.length;
  return findRule(chain, position) + (verb === 'add' ? 1 : 0);
}

export function applyRuleCommand(state: RulesetState, command: RuleCommand, into: Diagnostic[]): void {
  const table = state.requireTable(command.table);
  const chain = requireChain(table, command.chain);
  const index = place(chain, command);
  const rule = newRule(table, command.rule, into);
  if (command.verb === 'replace') removeRule(table, chain, index);
  chain.rules.splice(index, 0, rule);
}
