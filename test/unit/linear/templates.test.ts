// Rules by templates: whatever stands before a rule, it gets what it gets alone. The rules of nft's own tests, and drawn
// ones, with other numbers, addresses and texts in them, behind the rule that they were made of, twice: templates are made of
// the second rule of a shape. Their anonymous sets are compared, too.

import { describe, expect, it } from 'vitest';
import { evaluate } from '../../../src/ast/evaluate.ts';
import { linearize } from '../../../src/lower/linear/linearize.ts';
import { printRule } from '../../../src/lower/linear/print.ts';
import { elementText } from '../../../src/lower/linear/print-set.ts';
import { TemplateRule } from '../../../src/lower/linear/templates.ts';
import { SetFlag } from '../../../src/model/set-flags.ts';
import { parse } from '../../../src/nft-grammar/parse.ts';
import type { Span } from '../../../src/source/span.ts';
import { drawnRule } from '../../property/language/rulesets.ts';
import { isMissing } from '../../support/requirements.ts';
import { readSuite, type SuiteRow } from '../reference/suite.ts';
import { machine } from '../reference/translate.ts';

/** All that is said of the last line, places counted from its start; and whether a template said it. */
function lastLine(lines: readonly string[]): { readonly said: unknown; readonly byTemplate: boolean } {
  const text = `${lines.join('\n')}\n`;
  const start = text.length - lines.at(-1)!.length - 1;
  // What a variable stands for is somewhere else.
  const place = ({ from, to }: Span): string =>
    from < start ? `at ${from}-${to}` : `${from - start}-${to - start}`;
  const parsed = parse(text);
  const evaluated = evaluate(parsed, machine);
  const linear = linearize(evaluated.ruleset);
  const sets = linear.ir.tables.flatMap(table => table.sets);
  const rules = linear.ir.tables.flatMap(table => table.chains).flatMap(chain => chain.rules);
  const rule = rules.find(({ span }) => span.from >= start);
  const own = sets.filter(({ span, flags }) => span.from >= start && (flags & SetFlag.anonymous) !== 0);
  const diagnostics = [...parsed.diagnostics, ...evaluated.diagnostics, ...linear.diagnostics];
  const said = {
    code: rule && printRule(rule, sets),
    places: rule?.origins.map(place),
    comment: rule?.comment,
    sets: own.map(set => [
      set.flags,
      set.keyParts,
      set.data,
      Array.from({ length: set.elements.count }, (_, index) => elementText(set, index)),
      set.elements.spans?.map(place),
    ]),
    diagnostics: diagnostics
      .filter(({ span }) => span !== undefined && span.from >= start)
      .map(({ message, span }) => `${place(span!)} ${message}`),
  };
  return { said, byTemplate: rule instanceof TemplateRule };
}

const ruleLine = (row: SuiteRow, rule: string): string =>
  `add rule ${row.family} ${row.table} ${row.chain} ${rule}`;

type Change = (text: string) => string;

/** Every number that is not part of a word. */
const numbers =
  (change: Change): Change =>
  text =>
    text.replace(/(?<![\w.:$-])\d+(?![\w:])/g, change);
/** The last digit of everything that ends in one: of addresses, ranges, names of devices. */
const lastDigits =
  (change: Change): Change =>
  text =>
    text.replace(/\d(?![\w.:])/g, change);
const inQuotes =
  (change: Change): Change =>
  text =>
    text.replace(/"([^"$]*)"/g, (_, inner: string) => `"${change(inner)}"`);

/** By one, to one that fits nowhere, to zero; to numbers that turn a range round or make elements equal. */
const changes: readonly Change[] = [
  text => text,
  numbers(number => String(BigInt(number) + 1n)),
  numbers(() => '0'),
  numbers(() => '255'),
  numbers(() => '70000'),
  numbers(number => `0${number}`),
  lastDigits(digit => String((Number(digit) + 1) % 10)),
  lastDigits(() => '1'),
  numbers(number => `0x${BigInt(number).toString(16)}`),
  inQuotes(text => `${text}x`),
  inQuotes(text => `${text}*`),
];

/** What the last of `lines` says behind itself, if `change` is applied to its rule, is what that says alone. */
function compareChanged(lines: readonly string[], prefix: string, rule: string, change: Change): boolean {
  // What a meter is made with, rules behind it must repeat.
  const changed = prefix + (rule.includes('meter ') ? rule : change(rule));
  const alone = lastLine([...lines, changed]);
  const behind = lastLine([...lines, prefix + rule, prefix + rule, changed]);
  expect(alone.byTemplate).toBe(false);
  expect([changed, behind.said]).toEqual([changed, alone.said]);
  return behind.byTemplate;
}

describe.skipIf(isMissing('shared'))('rules by templates', () => {
  const rows = readSuite();

  // Every rule with some of the changes; over the rules, all of them.
  it.each([0, 1])(
    'say what they say alone: round %i',
    round => {
      let count = 0;
      rows.forEach((row, index) => {
        const change = changes[(index + round * 5) % changes.length]!;
        const prefix = ruleLine(row, '');
        if (compareChanged(row.setup, prefix, row.rule, change)) count++;
      });
      console.info(`${count} of ${rows.length} rules by template`);
      expect(count).toBeGreaterThan(1500);
    },
    120_000,
  );
});

describe('drawn rules by templates', () => {
  const drawn = 1500;

  it('say what they say alone', () => {
    let count = 0;
    for (let seed = 1; seed <= drawn; seed++) {
      const { text } = drawnRule(seed);
      // What is left open by a damaged rule swallows the one behind it.
      if (parse(text).diagnostics.length > 0) continue;
      const lines = text.trimEnd().split('\n');
      const last = lines.pop()!;
      const [prefix] = /^add rule \w+ t c /.exec(last) ?? [''];
      const change = changes[seed % changes.length]!;
      if (compareChanged(lines, prefix, last.slice(prefix.length), change)) count++;
    }
    console.info(`${count} of ${drawn} drawn rules by template`);
    expect(count).toBeGreaterThan(200);
  }, 120_000);
});

describe('rules with other constants in the same places', () => {
  const table = 'table inet t { chain c { type filter hook input priority 0; } }';
  const rows = [
    ['meta mark & 0xff00 == 0x300 accept', '0x300', '0x500'],
    ['ip saddr & 255.255.255.0 == 10.0.3.0 drop', '3.0 drop', '4.0 drop'],
    ['ip saddr 10.0.0.1 ct mark set ct mark and 0xff or 7', '0.1', '0.2'],
    ['ip saddr 10.0.0.1 queue num 1-3', '0.1', '0.2'],
    ['tcp dport vmap { 21 : accept, 22 : drop }', '22', '80'],
    ['tcp dport vmap { 21 : accept, 22 : drop }', '22', '21'],
    ['ip saddr . tcp dport vmap { 10.0.0.1 . 21 : accept, 10.0.0.2 . 22 : drop }', '0.2 . 22', '0.1 . 21'],
    ['meta mark set tcp dport map { 21 : 1, 22 : 2 }', '22 : 2', '21 : 3'],
  ] as const;

  it.each(rows)('%s, with %s as %s', (rule, from, to) => {
    expect(compareChanged([table], 'add rule inet t c ', rule, text => text.replace(from, to))).toBe(true);
  });
});
