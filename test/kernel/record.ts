// Writes into case files what nf_tables in this kernel says: npx tsx test/kernel/record.ts test/cases/NAME.case ...

import { readFileSync, writeFileSync } from 'node:fs';
import { readCase, writeCase } from '../support/case-file.ts';
import { LabPool } from '../support/lab-pool.ts';
import { outcomeText } from './judge.ts';
import { nfTablesJudge } from './judges/nf-tables.ts';

const pool = new LabPool();
try {
  for (const path of process.argv.slice(2)) {
    const { comment, scenario } = readCase(readFileSync(path, 'utf8'), path);
    const judgement = nfTablesJudge(pool).judge(scenario);
    if (judgement.kind !== 'judged') throw new Error(judgement.reason);
    const expected = judgement.outcomes.map(outcome => outcomeText(outcome, scenario));
    writeFileSync(path, writeCase({ comment, scenario, expected }));
    console.log(`${path}: ${expected.length} packets`);
  }
} finally {
  pool.close();
}
