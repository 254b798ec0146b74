// Rules by templates: whatever stands before a rule, it gets what it gets alone. The rules of nft's own tests, with other
// numbers in them, behind the rule that they were made of: it is the first of its shape, they are by its template.

import { describe, expect, it } from 'vitest';
import { evaluate } from '../../../src/ast/evaluate.ts';
import { linearize } from '../../../src/lower/linear/linearize.ts';
import { printRule } from '../../../src/lower/linear/print.ts';
import { TemplateRule } from '../../../src/lower/linear/templates.ts';
import { parse } from '../../../src/nft-grammar/parse.ts';
import type { Span } from '../../../src/source/span.ts';
import { isMissing } from '../../support/requirements.ts';
import { readSuite, type SuiteRow } from '../reference/suite.ts';
import { machine } from '../reference/translate.ts';

/** All that is said of the last line, places counted from its start; and whether a template said it. */
function lastLine(lines: readonly string[]): { readonly said: unknown; readonly byTemplate: boolean } {
  const text = `${lines.join('\n')}\n`;
  const start = text.length - lines.at(-1)!.length - 1;
  const place = ({ from, to }: Span): string => `${from - start}-${to - start}`;
  const parsed = parse(text);
  const evaluated = evaluate(parsed, machine);
  const linear = linearize(evaluated.ruleset);
  const sets = linear.ir.tables.flatMap(table => table.sets);
  const rules = linear.ir.tables.flatMap(table => table.chains).flatMap(chain => chain.rules);
  const rule = rules.find(({ span }) => span.from >= start);
  const diagnostics = [...parsed.diagnostics, ...evaluated.diagnostics, ...linear.diagnostics];
  const said = {
    code: rule && printRule(rule, sets),
    places: rule?.origins.map(place),
    comment: rule?.comment,
    diagnostics: diagnostics
      .filter(({ span }) => span !== undefined && span.from >= start)
      .map(({ message, span }) => `${place(span!)} ${message}`),
  };
  return { said, byTemplate: rule instanceof TemplateRule };
}

const ruleLine = (row: SuiteRow, rule: string): string =>
  `add rule ${row.family} ${row.table} ${row.chain} ${rule}`;

/** Every number that is not part of a word, changed: by one, or to one that fits nowhere, or to zero. */
const changes: readonly ((number: string) => string)[] = [
  number => number,
  number => String(BigInt(number) + 1n),
  () => '0',
  () => '255',
  () => '70000',
  number => `0${number}`,
];

const changed = (rule: string, change: (number: string) => string): string =>
  rule.replace(/(?<![\w.:$-])\d+(?![\w:])/g, change);

describe.skipIf(isMissing('shared'))('rules by templates', () => {
  const rows = readSuite();

  // Every rule with some of the changes; over the rules, all of them.
  it.each([0, 1])(
    'say what they say alone: round %i',
    round => {
      let count = 0;
      rows.forEach((row, index) => {
        const change = changes[(index + round * 3) % changes.length]!;
        const rule = ruleLine(row, changed(row.rule, change));
        const alone = lastLine([...row.setup, rule]);
        const behind = lastLine([...row.setup, ruleLine(row, row.rule), rule]);
        expect(alone.byTemplate).toBe(false);
        expect([rule, behind.said]).toEqual([rule, alone.said]);
        if (behind.byTemplate) count++;
      });
      console.info(`${count} of ${rows.length} rules by template`);
      expect(count).toBeGreaterThan(1000);
    },
    120_000,
  );
});
