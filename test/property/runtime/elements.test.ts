// Elements that come and go at run time, against nft: the same commands are taken or refused, and what is in the map
// then is listed as nft lists it. SEED draws others.

import { describe, expect, it } from 'vitest';
import type { BpfMap } from '../../../src/lower/program.ts';
import { datatypeByName } from '../../../src/model/datatype.ts';
import { decodeElement, decodeElements } from '../../../src/runtime/decode.ts';
import { encodeElement } from '../../../src/runtime/encode.ts';
import { seed } from '../../support/random.ts';
import { isMissing } from '../../support/requirements.ts';
import { machine } from '../../unit/reference/translate.ts';
import { askAll, type LoadAnswer } from '../language/oracle.ts';
import { type DrawnChanges, drawnChanges } from './drawn-changes.ts';
import { mapOfSet } from './set-map.ts';

const sets = Number(process.env['SETS'] ?? 600);

/** Elements of hashes have no order; nft has its own for some of their types. */
function inOrder({ type }: BpfMap, elements: string): string {
  return type === 'hash' ? elements.split(', ').sort().join(', ') : elements;
}

/** What a map cannot hold although the set could (docs/loading.md). */
const ownLimits: ReadonlySet<string> = new Set(['unsupported-element', 'unknown-chain']);

interface Tally {
  maps: number;
  taken: number;
  refused: number;
  limited: number;
  readonly kinds: Map<string, number>;
  readonly wrong: string[];
}

/** `elements = { … }` of the one set, on one line. */
function listedElements(listing: string): string {
  return (/elements = \{([\s\S]*?)\}\n/.exec(listing)?.[1] ?? '').replace(/\s+/g, ' ').trim();
}

/**
 * nft lists flags that a map gives as numbers, and numbers of the machine's order the wrong way round where they are part
 * of what a map of ranges gives: both cannot be compared as text.
 */
function isListedOtherwise({ role }: BpfMap): boolean {
  if (role.kind !== 'set' || role.data?.kind !== 'value') return false;
  const { parts } = role.data;
  const hasFlags = parts.some(({ type }) => datatypeByName(type)?.class === 'bitmask');
  return (
    hasFlags ||
    (role.flags.includes('interval') && parts.length > 1 && parts.some(({ order }) => order === 'host'))
  );
}

function decoded(map: BpfMap): string {
  const listed = decodeElements(map, machine);
  return listed.ok
    ? inOrder(map, listed.value.join(', '))
    : listed.diagnostics.map(({ message }) => message).join();
}

/** Each entry alone can be read, too. */
function checkEntries(map: BpfMap): string | undefined {
  for (let index = 0; index < map.count; index++) {
    const key = map.keys.subarray(index * map.keySize, (index + 1) * map.keySize);
    const value = map.values.subarray(index * map.valueSize, (index + 1) * map.valueSize);
    const element = decodeElement(map, key, value, machine);
    if (!element.ok) return element.diagnostics[0]!.message;
  }
  return undefined;
}

function compareSteps(
  { changes, text }: DrawnChanges,
  { steps }: LoadAnswer,
  made: BpfMap,
  tally: Tally,
): void {
  let map = made;
  for (const [index, { verb, elements }] of changes.entries()) {
    const step = steps[index]!;
    const encoding = encodeElement(map, elements, { ...machine, verb });
    const said = encoding.ok
      ? 'taken'
      : `${encoding.diagnostics[0]!.code}: ${encoding.diagnostics[0]!.message}`;
    const where = `${text}${verb} element inet t s { ${elements} }\nin: ${decoded(map)}\n`;
    // Words that are keywords need no quotes here.
    const isKeyword = encoding.ok && /syntax error/.test(step.stderr);
    if (isKeyword || (!encoding.ok && step.ok && ownLimits.has(encoding.diagnostics[0]!.code))) {
      tally.limited++;
      return;
    }
    if (encoding.ok !== step.ok)
      tally.wrong.push(`${where}we: ${said}\nnft: ${step.ok ? 'taken' : step.stderr}`);
    else if (encoding.ok) {
      tally.taken++;
      map = encoding.map;
    } else tally.refused++;
    const ours = decoded(map);
    const theirs = isListedOtherwise(map) ? ours : inOrder(map, listedElements(step.listed));
    if (encoding.ok === step.ok && ours !== theirs) tally.wrong.push(`${where}we: ${ours}\nnft: ${theirs}`);
    const broken = checkEntries(map);
    if (broken !== undefined) tally.wrong.push(`${where}${broken}`);
    if (encoding.ok !== step.ok || ours !== theirs) return;
  }
}

function kindOf({ type, role }: BpfMap): string {
  const gives = role.kind === 'set' ? (role.data?.kind ?? 'set') : '';
  return `${type} ${gives}`;
}

describe.skipIf(isMissing('root', 'nft'))('elements at run time', () => {
  it('are taken, refused and listed as by nft', { timeout: 600_000 }, async () => {
    const tally: Tally = { maps: 0, taken: 0, refused: 0, limited: 0, kinds: new Map(), wrong: [] };
    const inputs = Array.from({ length: sets }, (_, index) => {
      const drawn = drawnChanges(seed + index);
      const commands = drawn.changes.map(({ verb, elements }) => `${verb} element inet t s { ${elements} }`);
      return { text: drawn.text, commands, listings: [0], drawn };
    });
    for await (const [{ drawn }, answer] of askAll(inputs)) {
      const made = mapOfSet(drawn.text);
      if (answer === 'crashed' || !answer.ok || made.kind !== 'map') continue;
      tally.maps++;
      tally.kinds.set(kindOf(made.map), (tally.kinds.get(kindOf(made.map)) ?? 0) + 1);
      const ours = decoded(made.map);
      const theirs = isListedOtherwise(made.map)
        ? ours
        : inOrder(made.map, listedElements(answer.listed[0]!));
      if (ours !== theirs) tally.wrong.push(`${drawn.text}we: ${ours}\nnft: ${theirs}`);
      else compareSteps(drawn, answer, made.map, tally);
    }
    const { wrong, kinds, ...counts } = tally;
    console.log(
      `seed ${seed}: ${JSON.stringify(counts)}, ${[...kinds].map(([kind, count]) => `${kind} ${count}`).join(', ')}`,
    );
    expect(wrong.slice(0, 10).join('\n----\n')).toBe('');
    expect(tally.taken).toBeGreaterThan(sets / 4);
    expect(tally.refused).toBeGreaterThan(sets / 20);
    expect(kinds.size).toBe(9);
  });
});
