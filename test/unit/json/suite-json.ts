// nft's own rule tests once more, each rule as libnftables JSON.

import { evaluate } from '../../../src/ast/evaluate.ts';
import { linearize } from '../../../src/lower/linear/linearize.ts';
import { printIr } from '../../../src/lower/linear/print.ts';
import { parse } from '../../../src/nft-grammar/parse.ts';
import { hasFailure } from '../../../src/source/diagnostic.ts';
import {
  actualLines,
  expectedLines,
  type Outcome,
  readSuite,
  type SuiteRow,
  suiteMachine,
} from '../reference/suite.ts';

export interface JsonRow extends SuiteRow {
  readonly json: readonly unknown[] | null;
  readonly json_output: readonly unknown[] | null;
}

export interface JsonRowResult {
  readonly row: JsonRow;
  readonly outcome: Outcome;
  readonly reason: string;
  readonly expected?: readonly string[];
  readonly actual?: readonly string[];
}

/** Rows that are to be accepted and have their rule as JSON. */
export function jsonRows(): readonly JsonRow[] {
  return (readSuite() as readonly JsonRow[]).filter(row => row.expect === 'ok' && row.json !== null);
}

export function ruleCommand({ family, table, chain }: SuiteRow, expr: readonly unknown[]): object {
  return { nftables: [{ add: { rule: { family, table, chain, expr } } }] };
}

const expressionsOf = (lines: readonly string[]): string =>
  lines.filter(line => line.startsWith('[')).join('\n');

function sameOrder(expected: readonly string[], actual: readonly string[]): boolean {
  return expressionsOf(expected) === expressionsOf(actual);
}

/** The bytecode of what must be there before, in nft text, and of the rule in JSON. */
export function checkJsonRow(row: JsonRow): JsonRowResult {
  const setup = parse(`${row.setup.join('\n')}\n`);
  const rule = parse(JSON.stringify(ruleCommand(row, row.json!)));
  const evaluated = evaluate({ commands: [...setup.commands, ...rule.commands] }, suiteMachine);
  const linear = linearize(evaluated.ruleset);
  const diagnostics = [
    ...setup.diagnostics,
    ...rule.diagnostics,
    ...evaluated.diagnostics,
    ...linear.diagnostics,
  ];
  const [first] = diagnostics;
  const reason = first === undefined ? '' : `${first.code}: ${first.message}`;
  if (hasFailure(diagnostics)) return { row, outcome: 'refused', reason };
  const expected = expectedLines(row);
  const actual = actualLines(row, printIr(linear.ir));
  // The suite writes elements in an order of its own.
  const same =
    [...expected].sort().join('\n') === [...actual].sort().join('\n') && sameOrder(expected, actual);
  return same
    ? { row, outcome: 'exact', reason }
    : { row, outcome: 'wrong', reason: 'differs', expected, actual };
}
