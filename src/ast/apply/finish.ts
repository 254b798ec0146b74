// From the state that commands left to the typed ruleset: things in the order in which they are listed, numbered in that
// order. Sets and chains that rules made for themselves come behind those with names, rule by rule. What only the whole can
// tell is checked here.

import type { Family } from '../../model/family.ts';
import type { Diagnostic } from '../../source/diagnostic.ts';
import { keptElements } from '../type/contents.ts';
import type { Made, OpenSet } from '../type/scope.ts';
import { checkStructure } from '../type/set-structure.ts';
import type { TypedBaseChain, TypedChain, TypedRule, TypedRuleset, TypedTable } from '../type/typed.ts';
import type { BaseChain } from './base-chain.ts';
import { checkNesting, Jumps } from './nesting.ts';
import { checkPlacement } from './placement.ts';
import type { RulesetState } from './ruleset-state.ts';
import { checkTaken } from './same-set.ts';
import type { ChainState, RuleState, SetState, TableState } from './table-state.ts';

/** Tables that a command lists and a later one takes away. */
function checkInspected(state: RulesetState): readonly Diagnostic[] {
  const isKnown = (family: Family, name: string): boolean =>
    (state.find(family, name) ?? state.remembered(family, name)) !== undefined;
  const gone = state.inspected.filter(({ family, name }) => !isKnown(family, name.text));
  return gone.map(({ name }) => ({
    code: 'unknown-table',
    severity: 'error',
    message: `table \`${name.text}\` is not there any more when all commands are applied`,
    span: name.span,
  }));
}

function checkChains(table: TableState): readonly Diagnostic[] {
  const jumps = new Jumps(table);
  return [...checkNesting(table, jumps), ...checkPlacement(table, jumps)];
}

/** What is wrong with what commands left. */
export function checkRuleset(state: RulesetState): readonly Diagnostic[] {
  const { shared } = state;
  const all = [...state.tables];
  const sets = all.flatMap(table => [...table.sets.values()].flatMap(({ typed }) => typed ?? []));
  return [
    ...checkInspected(state),
    ...all.flatMap(checkChains),
    ...sets.flatMap(checkTaken),
    ...[...sets, ...shared.discarded.sets].flatMap(checkStructure),
    ...shared.warnings,
  ];
}

export function finishRuleset({ tables, shared }: RulesetState): TypedRuleset {
  const finished = [...tables].map(finishTable);
  let sets = 0;
  let rules = 0;
  for (const table of finished) {
    for (const set of table.sets) (set as OpenSet).id = sets++;
    for (const { rules: own } of table.chains) for (const rule of own) rule.id = rules++;
  }
  return { tables: finished, discarded: shared.discarded };
}

function finishTable(table: TableState): TypedTable {
  const { family, name, span, dormant, flags, comment, chains, sets, objects, flowtables } = table;
  for (const [old, renamed] of table.renamed) {
    // It may have been taken away after that.
    const chain = chains.get(old);
    if (chain !== undefined) chain.name = renamed;
  }
  const made = madeIn(chains.values());
  const isNamed = (set: OpenSet): boolean => sets.get(set.name)?.typed === set;
  return {
    family,
    name,
    span,
    dormant,
    chains: [...[...chains.values()].map(finishChain), ...made.flatMap(each => each.chains)],
    sets: [
      ...[...sets.values()].flatMap(finishSet),
      ...made.flatMap(each => each.sets.filter(set => !isNamed(set))),
    ],
    objects: [...objects.values()].flatMap(({ typed, handle }) =>
      typed === undefined ? [] : { ...typed, handle },
    ),
    flowtables: [...flowtables.values()].map(({ typed, handle }) => ({ ...typed, handle })),
    handle: table.handle,
    ...(flags.length > 0 && { flags }),
    ...(comment !== undefined && { comment }),
  };
}

/** What rules made, of the few that make anything. */
function madeIn(chains: Iterable<ChainState>): readonly Made[] {
  const made: Made[] = [];
  for (const { rules } of chains)
    for (const rule of rules) if (rule.made.sets.length + rule.made.chains.length > 0) made.push(rule.made);
  return made;
}

function typedRules(rules: readonly RuleState[]): readonly TypedRule[] {
  const typed: TypedRule[] = [];
  for (const rule of rules) if (rule.typed !== undefined) typed.push(rule.typed);
  return typed;
}

function finishSet({ typed, contents, handle }: SetState): readonly OpenSet[] {
  if (typed === undefined) return [];
  typed.elements = keptElements(contents);
  typed.handle = handle;
  typed.flags = typed.settledFlags ?? typed.flags;
  return [typed];
}

function finishChain({ name, span, base, comment, rules, handle }: ChainState): TypedChain {
  const kept = comment === undefined ? {} : { comment };
  for (const { typed, handle: own } of rules) if (typed !== undefined) typed.handle = own;
  const facts = { name, span, handle, ...kept, rules: typedRules(rules) };
  return base === undefined ? facts : { ...facts, base: finishBase(base) };
}

function finishBase(base: BaseChain): TypedBaseChain {
  const { type, hook, priority, devices, policy, offload, registered } = base;
  return {
    type,
    hook,
    priority,
    devices,
    policy,
    ...(offload && { offload }),
    ...(registered !== undefined && { registered }),
  };
}
