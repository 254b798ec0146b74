// Every expression says which words of the source it is from.

import { describe, expect, it } from 'vitest';
import { evaluate } from '../../../src/ast/evaluate.ts';
import type { IrRule } from '../../../src/lower/linear/ir.ts';
import { linearize } from '../../../src/lower/linear/linearize.ts';
import { parse } from '../../../src/nft-grammar/parse.ts';
import { isMissing } from '../../support/requirements.ts';
import { corpusFiles, corpusOptions, corpusText } from '../reference/corpus.ts';
import { machine } from '../reference/translate.ts';

function rulesOf(text: string, options = machine): readonly IrRule[] {
  const { ir } = linearize(evaluate(parse(text), options).ruleset);
  return ir.tables.flatMap(table => table.chains).flatMap(chain => chain.rules);
}

describe('origins', () => {
  it('are the statements and selectors of the rule', () => {
    const text =
      'table inet t {\nchain c {\nip saddr 1.1.1.1 tcp dport 22 counter meta mark set ct mark accept\n}\n}\n';
    const [rule] = rulesOf(text);
    const words = rule!.origins.map(({ from, to }) => text.slice(from, to));
    const operations = rule!.expressions.map(({ op }) => op);
    expect(operations.map((op, index) => `${op}: ${words[index]}`)).toEqual([
      'meta: ip saddr',
      'cmp: ip saddr',
      'payload: ip saddr',
      'cmp: ip saddr 1.1.1.1',
      'meta: tcp dport',
      'cmp: tcp dport',
      'payload: tcp dport',
      'cmp: tcp dport 22',
      'counter: counter',
      'ct: ct mark',
      'meta_set: meta mark set ct mark',
      'verdict: accept',
    ]);
  });
});

describe.skipIf(isMissing('shared'))('origins in real rulesets', () => {
  it('are there for every expression, inside of the file', () => {
    let expressions = 0;
    for (const file of corpusFiles()) {
      const text = corpusText(file);
      for (const { expressions: all, origins } of rulesOf(text, corpusOptions(file))) {
        expect(origins).toHaveLength(all.length);
        for (const { from, to } of origins) {
          expect(from).toBeGreaterThanOrEqual(0);
          expect(to).toBeGreaterThan(from);
          expect(to).toBeLessThanOrEqual(text.length);
        }
        expressions += all.length;
      }
    }
    expect(expressions).toBeGreaterThan(10_000);
  });
});
