// Commands, applied in their order to what was there before. Each command that fails is reported and left out; the
// others are applied, so that one run shows all errors.

import type { Diagnostic } from '../../source/diagnostic.ts';
import { outOfPatience } from '../../source/patience.ts';
import type { Command, RenameCommand } from '../nodes/index.ts';
import { attempt, fail } from '../type/failure.ts';
import type { EvaluateOptions } from '../type/options.ts';
import type { TypedRuleset } from '../type/typed.ts';
import { applyDeclaration } from './declare.ts';
import { applyElements } from './elements.ts';
import { checkRuleset, finishRuleset } from './finish.ts';
import { applyInspect, applyReset } from './inspect.ts';
import { applyDelete, applyFlush } from './remove.ts';
import { applyRuleCommand } from './rules.ts';
import { failUnread, RulesetState, requireChain } from './ruleset-state.ts';
import type { Reading } from './table-state.ts';

export interface ApplyResult {
  readonly ruleset: TypedRuleset;
  readonly diagnostics: readonly Diagnostic[];
}

export interface ApplyOptions extends EvaluateOptions {
  /** Commands that made the ruleset which is there already. */
  readonly before?: readonly Command[];
}

/** The kernel knows a chain by its new name only when the commands are done, and then none that they made. */
function applyRename(state: RulesetState, { table: reference, chain, newName }: RenameCommand): void {
  const table = state.requireKnown(reference.family, reference.name);
  const { settled } = requireChain(table, chain);
  if (settled === true && state.shared.reading.isBlind) failUnread(chain.span);
  const isTaken = table.chains.has(newName.text) || [...table.renamed.values()].includes(newName.text);
  if (isTaken) fail('already-exists', `chain \`${newName.text}\` exists already`, newName.span);
  if (settled !== true)
    fail('rename-of-new-chain', 'a chain that these commands declare cannot be renamed by them', chain.span);
  table.hasChangedChain = true;
  table.renamed.set(chain.text, newName.text);
}

/** Nothing is applied any more when the caller waits no longer. */
function applyCommand(state: RulesetState, command: Command, isLast: boolean, into: Diagnostic[]): void {
  if (state.shared.patience.isOut()) return;
  if (command.kind === 'declare') {
    applyDeclaration(state, command, into);
    return;
  }
  attempt(into, () => {
    if (command.kind === 'rule_command') applyRuleCommand(state, command, into);
    else if (command.kind === 'element_command') applyElements(state, command);
    else if (command.kind === 'delete') applyDelete(state, command);
    else if (command.kind === 'flush') applyFlush(state, command);
    else if (command.kind === 'rename') applyRename(state, command);
    else if (command.kind === 'reset') applyReset(state, command, isLast);
    else applyInspect(state, command);
  });
}

function applyAll(state: RulesetState, commands: readonly Command[], into: Diagnostic[]): void {
  const last = commands.length - 1;
  commands.forEach((command, index) => {
    applyCommand(state, command, index === last, into);
  });
}

/** Words behind `list` for which nft reads sets. */
const listedWithSets: ReadonlySet<string> = new Set(
  'ruleset table chain set sets map maps meter meters flow hooks'.split(' '),
);

function readsSets(command: Command): boolean {
  switch (command.kind) {
    case 'rule_command':
    case 'element_command':
      return true;
    case 'declare':
      return command.declaration.kind === 'table' && command.declaration.members.length > 0;
    case 'reset':
      return !/^(counter|quota)s?$/.test(command.scope);
    case 'flush':
      return command.object !== 'ruleset' && /^(set|map|meter)$/.test(command.object.object);
    case 'inspect':
      return listedWithSets.has(command.scope ?? '');
    default:
      return false;
  }
}

function readingOf(commands: readonly Command[]): Reading {
  return {
    isBlind: commands.some(command => command.kind === 'flush' && command.object === 'ruleset'),
    readsSets: commands.some(readsSets),
  };
}

/** The ruleset that commands leave behind. It is complete only if no diagnostic is an error. */
export function applyCommands(commands: readonly Command[], options: ApplyOptions = {}): ApplyResult {
  const state = new RulesetState(options);
  const diagnostics: Diagnostic[] = [];
  applyAll(state, options.before ?? [], diagnostics);
  for (const table of state.tables) table.settle();
  state.shared.reading = readingOf(commands);
  applyAll(state, commands, diagnostics);
  if (state.shared.patience.hasEnded)
    diagnostics.push({ code: 'limit-exceeded', severity: 'error', message: outOfPatience });
  diagnostics.push(...checkRuleset(state));
  return { ruleset: finishRuleset(state), diagnostics };
}
