// Prints the closing line of a test run from vitest's JSON report.
import { readFileSync } from 'node:fs';

const report = JSON.parse(readFileSync(process.argv[2], 'utf8'));
const skipped = report.numPendingTests + report.numTodoTests;
console.log(
  `${report.numPassedTests} passed, ${report.numFailedTests} failed${skipped > 0 ? `, ${skipped} skipped` : ''}`,
);
if (skipped > 0 && process.env.REQUIRE_ALL === '1') {
  console.error('a test was skipped where nothing may skip');
  process.exit(1);
}
