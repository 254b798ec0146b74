// nft's own rule tests: each row is a rule, what must be there before it, and the bytecode it gives or that it fails.

import { readFileSync } from 'node:fs';
import type { EvaluateOptions } from '../../../src/ast/type/options.ts';
import { sharedPath } from '../../support/requirements.ts';
import { elementTexts, readPrinted } from './printed.ts';
import { frontHalf, machine, reasonOf } from './translate.ts';

export interface SuiteRow {
  readonly id: string;
  readonly family: string;
  readonly table: string;
  readonly chain: string;
  readonly setup: readonly string[];
  readonly rule: string;
  readonly expect: 'ok' | 'fail';
  readonly payload: string | null;
  readonly exprs: readonly string[] | null;
}

export function readSuite(): readonly SuiteRow[] {
  const text = readFileSync(`${sharedPath}/nft-suite/cases.jsonl`, 'utf8');
  return text
    .trim()
    .split('\n')
    .map(line => JSON.parse(line) as SuiteRow);
}

/**
 * `exact`: the bytecode is the same. `refused`: we refuse what the reference takes. `wrong`: we give other bytecode, or
 * take what the reference refuses, or throw.
 */
export type Outcome = 'exact' | 'refused' | 'wrong';

export interface SuiteResult {
  readonly row: SuiteRow;
  readonly outcome: Outcome;
  readonly reason: string;
  /** Lines, where they differ. */
  readonly expected?: readonly string[];
  readonly actual?: readonly string[];
}

export function textOf(row: SuiteRow): string {
  return `${[...row.setup, `add rule ${row.family} ${row.table} ${row.chain} ${row.rule}`].join('\n')}\n`;
}

/** The machine that the suite's bytecode comes from numbers two groups in its own way. */
export const suiteMachine: EvaluateOptions = {
  ...machine,
  names: { ...machine.names, groups: { root: 0, bin: 1, daemon: 2 } },
};

/** Elements of the anonymous sets, then expressions, as the suite has them. */
export function expectedLines(row: SuiteRow): readonly string[] {
  const elements = (row.payload ?? '').split('\n').filter(line => line.startsWith('\telement'));
  return [...elements.flatMap(elementTexts), ...(row.exprs ?? [])];
}

export function actualLines(row: SuiteRow, printed: string): readonly string[] {
  const rule = readPrinted(printed).rules.get(`${row.family} ${row.table} ${row.chain}`)?.at(-1);
  return rule === undefined ? [] : [...rule.sets.flat(), ...rule.expressions];
}

export function checkRow(row: SuiteRow): SuiteResult {
  const result = frontHalf(textOf(row), suiteMachine);
  const reason = reasonOf(result);
  if (result.thrown !== undefined) return { row, outcome: 'wrong', reason };
  if (row.expect === 'fail')
    return { row, outcome: result.printed === undefined ? 'exact' : 'wrong', reason };
  if (result.printed === undefined) return { row, outcome: 'refused', reason };
  const expected = expectedLines(row);
  const actual = actualLines(row, result.printed);
  const same = expected.length === actual.length && expected.every((line, index) => line === actual[index]);
  return same
    ? { row, outcome: 'exact', reason }
    : { row, outcome: 'wrong', reason: 'differs', expected, actual };
}
