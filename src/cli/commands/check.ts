// nft2bpf check: per base chain and rule, on which targets it is exact, and why not on the others; and which chains would
// become programs if the others stayed in nf_tables. A ruleset that is valid but not exact everywhere is what this command
// is for, so only errors, and chains that no target takes, make its exit status 1.

import { checkReport } from '../../batch/check-report.ts';
import { readIr } from '../../front.ts';
import { type ChainReport, explain } from '../../lower/explain.ts';
import { placeText } from '../../lower/output/listing.ts';
import { Places } from '../../lower/output/places.ts';
import type { Target } from '../../lower/program.ts';
import type { Diagnostic } from '../../source/diagnostic.ts';
import { readArguments, rulesetOptions, singleFile } from '../arguments.ts';
import type { Command } from '../command.ts';
import { readRuleset, report, translateOptions } from '../ruleset.ts';

function headline({ family, table, chain, base, exact, targets }: ChainReport): string {
  const where = `${base.type} hook ${base.hook} priority ${base.priority}`;
  const verdict = exact.length > 0 ? `exact on ${exact.join(', ')}` : `refused on ${targets.join(', ')}`;
  return `${family} ${table} ${chain} (${where}): ${verdict}\n`;
}

type Refusals = ChainReport['refusals'];

/** One line a reason, behind the targets it holds for. */
function reasons(refusals: Refusals): string {
  const targets = new Map<string, Target[]>();
  for (const [target, diagnostics] of Object.entries(refusals) as [Target, readonly Diagnostic[]][]) {
    for (const { message } of diagnostics) targets.set(message, [...(targets.get(message) ?? []), target]);
  }
  return [...targets].map(([message, names]) => `      not on ${names.join(', ')}: ${message}\n`).join('');
}

/** Why a chain that could be a program stays in nf_tables all the same, with `compile --leave refused`. */
function bonds({ exact, stays }: ChainReport, places: Places): string {
  if (exact.length === 0 || stays === undefined) return '';
  const notes = stays.notes.map(({ message, span }) =>
    span ? `      ${message}: ${placeText(span, places)}\n` : `      ${message}\n`,
  );
  return `    stays in nf_tables with --leave refused: ${stays.message}\n${notes.join('')}`;
}

/** What `compile --leave refused` would make programs of, if that is not everything. */
function cutText(chains: readonly ChainReport[]): string {
  const moving = chains.filter(({ stays }) => stays === undefined);
  if (moving.length === chains.length) return '';
  const names = moving.map(({ family, table, chain }) => `\n    ${family} ${table} ${chain}`);
  return `\nwith --leave refused ${moving.length} of ${chains.length} base chains become programs${names.length > 0 ? ':' : ''}${names.join('')}\n`;
}

function chainText(chain: ChainReport, places: Places): string {
  const refused = chain.rules.filter(({ refusals }) => Object.values(refusals).some(list => list.length > 0));
  const rules = refused.map(({ span, refusals }) => `    ${placeText(span, places)}\n${reasons(refusals)}`);
  return `${headline(chain)}${bonds(chain, places)}${reasons(chain.refusals)}${rules.join('')}`;
}

export const check: Command = (argv, io) => {
  const args = readArguments(argv, { ...rulesetOptions, json: { type: 'boolean' } });
  const options = translateOptions(args);
  const front = readIr(readRuleset(singleFile(args)), options);
  report(front.diagnostics, front.sources, io);
  if (!front.ok) return 1;
  const chains = explain(front.ir, options);
  if (args.values['json'] === true)
    io.out(`${JSON.stringify(checkReport(chains, front.sources), null, 2)}\n`);
  else {
    const places = new Places(front.sources);
    io.out(`${chains.map(chain => chainText(chain, places)).join('\n')}${cutText(chains)}`);
  }
  return chains.every(({ exact }) => exact.length > 0) ? 0 : 1;
};
