// Commands, applied in their order to what was there before. Each command that fails is reported and left out; the
// others are applied, so that one run shows all errors.

import type { Diagnostic } from '../../source/diagnostic.ts';
import type { Command, ElementCommand, RenameCommand } from '../nodes/index.ts';
import { attempt, fail, refuse } from '../type/failure.ts';
import { applyDeclaration } from './declare.ts';
import { checkNesting } from './nesting.ts';
import { checkPlacement } from './placement.ts';
import { referencesOf } from './references.ts';
import { applyDelete, applyFlush } from './remove.ts';
import { applyRuleCommand } from './rules.ts';
import type { Ruleset, Table } from './ruleset.ts';
import { checkReferences, RulesetState, requireChain, requireSet } from './ruleset-state.ts';
import type { TableState } from './table-state.ts';

export interface ApplyResult {
  readonly ruleset: Ruleset;
  readonly diagnostics: readonly Diagnostic[];
}

export interface ApplyOptions {
  /** Commands that made the ruleset which is there already. */
  readonly before?: readonly Command[];
}

function applyElements(
  state: RulesetState,
  { table: reference, set: name, verb, elements, span }: ElementCommand,
): void {
  const table = state.requireTable(reference);
  const set = requireSet(table, name);
  if (verb === 'get' || verb === 'reset') return;
  if (set.declaration.flags.includes('constant') && table.isUsed(`set ${name.text}`)) {
    fail('constant-set', `\`${name.text}\` is constant and in use: its elements are fixed`, name.span);
  }
  const isAdd = verb === 'add' || verb === 'create';
  if (isAdd && set.declaration.kind === 'map_declaration') checkReferences(table, referencesOf(elements));
  table.changeElements(set, { verb, span, elements });
}

/** The kernel knows a chain by its new name only when the commands are done, and then none that they made. */
function applyRename(state: RulesetState, { table: reference, chain, newName }: RenameCommand): void {
  const table = state.requireTable(reference);
  const { settled } = requireChain(table, chain);
  const isTaken = table.chains.has(newName.text) || [...table.renamed.values()].includes(newName.text);
  if (isTaken) fail('already-exists', `chain \`${newName.text}\` exists already`, newName.span);
  if (settled !== true)
    fail('rename-of-new-chain', 'a chain that these commands declare cannot be renamed by them', chain.span);
  table.renamed.set(chain.text, newName.text);
}

function applyCommand(state: RulesetState, command: Command, into: Diagnostic[]): void {
  if (command.kind === 'declare') {
    applyDeclaration(state, command, into);
    return;
  }
  attempt(into, () => {
    if (command.kind === 'rule_command') applyRuleCommand(state, command);
    else if (command.kind === 'element_command') applyElements(state, command);
    else if (command.kind === 'delete') applyDelete(state, command);
    else if (command.kind === 'flush') applyFlush(state, command);
    else if (command.kind === 'rename') applyRename(state, command);
    else if (command.kind === 'reset') refuse('reset', '`reset` is not supported yet', command.span);
  });
}

function finish(table: TableState): Table {
  const { family, name, span, dormant } = table;
  return {
    family,
    name,
    span,
    dormant,
    ...(table.renamed.size > 0 && { renamed: table.renamed }),
    chains: [...table.chains.values()].map(chain => ({
      name: chain.name,
      span: chain.span,
      ...(chain.base !== undefined && { base: chain.base }),
      rules: chain.rules.map(({ rule }) => rule),
    })),
    sets: [...table.sets.values()].map(({ declaration, changes }) => ({ declaration, changes })),
    objects: [...table.objects.values()].map(({ declaration }) => declaration),
    flowtables: [...table.flowtables.values()].map(({ declaration }) => declaration),
  };
}

/** The ruleset that commands leave behind. It is complete only if no diagnostic is an error. */
export function applyCommands(commands: readonly Command[], options: ApplyOptions = {}): ApplyResult {
  const state = new RulesetState();
  const diagnostics: Diagnostic[] = [];
  for (const command of options.before ?? []) applyCommand(state, command, diagnostics);
  for (const table of state.tables) table.settle();
  for (const command of commands) applyCommand(state, command, diagnostics);
  for (const table of state.tables) diagnostics.push(...checkNesting(table), ...checkPlacement(table));
  return { ruleset: { tables: [...state.tables].map(finish) }, diagnostics };
}
