// How many requests a process of `nft2bpf batch` answers, and what memory it takes at the beginning and at the end.

import { loadBatch } from '../test/support/batch-load.ts';
import { table } from './measure.ts';

export async function benchBatch(requests: number): Promise<string> {
  const { answers, wrong, seconds, memory } = await loadBatch(requests);
  if (answers !== requests || wrong.length > 0) throw new Error(`${answers} answers; ${wrong.join('\n')}`);
  const [first, ...more] = memory.map(Math.round);
  return table([
    ['mixed requests', 'a second', 'MiB, first tenth', 'second', 'last'],
    [requests, Math.round(requests / seconds), first, more[0], more.at(-1)].map(String),
  ]);
}
