// npx tsx test/property/json/report.ts [suite|corpus|drawn] [COUNT [SEED]]: how JSON compares with the reference's, by
// outcome, and the first of each that is not the same (SHOW of them). OPTIONS='-n' lists with that option of nft.

import type { OutputOptions } from '../../../src/ast/print/options.ts';
import type { EvaluateOptions } from '../../../src/ast/type/options.ts';
import { corpusFiles, corpusOptions, corpusText } from '../../unit/reference/corpus.ts';
import { readSuite, suiteMachine, textOf } from '../../unit/reference/suite.ts';
import { machine } from '../../unit/reference/translate.ts';
import { drawn } from '../language/agreement.ts';
import { askAll, outputFlags } from '../language/oracle.ts';
import { type Round, roundOf, tally } from './round.ts';

const [which = 'suite', count = '1000', seed = '1'] = process.argv.slice(2);
const shown = Number(process.env['SHOW'] ?? 2);
const option = process.env['OPTIONS'];

const outputOptions: Readonly<Record<string, OutputOptions>> = {
  '-s': { stateless: true },
  '-S': { service: true },
  '-u': { guid: true },
  '-p': { numericProtocol: true },
  '-y': { numericPriority: true },
  '-T': { numericTime: true },
  '-t': { terse: true },
  '-n': { numeric: true },
};

interface Input {
  readonly name: string;
  readonly text: string;
  readonly options: EvaluateOptions;
}

function inputs(): readonly Input[] {
  if (which === 'suite')
    return readSuite()
      .filter(({ expect }) => expect === 'ok')
      .map(row => ({ name: row.id, text: textOf(row), options: suiteMachine }));
  if (which === 'corpus')
    return corpusFiles().map(name => ({ name, text: corpusText(name), options: corpusOptions(name) }));
  return Array.from({ length: Number(count) }, (_, index) => {
    const name = String(Number(seed) + index);
    return { name, text: drawn(Number(name)).text, options: machine };
  });
}

const listings = [outputFlags['-j']! + (option === undefined ? 0 : outputFlags[option]!)];
const rounds: (Round & { readonly input: Input })[] = [];
for await (const [input, answer] of askAll(inputs().map(each => ({ ...each, listings })))) {
  if (answer !== 'crashed' && !answer.ok && which === 'drawn') continue;
  const listed = answer === 'crashed' ? undefined : answer.listed[0];
  const output = option === undefined ? {} : outputOptions[option];
  rounds.push({ input, ...roundOf(input.text, listed, input.options, output) });
}
console.log(tally(rounds));
for (const outcome of ['different', 'strayed', 'lost'] as const)
  for (const { input, detail } of rounds.filter(round => round.outcome === outcome).slice(0, shown))
    console.log(
      `\n${outcome} ${input.name}: ${input.text.trim().split('\n').at(-1)}\n${detail.slice(0, 1500)}`,
    );
