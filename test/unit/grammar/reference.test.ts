// The parser against the reference: what it calls a syntax error is an error here, and nothing else is.

import { execFileSync, spawnSync } from 'node:child_process';
import { describe, expect, test } from 'vitest';
import { parse } from '../../../src/nft-grammar/parse.ts';
import { reservedWords, scopedWords } from '../../../src/nft-grammar/words.ts';
import { Random, seed } from '../../support/random.ts';
import { isMissing, nftPath } from '../../support/requirements.ts';
import { inChain, refusedFiles, refusedLines, takenFiles, takenLines } from './behaviour.ts';
import { readSuite } from './support.ts';

const taken = [...takenFiles, ...takenLines.map(inChain)];
const refused = [...refusedFiles, ...refusedLines.map(inChain)];

/** What the reference says of a file, in a network namespace of its own. */
function reference(text: string): string {
  const result = spawnSync('unshare', ['-n', nftPath, '-c', '-f', '-'], { input: text, encoding: 'utf8' });
  return result.stderr;
}

const isSyntaxError = (message: string): boolean => message.includes('syntax error');

describe('behaviour seen on the reference', () => {
  test.each(taken)('takes %j', text => {
    expect(parse(text).diagnostics).toEqual([]);
  });
  test.each(refused)('refuses %j', text => {
    expect(parse(text).diagnostics.length).toBeGreaterThan(0);
  });
});

describe.skipIf(isMissing('root', 'nft'))('the reference behaves so', () => {
  test.each(taken)('takes %j', text => {
    expect(isSyntaxError(reference(text))).toBe(false);
  });
  test.each(refused)('refuses %j', text => {
    expect(isSyntaxError(reference(text))).toBe(true);
  });
});

const tokensOf = (rule: string): string[] => rule.match(/"[^"]*"|[\w./-]+|\S/g) ?? [];

/** Rules of the suite with a word dropped, added, exchanged, or a stretch of another rule put in. */
class Mutator {
  private readonly random: Random;
  private readonly rules: readonly string[][];
  private readonly vocabulary: readonly string[];

  constructor(seed: number) {
    this.random = new Random(seed);
    this.rules = [...new Set(readSuite().map(row => row.rule))]
      .map(tokensOf)
      .filter(tokens => tokens.length > 0);
    this.vocabulary = [
      ...new Set([...this.rules.flat(), ...reservedWords, ...Object.values(scopedWords).flat()]),
    ];
  }

  mutate(): string {
    const tokens = [...this.random.pick(this.rules)];
    for (let count = this.random.below(3); count >= 0; count--) {
      const at = this.random.below(tokens.length + 1);
      const change = this.random.below(4);
      if (change === 0) tokens.splice(at, 1);
      else if (change === 1) tokens.splice(at, 0, this.random.pick(this.vocabulary));
      else if (change === 2) tokens.splice(at, 1, this.random.pick(this.vocabulary));
      else {
        const other = this.random.pick(this.rules);
        const from = this.random.below(other.length);
        tokens.splice(at, 0, ...other.slice(from, from + 1 + this.random.below(4)));
      }
    }
    return tokens.join(' ');
  }
}

describe.skipIf(isMissing('root', 'nft', 'shared'))('mutated rules', () => {
  const count = Number(process.env['GRAMMAR_COUNT'] ?? 400);

  test(`the reference and the parser agree on syntax (${count} rules, seed ${seed})`, () => {
    const version = execFileSync(nftPath, ['--version'], { encoding: 'utf8' }).trim();
    const mutator = new Mutator(seed);
    const differences: string[] = [];
    let syntaxErrors = 0;
    for (let index = 0; index < count; index++) {
      const rule = mutator.mutate();
      const said = reference(inChain(rule));
      const ours = parse(inChain(rule)).diagnostics[0]?.message;
      if (isSyntaxError(said)) syntaxErrors++;
      if (isSyntaxError(said) && ours === undefined) differences.push(`taken here: ${rule}`);
      if (said === '' && ours !== undefined) differences.push(`refused here: ${rule}: ${ours}`);
    }
    console.log(`${version}: ${count} rules, ${syntaxErrors} syntax errors, seed ${seed}`);
    expect(differences).toEqual([]);
    expect(syntaxErrors).toBeGreaterThan(count / 4);
  });
});
