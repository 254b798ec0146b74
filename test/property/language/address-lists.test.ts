// Lists of addresses in all their forms, with whatever may stand between them: the reader of elements has a way of its own
// through long lists of them.

import { expect, it } from 'vitest';
import { seed } from '../../support/random.ts';
import { isMissing } from '../../support/requirements.ts';
import { compare } from './compare.ts';
import { Draw } from './draw.ts';
import { askAll, type Question } from './oracle.ts';

const lists = 1500;

const ipv4 = (draw: Draw): string => Array.from({ length: 4 }, () => draw.number(256)).join('.');
const ipv6 = (draw: Draw): string =>
  draw.one(
    d => `2001:db8::${d.hex(1 + d.below(4))}`,
    d => `2001:db8::${d.hex(2)}:${d.hex(4)}`,
    d => `fe80::${d.hex(3)}`,
    d => `${d.hex(4)}:${d.hex(4)}:${d.hex(4)}:${d.hex(4)}:${d.hex(4)}:${d.hex(4)}:${d.hex(4)}:${d.hex(4)}`,
  );

const oddIpv4 = [
  ...[
    '10.0.0.0/30',
    '10.1.1.1-10.1.1.5',
    '10.0.0.300',
    '10.0.0',
    '1.2.3.4.5',
    '010.1.1.1',
    '0x0a000001',
    '$v',
  ],
  ...[
    '*',
    '10.0.0.1 timeout 5s',
    '10.0.0.1 comment "x"',
    '10.0.0.1 : 5',
    '10.0.0.1x',
    'localhost',
    '{ 1.1.1.1 }',
  ],
];
const oddIpv6 = [
  ...[
    '::',
    '::1',
    'fe80::',
    '1::2::3',
    '::ffff:10.0.0.1',
    '2001:db8::/64',
    'fe80::1-fe80::5',
    '12345::1',
    'dead::beef::',
  ],
  ...[
    '1:2:3:4:5:6:7',
    '1:2:3:4:5:6:7:8:9',
    '[::1]',
    'a:b',
    'fe80::1 timeout 5s',
    'add',
    'aa:bb:cc:dd:ee:ff',
    'fe80::1%lo',
  ],
];

const separator = (draw: Draw): string =>
  draw.oneIn(8)
    ? draw.pick([
        ',',
        ', ,',
        ',\n\n',
        ' ,',
        '\n,',
        ',\n\t,',
        ', # a comment\n',
        ';',
        ' ',
        ',\\\n',
        ',\r\n',
        ',,',
        '\n',
      ])
    : draw.pick([', ', ', ', ',', ',\n', ',\n\t\t', ', \n ', ',\t']);

function list(index: number): Question {
  const draw = new Draw(seed + index);
  const [type, usual, odd] = draw.pick([
    ['ipv4_addr', ipv4, oddIpv4],
    ['ipv6_addr', ipv6, oddIpv6],
  ] as const);
  const count = 2 + draw.below(12);
  let text = '';
  for (let each = 0; each < count; each++) {
    text += draw.oneIn(25) ? draw.pick(odd) : usual(draw);
    text += each < count - 1 ? separator(draw) : draw.pick(['', ' ', '\n', ',', ', ', ',\n']);
  }
  const flags = draw.pick(['', 'flags interval;', 'flags timeout;', 'flags interval; auto-merge;']);
  return {
    text: `define v = 10.0.0.9\ntable ip t {\n set s { type ${type}; ${flags} elements = { ${text}}\n }\n}\n`,
  };
}

it.skipIf(isMissing('root', 'nft'))(
  'lists of addresses are read as the reference reads them',
  async () => {
    const questions = Array.from({ length: lists }, (_, index) => list(index));
    const different: string[] = [];
    let accepted = 0;
    for await (const [question, answer] of askAll(questions)) {
      const { verdict, detail, accepted: isAccepted } = compare(question, answer);
      if (isAccepted) accepted++;
      if (verdict !== 'same') different.push(`${verdict}: ${question.text}${detail}`);
    }
    console.info(`seed ${seed}: ${lists} lists of addresses, ${accepted} accepted`);
    expect(different.join('\n')).toBe('');
    expect(accepted).toBeGreaterThan(lists / 5);
    expect(accepted).toBeLessThan(lists - lists / 5);
  },
  120_000,
);
