// Tests whether a value is among some constants. nft writes one as a comparison, as a range or as an anonymous set,
// whichever is shortest for what is listed, and joins neighbours in a set: as ranges without gaps they are all the same.

import { ElementFlag, type Expression, type IrSet } from '../linear/ir.ts';

/** Numbers, both ends included, read from bytes as they stand in memory. */
type Range = readonly [from: bigint, to: bigint];

function numberOf(bytes: Uint8Array): bigint {
  return bytes.reduce((number, byte) => (number << 8n) | BigInt(byte), 0n);
}

/** The ranges of a set without data and with keys of one part; undefined if it is another one, or its elements have more. */
function rangesOf(set: IrSet): readonly Range[] | undefined {
  const { elements, keyLength } = set;
  const isPlain = set.keyParts.length === 1 && set.data === undefined && set.expressions === undefined;
  if (!isPlain || elements.keyEnds !== undefined || (elements.extras?.size ?? 0) > 0) return undefined;
  const isInterval = elements.flags.some(flag => (flag & ElementFlag.intervalEnd) !== 0);
  if (elements.flags.some(flag => (flag & ElementFlag.catchall) !== 0)) return undefined;
  const keys = Array.from({ length: elements.count }, (_, index) => ({
    key: numberOf(elements.keys.subarray(index * keyLength, (index + 1) * keyLength)),
    isEnd: (elements.flags[index]! & ElementFlag.intervalEnd) !== 0,
  })).sort((a, b) => (a.key < b.key ? -1 : a.key > b.key ? 1 : Number(b.isEnd) - Number(a.isEnd)));
  const last = (1n << BigInt(8 * keyLength)) - 1n;
  const starts = keys.flatMap(({ key, isEnd }, index): Range[] => {
    if (isEnd) return [];
    const next = keys[index + 1];
    return [[key, isInterval ? (next === undefined ? last : next.key - 1n) : key]];
  });
  return joined(starts);
}

function joined(ranges: readonly Range[]): readonly Range[] {
  const result: Range[] = [];
  for (const range of ranges) {
    const before = result.at(-1);
    if (before !== undefined && before[1] + 1n >= range[0]) result[result.length - 1] = [before[0], range[1]];
    else result.push(range);
  }
  return result;
}

function text(source: number, invert: boolean, length: number, ranges: readonly Range[]): string {
  return `${source} ${invert ? 'not ' : ''}in ${length}: ${ranges.map(([from, to]) => `${from}-${to}`).join()}`;
}

/** The test as text; undefined if the expression is another one. `set`: the anonymous one that a lookup asks. */
export function membershipText(expression: Expression, set?: IrSet): string | undefined {
  switch (expression.op) {
    case 'cmp': {
      const { operator, source, value } = expression;
      if (operator !== 'eq' && operator !== 'neq') return undefined;
      const number = numberOf(value.bytes);
      return text(source, operator === 'neq', value.bytes.length, [[number, number]]);
    }
    case 'range': {
      const { source, invert, from, to } = expression;
      return text(source, invert, from.bytes.length, [[numberOf(from.bytes), numberOf(to.bytes)]]);
    }
    case 'lookup': {
      const ranges = set && rangesOf(set);
      return ranges && text(expression.source, expression.invert, set.keyLength, ranges);
    }
    default:
      return undefined;
  }
}
