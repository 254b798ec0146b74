// Rulesets whose JSON is compared: nft's own rule tests, real rulesets, drawn ones.

import type { EvaluateOptions } from '../../../src/ast/type/options.ts';
import { listOnMachine } from '../../support/nft.ts';
import { jsonOutput, optionSets } from '../../support/output-options.ts';
import { corpusFiles, corpusOptions, corpusText, needsOf } from '../../unit/reference/corpus.ts';
import { readSuite, suiteMachine, textOf } from '../../unit/reference/suite.ts';
import { machine } from '../../unit/reference/translate.ts';
import { drawn } from '../language/agreement.ts';
import { askAll } from '../language/oracle.ts';
import { type Round, roundOf } from './round.ts';

export interface Input {
  readonly name: string;
  readonly text: string;
  readonly options: EvaluateOptions;
}

export interface NamedRound extends Round {
  readonly name: string;
  readonly text: string;
}

export function suiteInputs(): readonly Input[] {
  return readSuite()
    .filter(({ expect }) => expect === 'ok')
    .map(row => ({ name: row.id, text: textOf(row), options: suiteMachine }));
}

export function drawnInputs(count: number, seed: number): readonly Input[] {
  return Array.from({ length: count }, (_, index) => {
    const name = String(seed + index);
    return { name, text: drawn(seed + index).text, options: machine };
  });
}

/** Each is loaded and listed; `optionsOf` says with how many of `optionSets`, from the first on. */
export async function rounds(
  inputs: readonly Input[],
  optionsOf: (index: number) => number,
): Promise<readonly NamedRound[]> {
  const found: NamedRound[] = [];
  const questions = inputs.map((input, index) => ({
    ...input,
    listings: optionSets.slice(0, optionsOf(index)).map(([flags]) => flags + jsonOutput),
  }));
  for await (const [{ name, text, options, listings }, answer] of askAll(questions))
    for (const [index, [, output]] of optionSets.slice(0, listings.length).entries()) {
      const listed = answer === 'crashed' ? undefined : answer.listed[index];
      const label = index === 0 ? name : `${name} ${JSON.stringify(output)}`;
      found.push({ name: label, text, ...roundOf(text, listed, options, output) });
    }
  return found;
}

/** On machines that have what the files name. */
export function corpusRounds(): readonly NamedRound[] {
  return corpusFiles().map(name => {
    const text = corpusText(name);
    const { ok, stdout } = listOnMachine(text, needsOf(name), '-j');
    return { name, text, ...roundOf(text, ok ? stdout : undefined, corpusOptions(name)) };
  });
}
