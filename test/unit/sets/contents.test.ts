// Contents of sets against the reference: drawn sets, accepted ones compared element by element, refused ones refused.

import { describe, expect, it } from 'vitest';
import type { IrSet, SetId } from '../../../src/lower/linear/ir.ts';
import { elementText } from '../../../src/lower/linear/print-set.ts';
import { buildElements, setLayout } from '../../../src/lower/sets/contents.ts';
import type { FileId } from '../../../src/source/span.ts';
import { checkWithNft } from '../../support/nft.ts';
import { Random, seed } from '../../support/random.ts';
import { isMissing } from '../../support/requirements.ts';
import { type DrawnSet, drawAnonymousSet, drawNamedSet } from './drawn-set.ts';

/** Milliseconds for each kind of set; a campaign gives more. */
const budget = Number(process.env['SET_BUDGET'] ?? 4000);
const batchSize = 200;

/** What ours prints, or undefined if refused. */
function ours({ shape, items }: DrawnSet): readonly string[] | undefined {
  const { elements, diagnostics } = buildElements(shape, items);
  if (diagnostics.length > 0) return undefined;
  const layout = setLayout(shape);
  const data =
    layout.data === undefined
      ? shape.data?.kind === 'verdict'
        ? ({ kind: 'verdict' } as const)
        : ({ kind: 'object', type: 1 } as const)
      : ({ kind: 'value', ...layout.data } as const);
  const set: IrSet = {
    id: 0 as SetId,
    name: 's',
    span: { file: 0 as FileId, from: 0, to: 0 },
    flags: 0,
    keyLength: layout.keyLength,
    keyParts: layout.keyParts,
    ...(shape.data !== undefined && { data }),
    elements,
  };
  return Array.from({ length: elements.count }, (_, index) => elementText(set, index));
}

/** The element lines of nft's print, one list a set, without user data. */
function elementLists(output: string): readonly (readonly string[])[] {
  return output
    .split('\n')
    .filter(line => line.startsWith('\telement '))
    .map(line =>
      line
        .split('\t')
        .slice(1)
        .map(text => text.replace(/ {2}userdata len \d+ sum 0x[0-9a-f]+$/, '')),
    );
}

type Wrap = (texts: readonly string[]) => string;

const inTable: Wrap = texts => `table inet t {\ncounter one { }\ncounter two { }\n${texts.join('\n')}\n}\n`;
const inChain: Wrap = texts => `table inet t {\nchain c {\n${texts.join('\n')}\n}\n}\n`;

/** Compares accepted sets in one call; returns the text of the first that differs. */
function compareAccepted(sets: readonly DrawnSet[], wrap: Wrap): void {
  const answer = checkWithNft(wrap(sets.map(set => set.text)));
  expect(answer.stderr.split('\n').slice(0, 3).join('\n')).toBe('');
  const lists = elementLists(answer.stdout);
  expect(lists.length).toBe(sets.length);
  for (const [index, set] of sets.entries()) expect(ours(set), set.text).toEqual(lists[index]);
}

interface Tally {
  accepted: number;
  refused: number;
}

function campaign(draw: (random: Random, index: number) => DrawnSet, wrap: Wrap, seed: number): Tally {
  const random = new Random(seed);
  const tally: Tally = { accepted: 0, refused: 0 };
  const end = Date.now() + budget;
  while (Date.now() < end) {
    const drawn = Array.from({ length: batchSize }, (_, index) => draw(random, index));
    const accepted = drawn.filter(set => ours(set) !== undefined);
    compareAccepted(accepted, wrap);
    tally.accepted += accepted.length;
    // A refusal ends nft's run, so refused sets are tried alone, and only some of them.
    for (const set of drawn.filter(each => ours(each) === undefined).slice(0, 10)) {
      expect(checkWithNft(wrap([set.text])).ok, set.text).toBe(false);
      tally.refused += 1;
    }
  }
  return tally;
}

describe.skipIf(isMissing('root', 'nft'))('contents of sets', () => {
  it.each([
    ['named', (random: Random, index: number) => drawNamedSet(random, `s${index}`), inTable],
    ['anonymous', (random: Random) => drawAnonymousSet(random), inChain],
  ] as const)(`%s, as the reference has them (SEED=${seed})`, (kind, draw, wrap) => {
    const { accepted, refused } = campaign(draw, wrap, seed);
    console.info(`${kind} sets: ${accepted} equal, ${refused} refused by both`);
    expect(accepted).toBeGreaterThan(batchSize / 4);
    expect(refused).toBeGreaterThan(0);
  });
});
