// What stays in nf_tables, over the whole language: drawn rules and rulesets that the reference takes are cut, once so that all
// that is not exact stays, once so that nearly everything does, and the reference has to take the remainder too. (That our
// front half reads it as what it was, `translate` sees to itself.)

import { describe, expect, it } from 'vitest';
import { translate } from '../../../src/translate.ts';
import { seed } from '../../support/random.ts';
import { isMissing } from '../../support/requirements.ts';
import { machine } from '../../unit/reference/translate.ts';
import { drawn } from './agreement.ts';
import type { Drawn } from './drawn.ts';
import { type Answer, askAll } from './oracle.ts';

const first = seed;
const inputs = Number(process.env['REMAINDERS'] ?? 500);

interface Asked {
  readonly seed: number;
  readonly text: string;
}

interface Remainder extends Asked {
  readonly remainder: string;
}

async function accepted(asked: Iterable<Asked>): Promise<readonly Asked[]> {
  const taken: Asked[] = [];
  for await (const [input, answer] of askAll(asked)) if (isTaken(answer)) taken.push(input);
  return taken;
}

/** No files that it includes, nothing that is there before it. */
function standsAlone({ before, files }: Drawn): boolean {
  return before === undefined && files === undefined;
}

function isTaken(answer: Answer): boolean {
  return answer !== 'crashed' && answer.ok;
}

function* remaindersOf({ seed, text }: Asked): Generator<Remainder> {
  for (const target of ['auto', 'xdp'] as const) {
    const { ok, remainder, diagnostics } = translate(text, { ...machine, leave: 'refused', target });
    // What is an error or cannot be written down is compared elsewhere, and must be rare.
    const reason = diagnostics.find(
      ({ severity }) => severity === 'error' || severity === 'refusal',
    )?.message;
    yield { seed, text, remainder: ok ? remainder! : `refused: ${reason}` };
  }
}

describe.skipIf(isMissing('root', 'nft'))('remainders of drawn rulesets', () => {
  it('are taken by the reference', async () => {
    const seeds = Array.from({ length: inputs }, (_, index) => first + index);
    const texts = seeds.map(seed => ({ seed, ...drawn(seed) })).filter(standsAlone);
    const taken = await accepted(texts);
    const remainders = taken.flatMap(input => [...remaindersOf(input)]);
    const wrong: string[] = [];
    const questions = remainders.map(each => ({ text: each.remainder, each }));
    for await (const [{ each }, answer] of askAll(questions))
      if (!isTaken(answer))
        wrong.push(
          `seed ${each.seed}:\n${each.text}\n${each.remainder}\n${answer === 'crashed' ? answer : answer.stderr}`,
        );
    console.info(`${remainders.length} remainders of ${taken.length} rulesets, ${wrong.length} not taken`);
    expect(taken.length).toBeGreaterThan(inputs / 5);
    expect(wrong.join('\n\n')).toBe('');
  }, 300_000);
});
