// Sets as nft prints them: a line for the declaration, then one for the elements. What nft does not print (statements
// and timeouts of elements, comments) is not printed here either.

import { type Family, familyNumber } from '../../model/family.ts';
import { ElementFlag, type Elements, type IrSet, SetFlag, type ValuePart } from './ir.ts';
import { elementPieces } from './print-elements.ts';
import { bytesText, verdictText } from './print-value.ts';

type ValueData = Extract<NonNullable<IrSet['data']>, { readonly kind: 'value' }>;

/** Sets that cannot change send no size and no policy. */
function properties(set: IrSet): string {
  const timeout = set.timeout === undefined ? '' : ` timeout ${set.timeout}ms`;
  const interval = set.gcInterval === undefined ? '' : ` gc_interval ${set.gcInterval}ms`;
  if ((set.flags & SetFlag.constant) !== 0) return timeout + interval;
  const policy = set.policy === 'memory' ? ' policy 1' : '';
  return timeout + interval + policy + (set.size === undefined ? '' : ` size ${set.size}`);
}

/** `family N name table flags` and the set's properties. */
export function setHeader(family: Family, table: string, set: IrSet): string {
  return `family ${familyNumber[family]} ${set.name} ${table} ${set.flags.toString(16)}${properties(set)}`;
}

/** The header that stands before elements: flags are not sent with them. */
export function elementsHeader(family: Family, table: string, set: IrSet): string {
  return `family ${familyNumber[family]} ${set.name} ${table} 0`;
}

function keyText(set: IrSet, elements: Elements, index: number): string {
  if ((elements.flags[index]! & ElementFlag.catchall) !== 0) return '';
  const start = index * set.keyLength;
  const key = bytesText(elements.keys, start, set.keyParts, '');
  if (elements.keyEnds === undefined) return key;
  return `${key} - ${bytesText(elements.keyEnds, start, set.keyParts, '')}`;
}

const asBytes = ({ length }: ValuePart): ValuePart => ({ length, order: 'network' });

/**
 * Ranges of single values, and values that stand for ranges of one, come to nft's printer without the byte order that
 * they have: it prints their bytes as they are in memory.
 */
function isUnordered({ length, parts, interval }: ValueData, data: Uint8Array, index: number): boolean {
  if (!interval) return false;
  if (parts.length === 2) return true;
  const start = index * length;
  for (let at = start; at < start + length / 2; at++) if (data[at] !== data[at + length / 2]) return false;
  return true;
}

function dataText(set: IrSet, elements: Elements, index: number): string {
  if (set.data === undefined || (elements.flags[index]! & ElementFlag.intervalEnd) !== 0) return '';
  if (set.data.kind === 'value') {
    const { length, parts } = set.data;
    const shown = isUnordered(set.data, elements.data!, index) ? parts.map(asBytes) : parts;
    return ` : ${bytesText(elements.data!, index * length, shown, '')}`;
  }
  const verdict = elements.verdicts?.[index];
  return ` : ${verdict === undefined ? (elements.objects?.[index] ?? '') : verdictText(verdict)}`;
}

/** `element KEY[ - END][ : DATA][ flags N]`. */
export function elementText(set: IrSet, index: number, elements: Elements = set.elements): string {
  const flags = elements.flags[index]!;
  const suffix = flags === 0 ? '' : ` flags ${flags}`;
  return `element ${keyText(set, elements, index)}${dataText(set, elements, index)}${suffix}`;
}

/** The line of the declaration; then, where there are elements, their header and their line, which may be long. */
export function* setPieces(
  family: Family,
  table: string,
  set: IrSet,
  elements: Elements = set.elements,
): Generator<string> {
  yield `${setHeader(family, table, set)}\n`;
  if (elements.count === 0) return;
  yield `${elementsHeader(family, table, set)}\n`;
  yield* piecesOf(set, elements);
  yield '\n';
}

/** Lists with more elements than this are written byte by byte. */
const shortList = 64;

function piecesOf(set: IrSet, elements: Elements): Iterable<string> {
  const pieces = elements.count > shortList ? elementPieces(set, elements) : undefined;
  return (
    pieces ?? Array.from({ length: elements.count }, (_, index) => `\t${elementText(set, index, elements)}`)
  );
}
