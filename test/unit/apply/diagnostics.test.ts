// What commands that fail are told: which words are pointed at, and what is suggested in their place. Lists that the
// reference takes and refuses are compared in apply.test.ts; here the places are checked against the text.

import { describe, expect, it } from 'vitest';
import { applyCommands } from '../../../src/ast/apply/apply.ts';
import { parse } from '../../../src/nft-grammar/parse.ts';

/** [text, code, the words pointed at, what a fix puts there] */
const cases: readonly (readonly [text: string, code: string, words: string, fix?: string])[] = [
  ['add table ip filter\nadd chain ip filtr c', 'unknown-table', 'filtr', 'filter'],
  ['add table ip filter\nadd chain inet filter c', 'unknown-table', 'filter'],
  ['table ip t { chain input { }; chain c { jump inpt; }; }', 'unknown-chain', 'inpt', 'input'],
  [
    'table ip t { set hosts { type ipv4_addr; }; chain c { ip saddr @host; }; }',
    'unknown-set',
    '@host',
    '@hosts',
  ],
  ['table ip t { chain c { counter name "x"; }; }', 'unknown-object', '"x"'],
  ['table ip t { chain c { type filter hook inputs priority 0; }; }', 'unknown-hook', 'inputs', 'input'],
  ['table ip t { chain c { type nat hook forward priority 0; }; }', 'chain-type-unsupported', 'forward'],
  [
    'table ip t { chain c { type filter hook input priority fliter; }; }',
    'unknown-priority',
    'fliter',
    'filter',
  ],
  ['table ip t { chain c { type filter hook input priority 0; jump c; }; }', 'jump-to-base-chain', 'c'],
  [
    'table ip t { chain b { type filter hook input priority 0; jump c; }; chain c { goto c; }; }',
    'jump-loop',
    'c',
  ],
  ['add table ip t\ncreate table ip t', 'already-exists', 't'],
  ['table ip t { chain c { }; chain d { jump c; }; }\ndelete chain ip t c', 'in-use', 'c'],
  ['table ip t { chain c { type filter hook input priority 0; masquerade; }; }', 'wrong-hook', 'masquerade'],
  ['table netdev t { chain c { ct state new; }; }', 'no-conntrack', 'ct state'],
];

describe('diagnostics of commands', () => {
  for (const [text, code, words, fix] of cases) {
    it(`${code}: ${text}`, () => {
      const { diagnostics } = applyCommands(parse(`${text}\n`).commands);
      const found = diagnostics.find(each => each.code === code);
      expect(diagnostics.map(each => each.code)).toContain(code);
      const { span, fixes = [] } = found!;
      expect(text.slice(span!.from, span!.to)).toBe(words);
      expect(fixes.map(each => each.text)).toEqual(fix === undefined ? [] : [fix]);
    });
  }
});
