// Real rulesets: our print of each file against the reference's own.

import { beforeAll, describe, expect, it } from 'vitest';
import { isMissing } from '../../support/requirements.ts';
import { type CorpusResult, checkFile, corpusFiles } from './corpus.ts';

/** Files that are exact; raised as more is understood. */
const leastExact = 1;

describe.skipIf(isMissing('root', 'nft', 'shared'))('files of the corpus', () => {
  let results: readonly CorpusResult[] = [];
  beforeAll(() => {
    results = corpusFiles().map(checkFile);
    for (const { file, outcome, reason } of results) {
      if (outcome !== 'exact') console.info(`${outcome}: ${file}: ${reason}`);
    }
    console.info(
      `${results.filter(each => each.outcome === 'exact').length} of ${results.length} files exact`,
    );
  }, 300_000);

  it('gives no other bytecode than the reference', () => {
    const wrong = results.filter(each => each.outcome === 'wrong');
    expect(wrong.map(each => `${each.file}: ${each.differences[0] ?? each.reason}`)).toEqual([]);
  });

  it('gives the same bytecode for all', () => {
    const exact = results.filter(each => each.outcome === 'exact');
    expect(exact.length / results.length).toBeGreaterThanOrEqual(leastExact);
  });
});
