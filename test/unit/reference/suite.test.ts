// nft's own rule tests: never other bytecode than the reference's, and more of them exact with every version.

import { beforeAll, describe, expect, it } from 'vitest';
import { isMissing } from '../../support/requirements.ts';
import { checkRow, readSuite, type SuiteResult } from './suite.ts';

/** Raised as more is understood. */
const leastExact = 0.99;

function counts(results: readonly SuiteResult[]): Readonly<Record<string, number>> {
  const table: Record<string, number> = {};
  for (const { outcome, reason } of results) {
    const name =
      outcome === 'exact' ? outcome : `${outcome}: ${reason.replace(/`[^`]*`/g, '`…`').slice(0, 100)}`;
    table[name] = (table[name] ?? 0) + 1;
  }
  return table;
}

describe.skipIf(isMissing('shared'))('rules of nft-suite', () => {
  let results: readonly SuiteResult[] = [];
  beforeAll(() => {
    results = readSuite().map(checkRow);
    for (const expected of ['ok', 'fail']) {
      console.info(
        `rows that are ${expected}:`,
        counts(results.filter(each => each.row.expect === expected)),
      );
    }
  }, 300_000);

  it('gives no other bytecode than the reference', () => {
    const wrong = results.filter(each => each.row.expect === 'ok' && each.outcome === 'wrong');
    expect(wrong.map(each => each.row.id)).toEqual([]);
  });

  it('refuses what the reference refuses', () => {
    const wrong = results.filter(each => each.row.expect === 'fail' && each.outcome === 'wrong');
    expect(wrong.map(each => `${each.row.id} ${each.row.rule}`)).toEqual([]);
  });

  it('gives the same bytecode for all of them, or nearly', () => {
    const accepted = results.filter(each => each.row.expect === 'ok');
    const exact = accepted.filter(each => each.outcome === 'exact');
    expect(exact.length / accepted.length).toBeGreaterThanOrEqual(leastExact);
  });
});
