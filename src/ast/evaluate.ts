// From what the user wrote to what it means: commands are applied in their order, and each gets its types as it is.

import type { Diagnostic } from '../source/diagnostic.ts';
import { applyCommands } from './apply/apply.ts';
import type { Command } from './nodes/index.ts';
import type { EvaluateOptions } from './type/options.ts';
import type { TypedRuleset } from './type/typed.ts';

export interface EvaluateResult {
  /** Complete only if no diagnostic is an error or a refusal: what is wrong is left out. */
  readonly ruleset: TypedRuleset;
  /** All that is wrong, in the order of commands; then what is wrong with the whole. */
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
  const { before } = parsed;
  return applyCommands(parsed.commands, { ...options, ...(before !== undefined && { before }) });
}
