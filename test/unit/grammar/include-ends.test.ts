// Where included files end: with or without a newline, with an include of their own, and what stands behind the include.

import { describe, expect, it } from 'vitest';
import { compare } from '../../property/language/compare.ts';
import { askAll, type Question } from '../../property/language/oracle.ts';
import { isMissing } from '../../support/requirements.ts';

const ends = ['', '\n', '\n\n', ';', ' ', ' # comment\n'];
const bodies = [
  'add table ip x',
  'include "nf-none-*.nft"',
  'include "nf-c.nft"',
  'include "nf-d.nft"',
  'undefine v',
  '',
];

const questions: readonly Question[] = bodies.flatMap(body =>
  ends.flatMap(inner =>
    ends.flatMap(outer =>
      ['', '\nadd table ip z'].map(behind => ({
        text: `include "nf-a.nft"${behind}`,
        files: {
          'nf-a.nft': `include "nf-b.nft"${outer}`,
          'nf-b.nft': `${body}${inner}`,
          'nf-c.nft': '',
          'nf-d.nft': 'define w = 5',
        },
      })),
    ),
  ),
);

describe.skipIf(isMissing('root', 'nft'))('ends of included files', () => {
  it('are taken as by the reference', async () => {
    const different: string[] = [];
    for await (const [question, answer] of askAll(questions)) {
      const { verdict, detail } = compare(question, answer);
      if (verdict !== 'same') different.push(`${JSON.stringify(question)}: ${verdict}: ${detail}`);
    }
    expect(different.join('\n')).toBe('');
  }, 60_000);
});
