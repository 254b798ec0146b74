// Patterns of file names against the shell's.

import { execFileSync } from 'node:child_process';
import { describe, expect, it } from 'vitest';
import { globMatcher } from '../../../src/source/glob.ts';
import { Random } from '../../support/random.ts';

/** What `case NAME in PATTERN)` of the shell says; it does not know the rule of dots. */
function shellMatches(pairs: readonly (readonly [pattern: string, name: string])[]): boolean[] {
  const script =
    'while IFS= read -r pattern && IFS= read -r name; do case $name in $pattern) echo y;; *) echo n;; esac; done';
  const input = pairs.map(([pattern, name]) => `${pattern}\n${name}\n`).join('');
  const output = execFileSync('bash', ['--norc', '-c', script], {
    input,
    encoding: 'utf8',
    env: { LC_ALL: 'C' },
  });
  return output
    .trimEnd()
    .split('\n')
    .map(line => line === 'y');
}

describe('globMatcher', () => {
  it('matches as the shell does', () => {
    const random = new Random(1);
    const draw = (alphabet: string, most: number): string =>
      Array.from({ length: 1 + random.below(most) }, () => random.pick([...alphabet])).join('');
    const pairs = Array.from({ length: 20_000 }, () => [draw('ab-*?[]!c', 7), draw('abc-]', 6)] as const);
    const expected = shellMatches(pairs);
    const wrong = pairs.filter(([pattern, name], index) => globMatcher(pattern)(name) !== expected[index]);
    expect(wrong).toEqual([]);
    expect(expected.filter(Boolean).length).toBeGreaterThan(500);
  });

  it.each([
    ['*.nft', 'a.nft', true],
    ['*.nft', '.a.nft', false],
    ['.*', '.a', true],
    ['[z-a]*', 'm', false],
    ['[', '[', true],
    ['a\\*', 'a*', true],
    ['a\\*', 'ab', false],
    ['?', '😀', true],
  ])('%s on %s: %s', (pattern, name, matches) => {
    expect(globMatcher(pattern)(name)).toBe(matches);
  });

  it('is not slow on many stars', () => {
    expect(globMatcher(`${'*a'.repeat(500)}b`)('a'.repeat(5000))).toBe(false);
  });
});
