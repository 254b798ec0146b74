// Every command that names something, on everything that has a name, in the run that made it and in the next one.

import { expect, it } from 'vitest';
import { isMissing } from '../../support/requirements.ts';
import { frontHalf, machine, reasonOf } from '../../unit/reference/translate.ts';
import { askAll, type Question } from './oracle.ts';

const before = `table ip t {
  set s { type ipv4_addr; elements = { 1.1.1.1 }; }
  map m { type ipv4_addr : mark; }
  set d { type ipv4_addr; flags dynamic; }
  counter o { }
  quota q { 5 mbytes; }
  synproxy y { mss 1460; wscale 7; }
  ct expectation x { protocol tcp; dport 5; timeout 1m; size 8; }
  chain c { counter; }
  chain e { add @d { ip saddr }; meter mt { ip saddr counter }; ip saddr { 1.1.1.1, 2.2.2.2 } jump { counter; drop; } ; counter; }
}
`;

const verbs = ['list', 'reset', 'flush', 'delete', 'destroy'];
const kinds = [
  ...['table', 'chain', 'rule', 'set', 'map', 'meter', 'flowtable', 'counter', 'quota', 'limit', 'synproxy'],
  ...['secmark', 'tunnel', 'ct helper', 'ct timeout', 'ct expectation'],
];
const plurals = [
  ...['tables', 'chains', 'rules', 'sets', 'maps', 'meters', 'flowtables', 'counters', 'quotas', 'limits'],
  ...['synproxys', 'secmarks', 'tunnels', 'ct helpers', 'flow tables', 'ruleset'],
];
const names = ['s', 'm', 'd', 'mt', 'o', 'q', 'y', 'x', 'c', 'e', 'nosuch'];
const places = ['ip nosuch s', 'ip6 t s', 't s', 'ip t', 'ip nosuch', 'nosuch'];
const handles = [0, 1, 2, 3, 8, 10, 11, 12, 13, 14, 15, 16, 17, 18, 19, 20].map(handle => `handle ${handle}`);
const owners = ['', 'ip', 'ip t', 'table ip t', 'ip nosuch', 'table ip nosuch', 'bridge'];

const commands: readonly string[] = [
  ...verbs.flatMap(verb => [
    ...kinds.flatMap(kind => [
      ...[...names, ...handles].map(name => `${verb} ${kind} ip t ${name}`),
      ...places.map(place => `${verb} ${kind} ${place}`),
    ]),
    ...plurals.flatMap(plural => owners.map(owner => `${verb} ${plural} ${owner}`)),
  ]),
  ...handles.flatMap(handle => [`delete rule ip t c ${handle}`, `destroy rule ip t e ${handle}`]),
  ...handles.map(handle => `replace rule ip t e ${handle} accept`),
  ...['get', 'reset', 'delete', 'destroy'].flatMap(verb =>
    names.map(name => `${verb} element ip t ${name} { 1.1.1.1 }`),
  ),
  ...['add', 'create'].flatMap(verb => names.map(name => `${verb} element ip t ${name} { 2.2.2.2 }`)),
  ...['reset rules chain ip t c', 'reset rules ip t nosuch', 'reset rule ip t nosuch handle 3'],
  ...[
    'delete set ip t s\nlist set ip t s',
    'delete table ip t\nlist table ip t',
    'delete counter ip t o\nlist counter ip t o',
  ],
  ...[
    'add counter ip t n\nlist counter ip t n',
    'add counter ip t n\nreset counter ip t n',
    'import json',
    'export json',
  ],
];

it.skipIf(isMissing('root', 'nft'))(
  'commands that name something agree with the reference',
  async () => {
    const questions: readonly Question[] = commands.flatMap(command => [
      { text: `${before}${command}\n` },
      { before, text: `${command}\n` },
    ]);
    const different: string[] = [];
    for await (const [question, answer] of askAll(questions)) {
      const ours = frontHalf(question.text, machine, question);
      const theirs = answer === 'crashed' ? 'crashed' : answer.ok ? 'accepted' : answer.stderr.split('\n')[0];
      const isSame = answer === 'crashed' || answer.ok === (ours.printed !== undefined);
      const where = question.before === undefined ? 'one run' : 'two runs';
      const command = question.text.replace(before, '').trim();
      if (!isSame) different.push(`${where}: ${command}\n  nft: ${theirs}\n  ours: ${reasonOf(ours)}`);
    }
    expect(different.join('\n')).toBe('');
  },
  300_000,
);
