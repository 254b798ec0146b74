// npx tsx test/property/json/report.ts [suite|corpus|drawn] [COUNT [SEED]]: how JSON compares with the reference's, by
// outcome, and the first of each that is not the same (SHOW of them, 2 if not said).

import { corpusRounds, drawnInputs, type NamedRound, rounds, suiteInputs } from './inputs.ts';
import { tally } from './round.ts';

const [which = 'suite', count = '1000', seed = '1'] = process.argv.slice(2);
const shown = Number(process.env['SHOW'] ?? 2);

async function run(): Promise<readonly NamedRound[]> {
  if (which === 'corpus') return corpusRounds();
  const inputs = which === 'suite' ? suiteInputs() : drawnInputs(Number(count), Number(seed));
  return rounds(inputs, () => 1);
}

const all = await run();
console.log(tally(all));
for (const outcome of ['different', 'strayed', 'lost'] as const)
  for (const { name, text, detail } of all.filter(round => round.outcome === outcome).slice(0, shown))
    console.log(`\n${outcome} ${name}: ${text.trim().split('\n').at(-1)}\n${detail.slice(0, 1500)}`);
