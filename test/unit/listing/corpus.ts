// Real rulesets: each is loaded and listed on a machine that has what it names.

import { listOnMachine } from '../../support/nft.ts';
import { corpusFiles, corpusOptions, corpusText, needsOf } from '../reference/corpus.ts';
import { compareListing, type Listing } from './listing.ts';

export function* listCorpus(filter = ''): Generator<readonly [file: string, listing: Listing]> {
  for (const file of corpusFiles()) {
    if (!file.includes(filter)) continue;
    const text = corpusText(file);
    const answer = listOnMachine(text, needsOf(file));
    yield [file, compareListing(text, answer.ok ? answer.stdout : undefined, corpusOptions(file))];
  }
}
