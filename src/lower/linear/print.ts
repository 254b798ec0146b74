// The register IR as text, as `nft --debug=netlink -c -f` prints a ruleset whose tables are single blocks: named sets
// with their elements, then each rule after the anonymous sets it looks up in. What is not part of the IR (use counts,
// user data) and named objects, whose line names neither table nor object, are not printed.

import type { Expression, IrChain, IrRule, IrRuleset, IrSet, IrTable, SetId } from './ir.ts';
import { SetFlag } from './ir.ts';
import { expressionText, type SetName } from './print-expression.ts';
import { setLines } from './print-set.ts';

type Sets = ReadonlyMap<SetId, IrSet>;

function setNames(sets: Sets): SetName {
  return id => sets.get(id)?.name ?? '?';
}

function lookedUp(expression: Expression): SetId | undefined {
  return 'set' in expression ? expression.set : undefined;
}

function isAnonymous(set: IrSet): boolean {
  return (set.flags & SetFlag.anonymous) !== 0;
}

/** In order of use. */
function anonymousSets(rule: IrRule, sets: Sets): readonly IrSet[] {
  const found = rule.expressions.flatMap(expression => {
    const id = lookedUp(expression);
    const set = id === undefined ? undefined : sets.get(id);
    return set !== undefined && isAnonymous(set) ? [set] : [];
  });
  return [...new Set(found)];
}

/** The expression lines of a rule, indented as nft does. */
export function ruleLines(rule: IrRule, setName: SetName): readonly string[] {
  return rule.expressions.map(expression => `  [ ${expressionText(expression, setName)} ]`);
}

function tableLines(table: IrTable): readonly string[] {
  const sets: Sets = new Map(table.sets.map(set => [set.id, set]));
  const setName = setNames(sets);
  const named = table.sets.filter(set => !isAnonymous(set));
  const lines = named.flatMap(set => setLines(table.family, table.name, set));
  const anonymous = new Map(table.chains.filter(chain => chain.anonymous).map(chain => [chain.name, chain]));
  const printRules = (chain: IrChain, header: string): void => {
    for (const rule of chain.rules) {
      for (const set of anonymousSets(rule, sets)) {
        for (const line of setLines(table.family, table.name, set)) lines.push(line);
      }
      for (const made of madeChains(rule, anonymous)) printRules(made, `${table.family} ${table.name}`);
      lines.push(header);
      for (const line of ruleLines(rule, setName)) lines.push(line);
    }
  };
  for (const chain of table.chains) {
    if (chain.anonymous) continue;
    printRules(chain, `${table.family} ${table.name} ${chain.name}`);
  }
  return lines;
}

/** Chains without a name that the rule jumps to: they are made before it. */
function madeChains(rule: IrRule, anonymous: ReadonlyMap<string, IrChain>): readonly IrChain[] {
  return rule.expressions.flatMap(expression => {
    if (expression.op !== 'verdict' || !('chain' in expression.verdict)) return [];
    return anonymous.get(expression.verdict.chain) ?? [];
  });
}

/** Each line ends in a newline; an empty ruleset is the empty string. */
export function printIr(ruleset: IrRuleset): string {
  return ruleset.tables
    .flatMap(tableLines)
    .map(line => `${line}\n`)
    .join('');
}

/** A rule's expressions as one text per line, for those who have no ruleset at hand. */
export function printRule(rule: IrRule, sets: Iterable<IrSet>): string {
  const byId = new Map([...sets].map(set => [set.id, set]));
  return ruleLines(rule, setNames(byId)).join('\n');
}
