// Rules: added, inserted, replaced at a place in a chain.

import type { Rule, RuleCommand, RulePosition } from '../nodes/index.ts';
import { fail, refuse } from '../type/failure.ts';
import { type Reference, usesOf } from './references.ts';
import { checkReferences, type RulesetState, requireChain } from './ruleset-state.ts';
import type { ChainState, RuleState, TableState } from './table-state.ts';

/** A rule with a set literal (or an ICMP field that implies one) makes sets, which take handles before the rule does. */
function mayMakeSets(rule: Rule): boolean {
  const kinds = new Set(['set', 'map', 'vmap', 'meter', 'anonymous_chain']);
  return rule.statements.some(statement => {
    if (kinds.has(statement.kind)) return true;
    if (statement.kind !== 'match') return false;
    const { left, right } = statement;
    return kinds.has(right.kind) || kinds.has(left.kind) || right.kind === 'variable' || isIcmp(left);
  });
}

function isIcmp(left: { readonly kind: string; readonly protocol?: unknown }): boolean {
  return left.kind === 'payload' && (left.protocol === 'icmp' || left.protocol === 'icmpv6');
}

/**
 * What a rule uses. Rules of one shape use the same, so that those whose shape uses nothing need no look: the kinds of
 * nodes, and what is a keyword in them, are the shape's.
 */
function ruleUses(table: TableState, rule: Rule): RuleUses {
  const shape = rule.form?.shape;
  if (shape !== undefined && table.plainShapes.has(shape)) return noUses;
  const { references, features } = usesOf(rule);
  const makesSets = mayMakeSets(rule);
  if (shape !== undefined && references.length + features.length === 0 && !makesSets)
    table.plainShapes.add(shape);
  return { references, features, makesSets };
}

interface RuleUses {
  readonly references: RuleState['references'];
  readonly features: RuleState['features'];
  readonly makesSets: boolean;
}

const noUses: RuleUses = { references: [], features: [], makesSets: false };

function newRule(table: TableState, rule: Rule): RuleState {
  const { references, features, makesSets } = ruleUses(table, rule);
  checkReferences(table, references);
  if (makesSets) table.forgetHandles();
  table.retain(references);
  return { rule, references, features, handle: table.nextHandle() };
}

export function appendRule(table: TableState, chain: ChainState, rule: Rule): void {
  chain.rules.push(newRule(table, rule));
}

/** Where in the chain the rule of a handle or index stands. */
export function findRule(chain: ChainState, { by, number }: Pick<RulePosition, 'by' | 'number'>): number {
  if (by === 'index') {
    if (number.value < BigInt(chain.rules.length)) return Number(number.value);
    const count = chain.rules.length;
    return fail('unknown-rule', `chain \`${chain.name}\` has ${count} rules, counted from 0`, number.span);
  }
  const found = chain.rules.findIndex(
    ({ handle }) => handle !== undefined && BigInt(handle) === number.value,
  );
  if (found >= 0) return found;
  if (chain.rules.some(({ handle }) => handle === undefined)) {
    const message = 'the handle of a rule is not known where rules before it make sets of their own';
    return refuse('unknown-handle', message, number.span);
  }
  return fail('unknown-rule', `chain \`${chain.name}\` has no rule with handle ${number.text}`, number.span);
}

export function removeRule(table: TableState, chain: ChainState, index: number): void {
  const [removed] = chain.rules.splice(index, 1);
  if (removed !== undefined) table.release(removed.references satisfies readonly Reference[]);
}

/** `add` goes behind the rule at `position`, `insert` before it, `replace` in its place. */
function place(chain: ChainState, { verb, position }: RuleCommand): number {
  if (position === undefined) return verb === 'insert' ? 0 : chain.rules.length;
  return findRule(chain, position) + (verb === 'add' ? 1 : 0);
}

export function applyRuleCommand(state: RulesetState, command: RuleCommand): void {
  const table = state.requireTable(command.table);
  const chain = requireChain(table, command.chain);
  const index = place(chain, command);
  const rule = newRule(table, command.rule);
  if (command.verb === 'replace') removeRule(table, chain, index);
  chain.rules.splice(index, 0, rule);
}
