// npx tsx test/unit/listing/report.ts [suite|corpus|drawn] [FILTER|COUNT [SEED]]: counts, then what differs by its first
// words, most frequent first.

import { drawn } from '../../property/language/agreement.ts';
import { askAll } from '../../property/language/oracle.ts';
import { readSuite, suiteMachine, textOf } from '../reference/suite.ts';
import { listCorpus } from './corpus.ts';
import { compareListing, type Listing, tally } from './listing.ts';

const [which = 'suite', filter = '', seed = '1'] = process.argv.slice(2);
const shown = Number(process.env['SHOW'] ?? 40);

type Named = Listing & { readonly name: string };

async function listings(): Promise<readonly Named[]> {
  const found: Named[] = [];
  if (which === 'corpus') {
    for (const [name, listing] of listCorpus(filter)) found.push({ name, ...listing });
    return found;
  }
  const inputs =
    which === 'drawn'
      ? Array.from({ length: Number(filter || 2000) }, (_, index) => {
          const { text, subject } = drawn(Number(seed) + index);
          return { text, name: `${Number(seed) + index} ${subject}`, listings: [0] };
        })
      : readSuite()
          .filter(row => row.expect === 'ok' && (row.id.includes(filter) || row.rule.includes(filter)))
          .map(row => ({ text: textOf(row), name: `${row.id} ${row.rule}`, listings: [0] }));
  for await (const [{ text, name }, answer] of askAll(inputs)) {
    const listed = answer === 'crashed' ? undefined : answer.listed[0];
    const options = which === 'suite' ? suiteMachine : undefined;
    found.push({ name, ...compareListing(text, listed, options) });
  }
  return found;
}

const generic = (line: string): string =>
  line
    .replace(/"[^"]*"/g, '"…"')
    .replace(/\b(?:0x[0-9a-f]+|\d[\d.:a-f/]*)/g, 'N')
    .split(' ')
    .slice(0, 4)
    .join(' ');

const quiet = new Set(['same', 'unknown', ...(process.env['ALL'] ? [] : ['changed', 'refused'])]);
const all = await listings();
console.log(tally(all));
const groups = new Map<string, Named[]>();
for (const listing of all) {
  if (quiet.has(listing.outcome)) continue;
  const cause = `${listing.outcome}: ${generic(listing.expected)}`;
  groups.set(cause, [...(groups.get(cause) ?? []), listing]);
}
for (const [cause, list] of [...groups].sort(([, a], [, b]) => b.length - a.length).slice(0, shown)) {
  console.log(`${list.length} ${cause}`);
  for (const { name, expected, actual } of list.slice(0, 2))
    console.log(`    ${name.slice(0, 200)}\n      - ${expected}\n      + ${actual}`);
}
