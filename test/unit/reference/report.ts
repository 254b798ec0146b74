// npx tsx test/unit/reference/report.ts [suite|corpus] [FILTER]: counts by outcome and reason, and the first
// differences. FILTER is a part of a row's id or rule, or of a file's name.

import { checkFile, corpusFiles } from './corpus.ts';
import { checkRow, readSuite, type SuiteResult, textOf } from './suite.ts';

const shown = Number(process.env['SHOW'] ?? 10);
const [which = 'suite', filter = ''] = process.argv.slice(2);

function tally(names: readonly string[]): string {
  const counts = new Map<string, number>();
  for (const name of names) counts.set(name, (counts.get(name) ?? 0) + 1);
  const sorted = [...counts].sort((a, b) => b[1] - a[1]);
  return sorted.map(([name, count]) => `${String(count).padStart(6)}  ${name}`).join('\n');
}

function showWrong({ row, reason, expected = [], actual = [] }: SuiteResult): void {
  console.log('%s', `\n${row.id}\n${textOf(row)}${row.expect === 'fail' ? '(must be refused)' : reason}`);
  const length = Math.max(expected.length, actual.length);
  for (let index = 0; index < length; index++) {
    const same = expected[index] === actual[index];
    console.log(same ? `    ${expected[index]}` : `  - ${expected[index] ?? ''}\n  + ${actual[index] ?? ''}`);
  }
}

/** Reasons without the names in them. */
const generic = (reason: string): string => reason.replace(/`[^`]*`/g, '`…`').slice(0, 120);

function reportSuite(): void {
  const rows = readSuite().filter(row => row.id.includes(filter) || row.rule.includes(filter));
  const results = rows.map(checkRow);
  for (const expect of ['ok', 'fail'] as const) {
    const of = results.filter(result => result.row.expect === expect);
    console.log(`${of.length} rows ${expect}\n${tally(of.map(result => result.outcome))}`);
  }
  const refused = results.filter(result => result.outcome === 'refused');
  console.log(`\nrefused because\n${tally(refused.map(result => generic(result.reason)))}`);
  for (const { row, reason } of refused.slice(0, shown))
    console.log(`  ${row.id}: ${row.rule}\n      ${reason}`);
  for (const result of results.filter(each => each.outcome === 'wrong').slice(0, shown)) showWrong(result);
}

function reportCorpus(): void {
  const results = corpusFiles()
    .filter(file => file.includes(filter))
    .map(checkFile);
  console.log(`${results.length} files\n${tally(results.map(result => result.outcome))}`);
  const refused = results.filter(result => result.outcome === 'refused');
  console.log(`\nrefused because\n${tally(refused.map(result => generic(result.reason)))}`);
  for (const { file, reason, differences } of results
    .filter(each => each.outcome === 'wrong')
    .slice(0, shown)) {
    console.log(`\n${file}: ${reason}\n${differences.slice(0, 3).join('\n')}`);
  }
  for (const { file, reason } of results.filter(each => each.outcome === 'unknown'))
    console.log(`unknown ${file}: ${reason}`);
}

if (which === 'corpus') reportCorpus();
else reportSuite();
