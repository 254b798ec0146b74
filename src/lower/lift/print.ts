// A ruleset as `nft list ruleset` shows it once nft has loaded it.

import { writeTables } from '../../ast/json/write.ts';
import { type OutputOptions, printTables } from '../../ast/print/index.ts';
import type { IrRuleset } from '../linear/ir.ts';
import { lift } from './index.ts';

/**
 * The text that `nft list ruleset` gives for the ruleset in a network namespace that had none. Each line ends in a
 * newline; an empty ruleset is the empty string.
 */
export function printRuleset(ir: IrRuleset, options: OutputOptions = {}): string {
  return printTables(lift(ir, options), options);
}

/**
 * The libnftables JSON that `nft -j list ruleset` gives for the ruleset, in one line that ends in a newline. Of `metainfo`
 * it has the version of the schema only.
 *
 * @example
 * ```ts
 * import { evaluate, linearize, parse, printRulesetJson } from 'nft2bpf';
 *
 * const { ir } = linearize(evaluate(parse('add table ip t\n')).ruleset);
 * console.log(printRulesetJson(ir));
 * // {"nftables": [{"metainfo": {"json_schema_version": 1}}, {"table": {"family": "ip", "name": "t"}}]}
 * ```
 */
export function printRulesetJson(ir: IrRuleset, options: OutputOptions = {}): string {
  return writeTables(lift(ir, { ...options, format: 'json' }), options);
}
