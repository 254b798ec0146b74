// The reader against the reference, on what the reference lists for drawn rulesets, on the same damaged, and on commands:
// both take it and make the same of it, or we refuse. SEED draws others.

import { beforeAll, describe, expect, it } from 'vitest';
import { printRulesetJson } from '../../../src/lower/lift/print.ts';
import { jsonOutput } from '../../support/output-options.ts';
import { Random, seed } from '../../support/random.ts';
import { isMissing } from '../../support/requirements.ts';
import { irOf } from '../../unit/listing/listing.ts';
import { frontHalf, machine, reasonOf } from '../../unit/reference/translate.ts';
import { drawn } from '../language/agreement.ts';
import { type Answer, askAll } from '../language/oracle.ts';
import { drawnCommands } from './commands.ts';
import { differences } from './compare.ts';
import { firstDifference } from './listing.ts';
import { damaged } from './mutate.ts';

const inputs = 900;

interface Listed {
  readonly seed: number;
  readonly text: string;
  readonly listing: string;
}

/** Drawn rulesets that the reference takes, with its listing of each. */
async function listings(): Promise<readonly Listed[]> {
  const questions = Array.from({ length: inputs }, (_, index) => ({
    seed: seed + index,
    text: drawn(seed + index).text,
    listings: [jsonOutput],
  }));
  const found: Listed[] = [];
  for await (const [question, answer] of askAll(questions)) {
    const listing = answer === 'crashed' ? '' : (answer.listed[0] ?? '');
    if (listing !== '') found.push({ seed: question.seed, text: question.text, listing });
  }
  return found;
}

type Judgement = 'same' | 'stricter' | `wrong: ${string}`;

/** nft passes over what it does not understand in many places, where we refuse: that is `stricter`. */
function judge(text: string, answer: Answer): Judgement {
  const ours = frontHalf(text, machine);
  if (ours.thrown !== undefined) return `wrong: thrown ${(ours.thrown as Error).stack}`;
  if (answer === 'crashed') return 'same';
  if (ours.printed === undefined) return answer.ok ? 'stricter' : 'same';
  if (!answer.ok) return `wrong: nft refuses: ${answer.stderr}`;
  const [first] = differences(answer.stdout, ours.printed);
  return first === undefined ? 'same' : `wrong: ${first}`;
}

async function judgements(texts: readonly string[]): Promise<ReadonlyMap<string, Judgement>> {
  const judged = new Map<string, Judgement>();
  const questions = texts.map(text => ({ text, json: true }));
  for await (const [{ text }, answer] of askAll(questions)) judged.set(text, judge(text, answer));
  return judged;
}

/**
 * What is left of docs/differences.md: elements of ranges that come and go in one run, rules counted behind a flush,
 * chains that jump to themselves.
 */
const mostDisagreements = 0.02;

/** `refused`: by both, or by us alone. Else the ruleset that is left is compared as JSON. */
function compareState(text: string, answer: Answer): 'equal' | 'refused' | string {
  const ir = irOf(text, machine);
  if (answer === 'crashed' || ir === undefined) return 'refused';
  if (!answer.ok) return `nft refuses: ${answer.stderr}`;
  const { names = {}, timeZoneOffset = 0 } = machine;
  const difference = firstDifference(
    answer.listed[0]!,
    printRulesetJson(ir, { names, timeZoneOffset, handle: true }),
  );
  return difference === undefined ? 'equal' : difference.join('\n');
}

const wrongOf = (judged: ReadonlyMap<string, Judgement>): readonly string[] =>
  [...judged]
    .filter(([, judgement]) => judgement.startsWith('wrong'))
    .map(([text, judgement]) => `${judgement}\n${text}`);

describe.skipIf(isMissing('root', 'nft'))('JSON that the reference lists', () => {
  let listed: readonly Listed[] = [];
  beforeAll(async () => {
    listed = await listings();
  }, 300_000);

  it('is read with the bytecode that the reference makes of it', async () => {
    const judged = await judgements(listed.map(({ listing }) => listing));
    expect(listed.length).toBeGreaterThan(inputs / 5);
    expect(wrongOf(judged)).toEqual([]);
    const stricter = [...judged].filter(([, judgement]) => judgement === 'stricter');
    expect(stricter.map(([text]) => `${reasonOf(frontHalf(text, machine))}\n${text}`)).toEqual([]);
  }, 300_000);

  it('is never taken where the reference refuses it, nor with another meaning, if it is damaged', async () => {
    const random = new Random(seed);
    const texts = listed.flatMap(({ listing }) => Array.from({ length: 5 }, () => damaged(random, listing)));
    expect(wrongOf(await judgements(texts))).toEqual([]);
  }, 300_000);

  it('gives, changed by commands, the ruleset that the reference then lists', async () => {
    const random = new Random(seed);
    const questions = listed.flatMap(({ listing }) =>
      Array.from({ length: 2 }, () => ({
        text: drawnCommands(random, listing),
        json: true,
        listings: [jsonOutput],
      })),
    );
    const wrong: string[] = [];
    let equal = 0;
    for await (const [{ text }, answer] of askAll(questions)) {
      const outcome = compareState(text, answer);
      if (outcome === 'equal') equal++;
      else if (outcome !== 'refused') wrong.push(`${outcome}\n${text}`);
    }
    console.info(`${questions.length} lists of commands, ${equal} taken; not the same:`, wrong.slice(0, 3));
    expect(equal).toBeGreaterThan(questions.length / 8);
    expect(wrong.length / questions.length).toBeLessThanOrEqual(mostDisagreements);
  }, 300_000);
});
