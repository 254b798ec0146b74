// Whether a ruleset that was printed and read again is what it was.

import type { IrRuleset, RuleId } from '../linear/ir.ts';
import { type CanonicalTable, canonicalTables, registrationOrder } from './canonical.ts';

export interface Differences {
  /** Rules of the first ruleset that the second has otherwise. */
  readonly rules: ReadonlySet<RuleId>;
  /** Other things that the second has otherwise or not at all, as messages name them. */
  readonly things: readonly string[];
}

/** `read` is undefined if the text could not be read at all. */
export function differencesOf(written: IrRuleset, read: IrRuleset = { tables: [] }): Differences {
  const [before, after] = [canonicalTables(written), canonicalTables(read)];
  const rules = new Set<RuleId>();
  const things: string[] = [];
  for (const [name, table] of before) {
    const other = after.get(name);
    if (other === undefined) things.push(`table \`${name}\``);
    else compareTables(table, other, rules, things);
  }
  if (registrationOrder(written) !== registrationOrder(read)) things.push('the order of base chains');
  return { rules, things };
}

function compareTables(
  table: CanonicalTable,
  other: CanonicalTable,
  rules: Set<RuleId>,
  things: string[],
): void {
  for (const [name, text] of table.things) if (other.things.get(name) !== text) things.push(name);
  for (const [chain, written] of table.rules) {
    const read = other.rules.get(chain) ?? [];
    if (read.length !== written.length) things.push(`the rules of chain \`${chain}\``);
    else
      written.forEach(({ rule, text }, index) => {
        if (read[index]!.text !== text) rules.add(rule.id);
      });
  }
}
