// nft's own rule tests: the JSON of each rule once it is loaded, with the options that the tests list with.

import { describe, expect, it } from 'vitest';
import { evaluate } from '../../../src/ast/evaluate.ts';
import { printRulesetJson } from '../../../src/lower/lift/print.ts';
import { linearize } from '../../../src/lower/linear/linearize.ts';
import { parse } from '../../../src/nft-grammar/parse.ts';
import { isMissing } from '../../support/requirements.ts';
import { suiteMachine, textOf } from '../reference/suite.ts';
import { type JsonRow, jsonRows } from './suite-json.ts';

const options = {
  stateless: true,
  numericProtocol: true,
  names: suiteMachine.names ?? {},
  timeZoneOffset: suiteMachine.timeZoneOffset ?? 0,
};

interface RuleObject {
  readonly rule?: { readonly family: string; readonly chain: string; readonly expr: unknown };
}

/** The statements of the rule that the row adds. */
function listedRule(row: JsonRow): unknown {
  const { ir } = linearize(evaluate(parse(textOf(row)), suiteMachine).ruleset);
  const { nftables } = JSON.parse(printRulesetJson(ir, options)) as {
    readonly nftables: readonly RuleObject[];
  };
  const rules = nftables.flatMap(({ rule }) => rule ?? []);
  return rules.filter(({ family, chain }) => family === row.family && chain === row.chain).at(-1)?.expr;
}

/** Properties in one order, and elements of sets: the suite has them in orders of its own. */
function inOrder(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(inOrder);
  if (typeof value !== 'object' || value === null) return value;
  const entries = Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1));
  return Object.fromEntries(
    entries.map(([name, member]) => {
      const sorted = inOrder(member);
      return [
        name,
        name === 'set' && Array.isArray(sorted) ? sorted.map(each => JSON.stringify(each)).sort() : sorted,
      ];
    }),
  );
}

const text = (value: unknown): string => JSON.stringify(inOrder(value));

describe.skipIf(isMissing('shared'))('JSON of the rules of nft-suite', () => {
  it('is what the suite says', () => {
    const rows = jsonRows();
    const wrong = rows.filter(row => text(listedRule(row)) !== text(row.json_output ?? row.json));
    expect(rows.length).toBeGreaterThan(3000);
    expect(wrong.map(row => `${row.id} ${row.rule}`)).toEqual([]);
  }, 300_000);
});
