// A ruleset as `nft list ruleset` shows it once nft has loaded it.

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
