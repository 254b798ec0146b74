// Sets as nft prints them: a line for the declaration, then one for the elements. What nft does not print (statements
// and timeouts of elements, comments) is not printed here either.

import { type Family, familyNumber } from '../../model/family.ts';
import { ElementFlag, type Elements, type IrSet, SetFlag } from './ir.ts';
import { bytesText, verdictText } from './print-value.ts';

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

function dataText(set: IrSet, elements: Elements, index: number): string {
  if (set.data === undefined || (elements.flags[index]! & ElementFlag.intervalEnd) !== 0) return '';
  if (set.data.kind === 'value') {
    const { length, parts } = set.data;
    return ` : ${bytesText(elements.data!, index * length, parts, '')}`;
  }
  const verdict = elements.verdicts?.[index];
  return ` : ${verdict === undefined ? (elements.objects?.[index] ?? '') : verdictText(verdict)}`;
}

/** `element KEY[ - END][ : DATA][ flags N]`. */
export function elementText(set: IrSet, index: number): string {
  const { elements } = set;
  const flags = elements.flags[index]!;
  const suffix = flags === 0 ? '' : ` flags ${flags}`;
  return `element ${keyText(set, elements, index)}${dataText(set, elements, index)}${suffix}`;
}

/** The declaration; then, where there are elements, their header and their line. */
export function setLines(family: Family, table: string, set: IrSet): readonly string[] {
  const header = setHeader(family, table, set);
  if (set.elements.count === 0) return [header];
  const elements = Array.from({ length: set.elements.count }, (_, index) => `\t${elementText(set, index)}`);
  return [header, elementsHeader(family, table, set), elements.join('')];
}
