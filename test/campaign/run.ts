// npm run campaign [-- INPUTS [TEXTS [SEED]]]: the properties of the language on many inputs. Needs root and the
// reference nft. Exits with 1 if the reference disagrees, if anything throws, or takes too long.

import { agree, report, summary } from '../property/language/agreement.ts';
import { fuzz, fuzzInput } from '../property/language/fuzz.ts';
import { corpusFiles, corpusText } from '../unit/reference/corpus.ts';

const [inputs = 100_000, texts = 200_000, seed = Date.now() % 1_000_000_000] = process.argv
  .slice(2)
  .map(Number);
const longestMilliseconds = 20_000;
const shownEvery = 5000;

async function compareAll(): Promise<boolean> {
  const agreement = await agree(seed, inputs, undefined, progress => {
    if (progress.distinct % shownEvery === 0) console.info(summary(progress));
  });
  console.info(report(agreement));
  console.info(summary(agreement));
  return agreement.disagreements.size === 0;
}

function fuzzAll(): boolean {
  const corpus = corpusFiles().map(corpusText);
  const counts = { result: 0, diagnostics: 0, thrown: 0 };
  let failed = 0;
  let slowest = 0;
  for (let index = 0; index < texts; index++) {
    const { kind, thrown, milliseconds } = fuzz(fuzzInput(seed + index, corpus));
    counts[kind]++;
    slowest = Math.max(slowest, milliseconds);
    const isSlow = milliseconds > longestMilliseconds;
    if (thrown !== undefined || isSlow) failed++;
    if (thrown !== undefined) console.info(`seed ${seed + index}: ${thrown}`);
    if (isSlow) console.info(`seed ${seed + index}: ${Math.round(milliseconds)} ms`);
    if ((index + 1) % shownEvery === 0) console.info(`${index + 1} damaged texts`, counts);
  }
  const memory = Math.round(process.memoryUsage().rss / 1e6);
  console.info(`${texts} damaged texts`, counts, `slowest ${Math.round(slowest)} ms, ${memory} MB`);
  return failed === 0;
}

console.info(`seed ${seed}`);
const isSame = await compareAll();
const isSafe = fuzzAll();
process.exit(isSame && isSafe ? 0 : 1);
