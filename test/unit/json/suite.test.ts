// nft's own rule tests: each rule as JSON gives the bytecode that it gives as text.

import { beforeAll, describe, expect, it } from 'vitest';
import { isMissing } from '../../support/requirements.ts';
import { checkJsonRow, type JsonRowResult, jsonRows } from './suite-json.ts';

describe.skipIf(isMissing('shared'))('rules of nft-suite as JSON', () => {
  let results: readonly JsonRowResult[] = [];
  beforeAll(() => {
    results = jsonRows().map(checkJsonRow);
  }, 300_000);

  it('are many', () => expect(results.length).toBeGreaterThan(3000));

  it('give the same bytecode as text', () => {
    const wrong = results.filter(({ outcome }) => outcome !== 'exact');
    expect(wrong.map(({ row, reason }) => `${row.id}: ${reason}`)).toEqual([]);
  });
});
