// Input of any kind ends in a result: no exception, places within the text, limits that say which they are.

import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { walk } from '../../../src/ast/visitor.ts';
import { parse } from '../../../src/nft-grammar/parse.ts';
import { reservedWords, scopedWords } from '../../../src/nft-grammar/words.ts';
import { renderDiagnostics } from '../../../src/source/render.ts';

const runs = Number(process.env['FUZZ_RUNS'] ?? 1500);

/** Parses, looks at everything, and renders. */
function exercise(text: string): void {
  const { commands, diagnostics, files } = parse(text);
  for (const command of commands) walk(command, node => node.span.to <= text.length);
  for (const { span } of diagnostics) {
    expect(span!.from).toBeGreaterThanOrEqual(0);
    expect(span!.to).toBeLessThanOrEqual(text.length);
    expect(span!.from).toBeLessThanOrEqual(span!.to);
  }
  renderDiagnostics(diagnostics, files, { width: 40 });
}

const words = [...reservedWords, ...Object.values(scopedWords).flat()];
const punctuation = [
  '{',
  '}',
  '(',
  ')',
  '[',
  ']',
  ';',
  '\n',
  ',',
  '.',
  ':',
  '/',
  '-',
  '@',
  '$',
  '=',
  '==',
  '!=',
  '"',
  '#',
  '\\',
  '*',
  '&',
  '|',
];
const literals = [
  '1',
  '0x1',
  '22',
  '1.1.1.1',
  '::1',
  '5m',
  'foo',
  '"x"',
  '$x',
  '@s',
  'eth*',
  '1:2',
  '99999999999999999999',
];
const soup = fc
  .array(fc.constantFrom(...words, ...punctuation, ...punctuation, ...literals, ...literals), {
    maxLength: 60,
  })
  .map(tokens => tokens.join(' '));

describe('any text', () => {
  test('characters', () => {
    fc.assert(fc.property(fc.string({ unit: 'binary', maxLength: 200 }), exercise), { numRuns: runs });
  });
  test('tokens', () => {
    fc.assert(fc.property(soup, exercise), { numRuns: runs });
  });
  test('tokens in a chain', () => {
    fc.assert(
      fc.property(soup, text => exercise(`table ip t {\n chain c {\n${text}\n}\n}\n`)),
      { numRuns: runs },
    );
  });
});

describe('limits', () => {
  const codes = (text: string, limits = {}): readonly string[] =>
    parse(text, { limits }).diagnostics.map(diagnostic => diagnostic.code);

  test('length of all files', () => {
    expect(codes('flush ruleset\n', { sourceLength: 5 })).toEqual(['limit-exceeded']);
  });
  test('tokens of a rule', () => {
    expect(codes(`add rule t c ${'counter '.repeat(20)}\n`, { ruleTokens: 10 })).toEqual(['limit-exceeded']);
    const elements = Array.from({ length: 1000 }, (_, index) => index).join(', ');
    expect(codes(`add rule t c mark { ${elements} }\n`, { ruleTokens: 10 })).toEqual([]);
  });
  test('depth', () => {
    expect(codes(`add rule t c mark ${'('.repeat(40)}1${')'.repeat(40)}\n`)).toEqual(['limit-exceeded']);
    expect(codes(`define a = ${'{ '.repeat(40)}1${' }'.repeat(40)}\n`)).toContain('limit-exceeded');
  });
  test('errors', () => {
    expect(codes('oops oops oops\n'.repeat(50), { errors: 3 })).toEqual([
      'syntax-error',
      'syntax-error',
      'syntax-error',
      'too-many-errors',
    ]);
  });
});

describe('large input of one kind', () => {
  const million = 1_000_000;
  test.each([
    ['braces', '{'.repeat(million)],
    ['closing braces', '}'.repeat(million)],
    ['parentheses', `add rule t c ip saddr ${'('.repeat(million)}`],
    ['tables', 'table t {'.repeat(million / 10)],
    ['anonymous chains', `add rule t c ${'jump { '.repeat(million / 10)}`],
    ['colons', ':'.repeat(million)],
    ['groups of an address', 'a:'.repeat(million)],
    ['digits', '1'.repeat(million)],
    ['one word', 'a'.repeat(million)],
    ['operators', `add rule t c mark set 1${' | 1'.repeat(million / 4)}\n`],
    ['quotes', '"'.repeat(million)],
    ['elements', `define x = { ${'1.1.1.1, '.repeat(million / 10)}}\n`],
  ])('%s', (_, text) => {
    exercise(text.length > 0 ? text : ' ');
  });
});
