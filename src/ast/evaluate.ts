// From what the user wrote to what it means: commands are applied, then everything gets its type.

import type { Diagnostic } from '../source/diagnostic.ts';
import { applyCommands } from './apply/apply.ts';
import type { Command } from './nodes/index.ts';
import type { EvaluateOptions } from './type/options.ts';
import { typeRuleset } from './type/ruleset.ts';
import type { TypedRuleset } from './type/typed.ts';

export interface EvaluateResult {
  /** Complete only if no diagnostic is an error or a refusal: what is wrong is left out. */
  readonly ruleset: TypedRuleset;
  /** All that is wrong, in the order of commands, then of declarations and rules. */
  readonly diagnostics: readonly Diagnostic[];
}

/**
 * The ruleset that commands (of `parse`) leave behind, with every name resolved, every type known, and what nft implies
 * filled in. `before` are the commands that made what is there already.
 *
 * @example
 * ```ts
 * import { evaluate, parse } from 'nft2bpf';
 *
 * const { ruleset } = evaluate(parse('table ip t { chain c { tcp dport ssh accept; }; }'));
 * console.log(ruleset.tables.flatMap(({ chains }) => chains.map(({ name }) => name)));
 * // [ 'c' ]
 * ```
 */
export function evaluate(
  parsed: { readonly commands: readonly Command[]; readonly before?: readonly Command[] },
  options: EvaluateOptions = {},
): EvaluateResult {
  const applied = applyCommands(parsed.commands, parsed);
  const typed = typeRuleset(applied.ruleset, options);
  return { ruleset: typed.ruleset, diagnostics: [...applied.diagnostics, ...typed.diagnostics] };
}
