// Diagnostics as text.

import { describe, expect, test } from 'vitest';
import type { Diagnostic } from '../../../src/source/diagnostic.ts';
import { LineIndex } from '../../../src/source/lines.ts';
import { renderDiagnostic } from '../../../src/source/render.ts';
import type { FileId, SourceFile } from '../../../src/source/span.ts';

const fileId = 0 as FileId;
const fileOf = (text: string): readonly SourceFile[] => [{ id: fileId, name: 'rules.nft', text }];

/** A diagnostic that marks the first occurrence of `marked`. */
function mark(text: string, marked: string, more: Partial<Diagnostic> = {}): Diagnostic {
  const from = text.indexOf(marked);
  const span = { file: fileId, from, to: from + marked.length };
  return { code: 'syntax-error', severity: 'error', message: 'unexpected', span, ...more };
}

describe('excerpts', () => {
  test('line, mark and notes', () => {
    const text = 'table ip t {\n  acept\n}\n';
    expect(
      renderDiagnostic(mark(text, 'acept', { notes: [{ message: 'expected a statement' }] }), fileOf(text)),
    ).toBe(
      [
        'error[syntax-error]: unexpected',
        '   --> rules.nft:2:3',
        '   |',
        ' 2 |   acept',
        '   |   ^^^^^',
        '   = note: expected a statement',
      ].join('\n'),
    );
  });

  test('a note with a place, and a fix', () => {
    const text = 'define a = 1\ndefine a = 2\n';
    const span = { file: fileId, from: 7, to: 8 };
    const diagnostic = mark(text, 'a = 2', {
      notes: [{ message: 'defined here first', span }],
      fixes: [{ span: { file: fileId, from: 13, to: 19 }, text: 'redefine' }],
    });
    expect(renderDiagnostic(diagnostic, fileOf(text)).split('\n').slice(5)).toEqual([
      'note: defined here first',
      '   --> rules.nft:1:8',
      '   |',
      ' 1 | define a = 1',
      '   |        -',
      "help: write 'redefine'",
      ' 2 | redefine a = 2',
      '   | ~~~~~~~~',
    ]);
  });

  test.each([
    ['a\tb\tc mark', ' 1 | a   b   c mark', '   |           ^^^^'],
    ['"日本" mark', ' 1 | "日本" mark', '   |        ^^^^'],
    ['"e\u0301" mark', ' 1 | "e\u0301" mark', '   |     ^^^^'],
    ['"\u001b[31m" mark', ' 1 | "\ufffd[31m" mark', '   |         ^^^^'],
  ])('%j is marked below what is shown', (text, line, marks) => {
    const lines = renderDiagnostic(mark(text, 'mark'), fileOf(text)).split('\n');
    expect(lines[3]).toBe(line);
    expect(lines[4]).toBe(marks);
  });

  test('a long line is cut around the mark', () => {
    const text = `${'x'.repeat(500)} mark ${'y'.repeat(500)}`;
    const lines = renderDiagnostic(mark(text, 'mark'), fileOf(text), { width: 60 }).split('\n');
    expect(lines[3]!.length).toBeLessThanOrEqual(66);
    const at = lines[4]!.indexOf('^');
    expect(lines[3]!.slice(at, at + 4)).toBe('mark');
    expect(lines[3]).toMatch(/^ 1 \| ….*…$/);
  });

  test('a stretch of several lines is marked on the first', () => {
    const text = 'log prefix "a\nb" foo\n';
    expect(renderDiagnostic(mark(text, '"a\nb"'), fileOf(text)).split('\n').slice(3)).toEqual([
      ' 1 | log prefix "a',
      '   |            ^^',
    ]);
  });

  test('the end of the text has a place', () => {
    const text = 'table t {\n';
    const span = { file: fileId, from: text.length, to: text.length };
    const diagnostic: Diagnostic = { code: 'unclosed-brace', severity: 'error', message: 'open', span };
    expect(renderDiagnostic(diagnostic, fileOf(text)).split('\n').slice(1)).toEqual([
      '   --> rules.nft:2:1',
      '   |',
      ' 2 |',
      '   | ^',
    ]);
  });

  test('colours are all or nothing', () => {
    const text = 'x mark';
    const diagnostic = mark(text, 'mark', { notes: [{ message: 'n' }] });
    const colored = renderDiagnostic(diagnostic, fileOf(text), { color: true });
    expect(colored).toContain('\u001b[');
    // biome-ignore lint/suspicious/noControlCharactersInRegex: the escape is what is looked for
    expect(colored.replace(/\u001b\[[\d;]*m/g, '')).toBe(renderDiagnostic(diagnostic, fileOf(text)));
  });
});

describe('lines', () => {
  test('every offset of a text', () => {
    const text = 'ab\n\nc\r\nd';
    const index = new LineIndex(text);
    const expected = ['1:1', '1:2', '1:3', '2:1', '3:1', '3:2', '3:3', '4:1', '4:2'];
    const found = expected
      .map((_, offset) => index.positionOf(offset))
      .map(({ line, column }) => `${line}:${column}`);
    expect(found).toEqual(expected);
    expect(index.boundsOf(3)).toEqual({ from: 4, to: 5 });
  });
});
