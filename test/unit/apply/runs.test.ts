// What nft and the kernel keep account of while a run is read: ranges that the same run declared, what was there, what is
// flushed or listed and then gone. Each text, in one run and in two, is taken or refused as by the reference.

import { describe, expect, it } from 'vitest';
import { askAll, type Question } from '../../property/language/oracle.ts';
import { isMissing } from '../../support/requirements.ts';
import { frontHalf, machine, reasonOf } from '../reference/translate.ts';

const ranges = (properties: string): readonly Question[] => {
  const declared = `table ip t { set s { type mark; flags interval; ${properties} elements = { 2-7, 9 }; }; }\n`;
  const added = `table ip t { set s { type mark; flags interval; ${properties} }; }\nadd element ip t s { 2-7, 9 }\n`;
  const changes = [
    ...[
      'delete {2-7}',
      'delete {3}',
      'destroy {50}',
      'create {9}',
      'create {11}',
      'create {5-8}',
      'add {5-9}',
    ],
    ...['add {11}|delete {2-7}', 'add {11}|create {13}', 'delete {9}|delete {9}', 'delete {9}|add {9}'],
    ...['delete {2-7}|add {3-4}', 'create {8}|create {12}', 'add {8}|create {12}', 'delete {9, 50}'],
  ];
  return changes.flatMap(change => {
    const commands = change.split('|').map(each => each.replace(' ', ' element ip t s '));
    const text = `${commands.join('\n')}\n`;
    return [{ text: declared + text }, { text: added + text }, { before: declared, text }];
  });
};

const structures: readonly Question[] = ['ipv4_addr', 'inet_service', 'ipv4_addr . inet_service'].flatMap(
  type =>
    [
      '',
      'size 100;',
      'flags dynamic;',
      'flags timeout;',
      'flags interval;',
      'size 100; policy memory;',
      'size 12; policy memory;',
      'size 4294967295; policy memory;',
    ].flatMap(properties =>
      ['ct count 5;', 'counter;'].map(statement => ({
        text: `add table ip t\nadd set ip t s { type ${type}; ${properties} ${statement} }\n`,
      })),
    ),
);

const there =
  'table ip t { set s { type mark; }; set d { type mark; flags dynamic; }; map m { type mark : mark; }; counter o { packets 3 bytes 4; }; set fixed { type mark; flags constant; elements = { 1 }; }; chain c { counter packets 5 bytes 6; meta mark @fixed; }; chain b { type filter hook input priority 0; }; chain e { }; }\n';
const second: readonly string[] = [
  'add set ip t d { type mark; }',
  'add set ip t d { type mark; }\nadd rule ip t c counter',
  'add rule ip t c add @s { meta mark }\nadd set ip t s { type mark; }',
  'add set ip t s { type mark; }\nadd rule ip t c add @s { meta mark }',
  'flush ruleset\nlist table ip t',
  'flush ruleset ip6\nadd element ip t s { 1 }',
  'flush ruleset\nadd table ip t\nadd set ip t s { type inet_service; }',
  'flush ruleset\nadd table ip t\nadd set ip t s { type mark; flags interval; }',
  'flush ruleset inet\nadd rule ip t c meta mark @s',
  'delete table ip t\nlist table ip t',
  'list table ip t\ndelete table ip t',
  'list ruleset\ndelete table ip t',
  'reset counter ip t o\ndelete table ip t\nadd table ip t',
  'reset rules ip t\nflush ruleset',
  'reset rules\nflush ruleset ip6',
  'flush ruleset inet\nreset rules',
  'flush ruleset inet\nreset counters',
  'rename chain ip t c d\nflush ruleset',
  'flush set ip t s\nflush ruleset ip6',
  'flush map ip t m\nflush ruleset ip6',
  'flush chain ip t c\nflush ruleset ip6',
  'table ip t { chain x { }; }\nlist set ip t s\nflush ruleset ip6',
  'table ip t { chain x { }; }\nlist counter ip t o\nflush ruleset ip6',
  'table ip t { chain x { }; }\nadd element ip t s { 1 }\nflush ruleset ip6',
  'flush set ip t fixed',
  'rename chain ip t c d\ntable ip t { flags dormant; }',
  'table ip t { flags dormant; }\nrename chain ip t c d',
  'table ip t { chain c { }; }\ntable ip t { flags dormant; }',
  'delete chain ip t b\ntable ip t { flags dormant; }',
  'delete chain ip t e\ntable ip t { flags dormant; }',
  'add rule ip t c accept\ntable ip t { flags dormant; }',
  'insert rule ip t c position 0 drop',
  'replace rule ip t c handle 0 drop',
  'destroy rule ip t nosuch handle 3',
  'delete rule ip t nosuch handle 3',
  'table ip t { flags dormant; chain b { type filter hook input priority 0; }; }',
  'table ip t { flags dormant; }\ntable ip t { }',
  'add chain ip t b { type filter hook input priority 4294967295; }',
  'add chain ip t b { type filter hook input priority filter + 4294967295; }',
  'add chain ip t b { type filter hook input priority 0; flags offload; }',
  'define v = @m\nadd rule ip t c meta mark set meta mark map $v',
  'define v = "23:00"-"02:00"\nadd rule ip t c meta hour $v',
  'add rule ip t c meta hour "23:00"-"02:00"',
  'add rule ip t c meta hour "5s6"',
  'add rule ip t c ip saddr . tcp dport { tcp, udp }',
  'add map ip t e { type ipv4_addr : mark; flags dynamic, timeout; elements = { 1.1.1.1 ct count over 3 : 3 }; }',
  'add set ip t big { type ipv4_addr; size 100663297; }',
  'add set ip t big { type ipv4_addr; size 100663296; }',
  'add set ip t k { type mark; flags constant; size 1; elements = { 1, 2 }; }',
  'add set ip t g { type mark; flags interval; auto-merge; elements = { 1 timeout 1h, 1-5 }; }',
  'add table netdev n\ndefine v = "lo*"\nadd chain netdev n c { type filter hook ingress device $v priority 0; }',
];

const merging = '{ type mark; flags interval; auto-merge; elements = { 1-2, 2, 5 }; }';
const separate = '{ type mark; flags interval; elements = { 1-2, 5 }; }';
/** A set is declared again, and some elements are asked for. */
const again: readonly Question[] = [
  [merging, '{ type mark; flags interval; elements = { 7, 7-8 }; }'],
  [merging, '{ type mark; flags interval; elements = { 2 }; }'],
  [merging, '{ type mark; flags interval; elements = { 9 }; }'],
  [merging, '{ type mark; flags interval; }'],
  [separate, '{ type mark; flags interval; auto-merge; elements = { 3, 4 }; }'],
  [separate, '{ type mark; flags interval; auto-merge; }'],
].flatMap(([first = '', then = '']) => {
  const [before, text] = [`table ip t { set s ${first}; }\n`, `add set ip t s ${then}\n`];
  return [{ text: before + text }, { before, text }, { before, text: `${text}get element ip t s { 1 }\n` }];
});
/** The same of a set that merges, which the run before declared. */
const resent: readonly Question[] = [
  '5-9',
  '6',
  '6-7',
  '3-6',
  '8-12',
  '4',
  '10',
  '5',
  '20',
  '20-21',
  '19-20',
  '3-9',
  '10-20',
  '20, 6',
].map(elements => ({
  before: 'table ip t { set s { type mark; flags interval; auto-merge; elements = { 5-9, 20 }; }; }\n',
  text: `add set ip t s { type mark; flags interval; auto-merge; elements = { ${elements} }; }\n`,
}));
const asked = ['1', '5', '1-2', '5-6', '1-5', '3', '2-2'].map(key => ({
  before: `table ip t { set s ${separate}; }\n`,
  text: `get element ip t s { ${key} }\n`,
}));

const questions: readonly (readonly [what: string, list: readonly Question[]])[] = [
  ['ranges that are declared, added and taken away', ranges('')],
  ['the same of sets that merge', ranges('auto-merge;')],
  ['statements and structures of sets', structures],
  ['sets that are declared again', [...again, ...resent]],
  ['elements that are asked for', asked],
  [
    'commands behind a ruleset',
    second.flatMap(text => [{ text: `${there}${text}\n` }, { before: there, text: `${text}\n` }]),
  ],
];

/** nft sends ranges that merge in ways of its own (docs/differences.md). */
const known =
  /auto-merge.*\n(?:.*\n)?delete element ip t s \{3\}\n.*add|auto-merge.*\n(?:.*\n)?add element ip t s \{8\}\ncreate/;

describe.skipIf(isMissing('root', 'nft'))('runs as the reference takes them', () => {
  it.each(questions)('%s', async (_, list) => {
    const different: string[] = [];
    for await (const [question, answer] of askAll(list, 4)) {
      if (answer === 'crashed' || known.test(question.text)) continue;
      const ours = frontHalf(question.text, machine, question);
      if (answer.ok === (ours.printed !== undefined)) continue;
      different.push(
        `${question.before ?? ''}== ${question.text}  nft: ${answer.stderr}  ours: ${reasonOf(ours)}`,
      );
    }
    expect(different.join('\n')).toBe('');
  });
});

const beforeReset = `table ip t {
  set s { type ipv4_addr; counter; elements = { 1.1.1.1 counter packets 8 bytes 9 }; }
  counter o { packets 3 bytes 4; }
  chain c { counter packets 5 bytes 6; }
}
`;

describe.skipIf(isMissing('root', 'nft'))('reset', () => {
  it.each([
    ...['reset rules', 'reset rules ip t', 'reset rules chain ip t c', 'reset rule ip t c handle 4'],
    ...['reset counters', 'reset counter ip t o', 'reset set ip t s', 'reset element ip t s { 1.1.1.1 }'],
    ...['add table ip t\nreset rules', 'reset rules\nadd table ip t', 'reset rules\nreset counters'],
  ])('%s', async text => {
    const question = { before: beforeReset, text: `${text}\n`, listings: [0] };
    for await (const [, answer] of askAll([question], 1)) {
      const listed = answer === 'crashed' ? '' : answer.listed[0];
      const theirs = frontHalf(listed ?? '', machine).printed;
      expect(frontHalf(question.text, machine, question).printed).toBe(theirs);
    }
  });
});
