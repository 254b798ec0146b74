// Runs of commands on one set, here and in nft: they are taken or refused alike, and what is in the map then is listed as nft
// lists it.

import type { BpfMap } from '../../../src/lower/program.ts';
import { datatypeByName } from '../../../src/model/datatype.ts';
import { decodeElement, decodeElements } from '../../../src/runtime/decode.ts';
import { encodeElement } from '../../../src/runtime/encode.ts';
import { seed } from '../../support/random.ts';
import { machine } from '../../unit/reference/translate.ts';
import { askAll, type LoadAnswer } from '../language/oracle.ts';
import type { DrawnChanges } from './drawn-changes.ts';
import { inOrder, listedElements, wholeMinutes } from './listed.ts';
import { mapOfSet } from './set-map.ts';

/** What a map cannot hold although the set could (docs/loading.md). */
const ownLimits: ReadonlySet<string> = new Set(['unsupported-element', 'unknown-chain']);

export interface Tally {
  maps: number;
  taken: number;
  refused: number;
  limited: number;
  readonly kinds: Map<string, number>;
  readonly wrong: string[];
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

/** Any time: elements that expire count from here. */
const now = 1_000_000_000_000n;

function decoded(map: BpfMap): string {
  const listed = decodeElements(map, { ...machine, now });
  return listed.ok
    ? wholeMinutes(inOrder(map, listed.value.join(', ')))
    : listed.diagnostics.map(({ message }) => message).join();
}

/** Each entry alone can be read, too. */
function checkEntries(map: BpfMap): string | undefined {
  for (let index = 0; index < map.count; index++) {
    const key = map.keys.subarray(index * map.keySize, (index + 1) * map.keySize);
    const value = map.values.subarray(index * map.valueSize, (index + 1) * map.valueSize);
    const element = decodeElement(map, key, value, { ...machine, now });
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
    const encoding = encodeElement(map, elements, { ...machine, verb, now });
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
    const theirs = isListedOtherwise(map) ? ours : wholeMinutes(inOrder(map, listedElements(step.listed)));
    if (encoding.ok === step.ok && ours !== theirs) tally.wrong.push(`${where}we: ${ours}\nnft: ${theirs}`);
    const broken = checkEntries(map);
    if (broken !== undefined) tally.wrong.push(`${where}${broken}`);
    if (encoding.ok !== step.ok || ours !== theirs) return;
  }
}

function kindOf({ type, role }: BpfMap): string {
  if (role.kind !== 'set') return type;
  const { carried, data } = role;
  const state = (carried?.statements ?? []).map(({ kind }) => kind).join(' ');
  return [
    type,
    data?.kind ?? 'set',
    ...(carried?.expires ? ['expires'] : []),
    ...(state ? [state] : []),
  ].join(' ');
}

/** Compares what becomes of each of `drawn`, here and in nft. */
export async function compareAll(drawn: readonly DrawnChanges[]): Promise<Tally> {
  const tally: Tally = { maps: 0, taken: 0, refused: 0, limited: 0, kinds: new Map(), wrong: [] };
  const inputs = drawn.map(each => {
    const commands = each.changes.map(({ verb, elements }) => `${verb} element inet t s { ${elements} }`);
    return { text: each.text, commands, listings: [0], drawn: each };
  });
  for await (const [input, answer] of askAll(inputs)) {
    const made = mapOfSet(input.text);
    if (answer === 'crashed' || !answer.ok || made.kind !== 'map') continue;
    tally.maps++;
    tally.kinds.set(kindOf(made.map), (tally.kinds.get(kindOf(made.map)) ?? 0) + 1);
    const ours = decoded(made.map);
    const theirs = isListedOtherwise(made.map)
      ? ours
      : wholeMinutes(inOrder(made.map, listedElements(answer.listed[0]!)));
    if (ours !== theirs) tally.wrong.push(`${input.text}we: ${ours}\nnft: ${theirs}`);
    else compareSteps(input.drawn, answer, made.map, tally);
  }
  return tally;
}

export function told({ wrong: _, kinds, ...counts }: Tally): string {
  const all = [...kinds].map(([kind, count]) => `${kind} ${count}`).join(', ');
  return `seed ${seed}: ${JSON.stringify(counts)}, ${all}`;
}
