// Nodes as the grammar of the reference has them: precedence, what belongs to what, and places.

import { describe, expect, test } from 'vitest';
import { type AstNode, childrenOf, walk } from '../../../src/ast/visitor.ts';
import { parse } from '../../../src/nft-grammar/parse.ts';
import { isMissing } from '../../support/requirements.ts';
import { fileOf, noFiles, plain, readCorpus, readSuite, statementsOf } from './support.ts';

type Plain = Record<string, unknown>;

/** An expression as a string with all its parentheses. */
function show(value: unknown): string {
  const node = value as Plain;
  if (node['kind'] === 'binary') return `(${show(node['left'])} ${node['operator']} ${show(node['right'])})`;
  if (node['kind'] === 'number') return String(node['text']);
  if (node['kind'] === 'meta') return String(node['key']);
  if (node['kind'] === 'range') return `${show(node['from'])}..${show(node['to'])}`;
  if (node['kind'] === 'concat') return (node['parts'] as Plain[]).map(show).join(' . ');
  return String(node['text']);
}

describe('expressions', () => {
  test.each([
    ['mark & 1 | 2 ^ 3 << 4', '((mark & 1) | (2 ^ (3 << 4)))'],
    ['mark << 1 >> 2', '((mark << 1) >> 2)'],
    ['mark or 1 and 2 xor 3', '(mark | ((1 & 2) ^ 3))'],
    ['(mark | 1) & 2', '((mark | 1) & 2)'],
  ])('%s', (written, meant) => {
    const [statement] = statementsOf(`mark set ${written}`);
    expect(show(statement!['value'])).toBe(meant);
  });

  test('a mask belongs to the match', () => {
    const [match] = statementsOf('tcp flags != syn,ack / syn,ack,rst');
    expect(match).toMatchObject({
      kind: 'match',
      operator: '!=',
      right: { kind: 'list' },
      mask: { kind: 'list' },
    });
    expect((match!['mask'] as Plain)['items']).toHaveLength(3);
  });

  test('a prefix is no mask', () => {
    expect(statementsOf('ip saddr 10.0.0.0/8')[0]).toMatchObject({
      right: { kind: 'prefix', base: { text: '10.0.0.0' }, length: { value: '8' } },
    });
  });

  test('what brings its type and what does not', () => {
    expect(statementsOf('ip protocol tcp tcp dport 22')).toMatchObject([
      { right: { kind: 'typed_symbol', text: 'tcp', type: 'inet_proto' } },
      { left: { protocol: 'tcp', field: 'dport' } },
    ]);
    expect(statementsOf('ether type ip ip saddr 1.1.1.1')[0]).toMatchObject({
      right: { kind: 'symbol', text: 'ip', form: 'keyword' },
    });
  });

  test('numbers are octal, decimal and hexadecimal, up to 64 bits', () => {
    const values = ['010', '10', '0x10', '18446744073709551615', '0xffffffffffffffff'];
    const read = values.map(value => statementsOf(`mark ${value}`)[0]!['right'] as Plain);
    expect(read.map(node => node['value'])).toEqual([
      '8',
      '10',
      '16',
      String(2n ** 64n - 1n),
      String(2n ** 64n - 1n),
    ]);
    for (const text of ['09', '18446744073709551616']) {
      expect(statementsOf(`mark ${text}`)[0]!['right']).toMatchObject({ kind: 'symbol', text });
    }
  });

  test('elements keep what stands behind their key', () => {
    const text = '{ 1.1.1.1 . 22 counter packets 1 bytes 2 timeout 1m30s comment "c" : 2.2.2.2 }';
    const result = parse(`add element ip t m ${text}\n`);
    expect(plain(result.commands)).toMatchObject([
      {
        elements: {
          elements: [
            {
              key: { kind: 'concat' },
              data: { text: '2.2.2.2' },
              timeout: { milliseconds: '90000' },
              comment: { text: 'c' },
              statements: [{ kind: 'counter', packets: { value: '1' }, bytes: { value: '2' } }],
            },
          ],
        },
      },
    ]);
  });
});

describe('statements', () => {
  test.each([
    [
      'dnat to 1.1.1.1:80',
      { kind: 'nat', action: 'dnat', address: { text: '1.1.1.1' }, port: { value: '80' } },
    ],
    ['dnat to :80', { kind: 'nat', port: { value: '80' }, flags: [] }],
    ['snat ip prefix to 10.0.0.0/8', { family: 'ip', form: 'prefix', address: { kind: 'prefix' } }],
    ['dnat ip addr . port to 1.1.1.1 . 80', { family: 'ip', form: 'concat', address: { kind: 'concat' } }],
    ['snat to 1.1.1.1 random,persistent', { flags: ['random', 'persistent'] }],
    ['masquerade to :1-5 random', { action: 'masquerade', port: { kind: 'range' }, flags: ['random'] }],
    ['redirect to 80', { action: 'redirect', port: { value: '80' } }],
    [
      'limit rate over 5 mbytes/hour burst 6 kbytes',
      { mode: 'over', rateUnit: 'mbytes', per: 'hour', burstUnit: 'kbytes' },
    ],
    ['ct helper set "ftp"', { kind: 'object_reference', objectType: 'ct helper', object: { text: 'ftp' } }],
    ['meta secmark set "s"', { kind: 'object_reference', objectType: 'secmark' }],
    ['meta secmark set ct secmark', { kind: 'assign', target: { key: 'secmark' }, value: { kind: 'ct' } }],
    ['ct original zone set 1', { kind: 'assign', target: { key: 'zone', direction: 'original' } }],
    ['queue flags bypass to 1-3', { kind: 'queue', flags: ['bypass'], queue: { kind: 'range' } }],
    ['reject with tcp reset', { kind: 'reject', with: 'tcp reset' }],
    ['vxlan ip saddr 1.1.1.1', { left: { kind: 'inner', tunnel: 'vxlan', expression: { protocol: 'ip' } } }],
    ['tcp option sack0 left 1', { left: { kind: 'tcp_option', option: 'sack', field: 'left' } }],
    ['set update ip saddr timeout 5s @s', { kind: 'set_update', operation: 'update', set: { name: 's' } }],
    ['add @m { ip saddr : 1.1.1.1 }', { kind: 'set_update', data: { key: { text: '1.1.1.1' } } }],
    ['jump { drop; }', { kind: 'anonymous_chain', rules: [{ statements: [{ kind: 'verdict_statement' }] }] }],
  ])('%s', (text, expected) => {
    const [statement, ...rest] = statementsOf(text);
    expect(statement).toMatchObject(expected);
    expect(rest).toEqual([]);
  });

  test('a log prefix takes variables in', () => {
    const [log] = statementsOf('log prefix "a $x $5 b"', 'define x = foo\n');
    expect(log).toMatchObject({ prefix: { text: 'a foo $5 b' } });
  });
});

describe('places', () => {
  const text = 'add rule ip t c\tip saddr 1.1.1.1 tcp dport { 22, 80 } accept comment "x"\n';
  test('every node below a node lies in it', () => {
    const command = parse(text).commands[0]!;
    walk(command, node => {
      for (const child of childrenOf(node)) {
        expect(child.span.from).toBeGreaterThanOrEqual(node.span.from);
        expect(child.span.to).toBeLessThanOrEqual(node.span.to);
      }
      return true;
    });
  });
  test('a span is what was written', () => {
    const written = (kind: string): string[] => {
      const found: string[] = [];
      walk(parse(text).commands[0]!, node => {
        if (node.kind === kind) found.push(text.slice(node.span.from, node.span.to));
        return true;
      });
      return found;
    };
    expect(written('payload')).toEqual(['ip saddr', 'tcp dport']);
    expect(written('match')).toEqual(['ip saddr 1.1.1.1', 'tcp dport { 22, 80 }']);
    expect(written('element')).toEqual(['22', '80']);
    expect(written('rule')).toEqual(['ip saddr 1.1.1.1 tcp dport { 22, 80 } accept comment "x"']);
  });
});

/** All nodes below a value, found by looking at every property. */
function reflect(value: unknown, found: Set<string>, seen: Set<unknown>): void {
  if (typeof value !== 'object' || value === null || seen.has(value)) return;
  seen.add(value);
  const node = value as AstNode & { readonly length?: number; at?(index: number): unknown };
  if (node.kind !== undefined && node.span !== undefined)
    found.add(`${node.kind} ${node.span.from}-${node.span.to}`);
  if (node.at !== undefined && !Array.isArray(value)) {
    for (let index = 0; index < node.length!; index++) reflect(node.at(index), found, seen);
    return;
  }
  if (node.kind === 'variable') return;
  const getters = Object.entries(Object.getOwnPropertyDescriptors(Object.getPrototypeOf(value)))
    .filter(([name, { get }]) => get !== undefined && name !== '__proto__')
    .map(([name]) => (value as Plain)[name]);
  for (const member of [...Object.values(value), ...getters]) {
    const isInternal =
      member !== null && typeof member === 'object' && ('tokens' in member || 'attachments' in member);
    if (!isInternal) reflect(member, found, seen);
  }
}

describe.skipIf(isMissing('shared'))('the walk', () => {
  test('reaches every node that there is', () => {
    const rules = readSuite()
      .filter(row => row.expect === 'ok')
      .slice(0, 1500)
      .map(fileOf);
    const texts = [...new Set([...rules, ...readCorpus().values()])];
    for (const text of texts) {
      for (const command of parse(text, { include: noFiles }).commands) {
        const walked = new Set<string>();
        walk(command, node => {
          walked.add(`${node.kind} ${node.span.from}-${node.span.to}`);
          return true;
        });
        const reflected = new Set<string>();
        reflect(command, reflected, new Set());
        expect(
          [...reflected].filter(node => !walked.has(node)),
          text,
        ).toEqual([]);
      }
    }
  });
});
