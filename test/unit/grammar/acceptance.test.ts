// Everything that the reference accepts has to parse: its own test rows and the rulesets of public projects.

import { describe, expect, test } from 'vitest';
import type { Leaf } from '../../../src/nft-grammar/derivation.ts';
import { EarleyParser } from '../../../src/nft-grammar/earley.ts';
import { parse } from '../../../src/nft-grammar/parse.ts';
import { misreadWord } from '../../../src/nft-grammar/scopes.ts';
import { isMissing } from '../../support/requirements.ts';
import { fileOf, noFiles, plain, readCorpus, readSuite } from './support.ts';

describe.skipIf(isMissing('shared'))('acceptance', () => {
  test('all rulesets of the corpus parse', () => {
    const corpus = readCorpus();
    const failed = [...corpus].flatMap(([name, text]) => {
      const [first] = parse({ name, text }, { include: noFiles }).diagnostics;
      return first === undefined ? [] : [`${name}: ${first.message}`];
    });
    console.log(`corpus: ${corpus.size - failed.length} of ${corpus.size} files parse`);
    expect(failed).toEqual([]);
    expect(corpus.size).toBe(113);
  });

  test('all rows that the reference accepts parse', () => {
    const rows = readSuite().filter(row => row.expect === 'ok');
    const failed = rows.flatMap(row => {
      const [first] = parse(fileOf(row)).diagnostics;
      return first === undefined ? [] : [`${row.id} ${row.rule}: ${first.message}`];
    });
    console.log(`suite: ${rows.length - failed.length} of ${rows.length} rows parse`);
    expect(failed).toEqual([]);
    expect(rows.length).toBeGreaterThan(3000);
  });

  test('a statement of a known shape is built as if it were parsed alone', () => {
    const rules = [
      ...new Set(
        readSuite()
          .filter(row => row.expect === 'ok')
          .map(row => row.rule),
      ),
    ];
    const lines = rules.map(rule => `add rule ip t c ${rule}`);
    const together = parse(`${lines.join('\n')}\n`).commands;
    expect(together.length).toBe(rules.length);
    together.forEach((command, index) => {
      const [alone] = parse(`${lines[index]}\n`).commands;
      expect(plain(command), rules[index]).toEqual(plain(alone));
    });
  });

  test('no statement has two derivations', () => {
    const original = EarleyParser.prototype.parse;
    const ambiguous: string[] = [];
    let parses = 0;
    EarleyParser.prototype.parse = function (tokens: readonly Leaf[], start) {
      const outcome = original.call(this, tokens, start);
      const fitting = outcome.failure
        ? []
        : outcome.derivations.filter(each => misreadWord(each) === undefined);
      if (fitting.length > 1) ambiguous.push(tokens.map(token => token.text || token.kind).join(' '));
      parses++;
      return outcome;
    };
    try {
      const rules = [...new Set(readSuite().map(row => row.rule))];
      parse(rules.map(rule => `add rule ip t c ${rule}\n`).join(''), { limits: { errors: 10_000 } });
      for (const [name, text] of readCorpus()) parse({ name, text }, { include: noFiles });
    } finally {
      EarleyParser.prototype.parse = original;
    }
    expect(ambiguous).toEqual([]);
    expect(parses).toBeGreaterThan(1000);
  });
});
