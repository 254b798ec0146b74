// What rules that are wrong are told: which words are pointed at, and what is suggested in their place. That the
// reference refuses them as well is asked of it.

import { describe, expect, it } from 'vitest';
import { evaluate } from '../../../src/ast/evaluate.ts';
import { linearize } from '../../../src/lower/linear/linearize.ts';
import { parse } from '../../../src/nft-grammar/parse.ts';
import type { Diagnostic } from '../../../src/source/diagnostic.ts';
import { isMissing } from '../../support/requirements.ts';
import { machine } from '../reference/translate.ts';
import { judge, type Place } from './reference.ts';

const place: Place = {
  family: 'inet',
  declarations: [
    'set hosts { type ipv4_addr; elements = { 1.1.1.1 }; }',
    'set ports { type inet_service; flags constant; }',
    'map marks { type ipv4_addr : mark; }',
    'counter hits { }',
  ],
};

/** [rule, code, the words pointed at, what a fix puts there] */
const cases: readonly (readonly [rule: string, code: string, words: string, fix?: string])[] = [
  ['tcp dport shh', 'unknown-symbol', 'shh', 'ssh'],
  ['ip protocol tpc', 'unknown-symbol', 'tpc', 'tcp'],
  ['ct state establishd', 'unknown-symbol', 'establishd', 'established'],
  ['iif eth7', 'unknown-symbol', 'eth7'],
  ['ip saddr 1.2.3.256', 'unknown-symbol', '1.2.3.256'],
  ['tcp dport 65536', 'value-out-of-range', '65536'],
  ['ip ttl 256', 'value-out-of-range', '256'],
  ['tcp dport { 22, 70000 }', 'value-out-of-range', '70000'],
  ['ip saddr 10.0.0.0/33', 'prefix-too-long', '33'],
  ['tcp dport 90-80', 'negative-range', '90-80'],
  ['iifname "aaaaaaaaaaaaaaaa"', 'string-too-long', '"aaaaaaaaaaaaaaaa"'],
  ['ip saddr 1.1.1.1 ip6 saddr ::1', 'conflicting-protocols', 'ip6 saddr'],
  ['tcp dport 22 udp dport 53', 'conflicting-protocols', 'udp dport'],
  ['ct original saddr 1.1.1.1', 'unknown-family', 'ct original saddr'],
  ['ip saddr @ports', 'type-mismatch', '@ports'],
  ['accept drop', 'unreachable-statement', 'drop'],
  ['drop counter', 'unreachable-statement', 'counter'],
  ['meta length set 5', 'not-settable', 'meta length'],
  ['meta mark set 4294967296', 'value-out-of-range', '4294967296'],
  ['add @ports { tcp dport }', 'not-changeable', '@ports'],
  ['add @hosts { ip saddr timeout 5s }', 'unexpected-timeout', '5s'],
  ['update @marks { ip saddr }', 'missing-data', 'ip saddr'],
  ['numgen inc mod 0 == 0', 'value-out-of-range', '0'],
  ['limit rate 0/second', 'value-out-of-range', '0'],
  ['log level audit prefix "x"', 'exclusive', 'log level audit prefix "x"'],
  ['meta l4proto udp reject with tcp reset', 'conflicting-protocols', 'reject with tcp reset'],
  ['reject with icmp port-unreachble', 'unknown-symbol', 'port-unreachble', 'port-unreachable'],
  ['meta nfproto ipv4 meta nfproto ipv6 ip saddr 1.1.1.1', 'conflicting-protocols', 'ip saddr'],
  ['@nh,0,1024 5', 'value-out-of-range', '1024'],
  ['ip saddr . tcp dport { 1.1.1.1 }', 'type-mismatch', '1.1.1.1'],
];

function check(rule: string): { readonly text: string; readonly diagnostics: readonly Diagnostic[] } {
  const text = `table inet t {\n${place.declarations!.join('\n')}\nchain c {\n${rule}\n}\n}\n`;
  const parsed = parse(text);
  const evaluated = evaluate(parsed, machine);
  const { diagnostics } = linearize(evaluated.ruleset);
  return { text, diagnostics: [...parsed.diagnostics, ...evaluated.diagnostics, ...diagnostics] };
}

describe('diagnostics of rules', () => {
  for (const [rule, code, words, fix] of cases) {
    it(`${code}: ${rule}`, () => {
      const { text, diagnostics } = check(rule);
      expect(diagnostics.map(each => each.code)).toEqual([code]);
      const { span, fixes = [], severity } = diagnostics[0]!;
      expect(severity).toBe('error');
      expect(text.slice(span!.from, span!.to)).toBe(words);
      expect(fixes.map(each => each.text)).toEqual(fix === undefined ? [] : [fix]);
    });
  }

  it('names both types of a conflict', () => {
    const [{ message } = { message: '' }] = check('ip saddr @ports').diagnostics;
    expect(message).toContain('IPv4 address');
    expect(message).toContain('internet network service');
  });

  it('reports every rule of a file, and keeps those that are right', () => {
    const text = 'table ip t { chain c {\nip ttl 256\ntcp dport 22 accept\nip ttl 257\n} }\n'.replace(
      '} }',
      '}\n}',
    );
    const { ruleset, diagnostics } = evaluate(parse(text), machine);
    expect(diagnostics.map(({ span }) => text.slice(span!.from, span!.to))).toEqual(['256', '257']);
    expect(ruleset.tables[0]!.chains[0]!.rules).toHaveLength(1);
  });

  it('warns of numbers that nft cuts off', () => {
    const { text, diagnostics } = check('log group 65541');
    expect(diagnostics.map(({ code, severity }) => [code, severity])).toEqual([
      ['truncated-number', 'warning'],
    ]);
    const { span } = diagnostics[0]!;
    expect(text.slice(span!.from, span!.to)).toBe('65541');
  });
});

describe.skipIf(isMissing('root', 'nft'))('rules that are wrong', () => {
  it('are refused by the reference, too', async () => {
    const { refused, disagreements } = await judge(
      place,
      cases.map(([rule]) => rule),
    );
    expect(disagreements).toEqual([]);
    expect(refused).toBe(cases.length);
  });
});
