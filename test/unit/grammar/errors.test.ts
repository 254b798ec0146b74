// What is wrong is said at its place, all of it in one run, and nothing is thrown.

import { describe, expect, test } from 'vitest';
import { parse } from '../../../src/nft-grammar/parse.ts';
import { places } from './support.ts';

const errorsOf = (text: string, options = {}): readonly string[] =>
  places(text, parse(text, options).diagnostics);
const first = (text: string) => parse(text).diagnostics[0]!;

describe('syntax errors', () => {
  test('all of a file are reported', () => {
    const text = `table ip t {
 chain c {
  tcp dprot 22 accept
  ip saddr $nowhere drop
  accept
  tcp dport { 22, 80 accept, 5, counter }
 }
 set s { typ ipv4_addr; }
 flags nonsense
}
flush rulest
`;
    expect(errorsOf(text)).toEqual([
      '3:7 syntax-error',
      '4:13 unknown-variable',
      '6:22 syntax-error',
      '6:33 syntax-error',
      '8:10 syntax-error',
      '9:8 unknown-flag',
      '11:7 syntax-error',
    ]);
  });

  test('what is right beside them stays', () => {
    const { commands } = parse('add table ip a\nadd tabel ip b\nadd table ip c\n');
    expect(commands).toHaveLength(2);
  });

  test.each([
    ['tcp dprot 22', 'dport'],
    ['ct sate new', 'state'],
    ['countr', 'counter'],
    ['ip saddr 1.1.1.1 allow', 'accept'],
    ['meta iifnam "x"', 'iifname'],
  ])('%s: did you mean %s?', (rule, word) => {
    const diagnostic = first(`add rule ip t c ${rule}\n`);
    expect(diagnostic.message).toContain(`did you mean '${word}'?`);
    expect(diagnostic.fixes).toMatchObject([{ text: word }]);
  });

  test('what could stand there is named by class', () => {
    expect(first('add rule ip t c limit rate accept\n').notes).toEqual([
      { message: "expected a number, 'over' or 'until'" },
    ]);
    expect(first('add rule ip t c ip saddr\n').message).toBe('unexpected end of the line');
    expect(first('add rule ip t c ip saddr\n').notes![0]!.message).toContain('a value');
    expect(first('table ip chain {\n}\n').notes).toEqual([
      { message: 'expected a name' },
      { message: "'chain' is a keyword of nft and names nothing" },
    ]);
  });

  test('a keyword only in its place is told from a word', () => {
    expect(errorsOf('add rule ip t c log prefix level\n')).toEqual(['1:28 keyword-as-name']);
    expect(errorsOf('add rule ip t c log prefix "level"\n')).toEqual([]);
    expect(errorsOf('add rule ip t level accept\n')).toEqual([]);
  });
});

describe('braces', () => {
  test('a list that is not closed is said at its brace', () => {
    expect(errorsOf('table ip t {\n chain c {\n  tcp dport { 22, 80\n  accept\n }\n}\n')).toEqual([
      '3:13 unclosed-brace',
    ]);
  });
  test('a block that is not closed points to its beginning', () => {
    const [diagnostic] = parse('table ip t {\n chain c {\n }\n').diagnostics;
    expect(diagnostic).toMatchObject({ code: 'unclosed-brace', notes: [{ span: { from: 0 } }] });
  });
  test('a brace too much closes nothing', () => {
    expect(errorsOf('table ip t {\n}\n}\nflush ruleset\n')).toEqual(['3:1 unopened-brace']);
  });
  test('a separator is wanted before the brace and behind a block', () => {
    expect(errorsOf('table ip t { chain c { accept } }\n')).toEqual([
      '1:31 missing-separator',
      '1:33 missing-separator',
    ]);
  });
});

describe('lines', () => {
  test('CR LF is said once', () => {
    expect(errorsOf('flush ruleset\r\nadd table t\r\n')).toEqual(['1:14 crlf']);
  });
  test('a comment needs its newline', () => {
    expect(errorsOf('flush ruleset # end')).toEqual(['1:15 missing-newline']);
  });
  test('an empty line in a list', () => {
    expect(errorsOf('define a = { 1,\n\n 2 }\n')).toEqual(['2:1 syntax-error']);
  });
});

describe('values', () => {
  test.each([
    ['add rule ip t c @ll,0,600 1\n', 'value-out-of-range'],
    ['add rule ip t c tcp option 256 exists\n', 'value-out-of-range'],
    ['add rule ip t c ip option ra ptr 1\n', 'unknown-field'],
    ['add rule ip t c fib saddr . daddr oif 1\n', 'invalid-fib'],
    ['add rule ip t c add @s { ip saddr timeout 5x }\n', 'syntax-error'],
    ['add rule ip t c add @s { ip saddr timeout word }\n', 'invalid-time'],
    [`add rule ip t c accept comment "${'é'.repeat(65)}"\n`, 'comment-too-long'],
    ['table ip t { chain c { policy accept; policy drop; }\n}\n', 'given-twice'],
    ['table ip t { set s { type ipv4_addr; type ipv4_addr; }\n}\n', 'given-twice'],
  ])('%s', (text, code) => {
    expect(parse(text).diagnostics.map(diagnostic => diagnostic.code)).toEqual([code]);
  });
});
