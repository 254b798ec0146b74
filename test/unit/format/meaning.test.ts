// Formatting changes nothing but blanks: on real rulesets and drawn ones the tokens are the same, the register IR is the
// same, and formatting once more gives the same text.

import { describe, expect, it } from 'vitest';
import { format } from '../../../src/nft-grammar/format/format.ts';
import { Scanner } from '../../../src/nft-grammar/scanner.ts';
import { TokenKind } from '../../../src/nft-grammar/token.ts';
import { words } from '../../../src/nft-grammar/words.ts';
import { drawn } from '../../property/language/agreement.ts';
import { isMissing } from '../../support/requirements.ts';
import { corpusFiles, corpusText } from '../reference/corpus.ts';
import { frontHalf } from '../reference/translate.ts';

const separators: ReadonlySet<number> = new Set(['\n', ';'].map(text => words.get(text)!.kind));

/** All tokens but what separates statements. */
function tokensOf(text: string): readonly string[] {
  const tokens: string[] = [];
  const scanner = new Scanner(text, () => {});
  for (;;) {
    scanner.next();
    if (scanner.kind === TokenKind.fileEnd) return tokens;
    if (!separators.has(scanner.kind)) tokens.push(text.slice(scanner.from, scanner.to));
  }
}

function commentsOf(text: string): readonly string[] {
  return text
    .split('\n')
    .filter(line => !line.includes('"'))
    .flatMap(line => line.match(/#.*/)?.map(comment => comment.trimEnd()) ?? []);
}

/** Whether `text` could be formatted; nothing is asked of one that cannot. */
function keepsMeaning(text: string): boolean {
  const { ok, text: after } = format(text);
  if (!ok) return false;
  expect(tokensOf(after)).toEqual(tokensOf(text));
  expect(commentsOf(after)).toEqual(commentsOf(text));
  expect(frontHalf(after).printed).toBe(frontHalf(text).printed);
  expect(format(after).text).toBe(after);
  return true;
}

describe('formatting drawn texts', () => {
  it('keeps what they say', () => {
    const texts = Array.from({ length: 2000 }, (_, index) => drawn(index).text);
    const formatted = texts.filter(keepsMeaning);
    console.info(`${formatted.length} of ${texts.length} texts formatted; the others have errors`);
    expect(formatted.length).toBeGreaterThan(1000);
  });
});

describe.skipIf(isMissing('shared'))('formatting real rulesets', () => {
  it.each(corpusFiles())('%s', file => {
    expect(keepsMeaning(corpusText(file))).toBe(true);
  });
});
