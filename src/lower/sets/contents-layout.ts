// How keys and data stand in memory. Values of host byte order are stored as the host stores them, unless the set is
// one of intervals: the kernel compares those byte by byte, so they are stored (and looked up) big-endian. Strings are
// bytes in their order everywhere.

import type { ByteOrder, DatatypeClass } from '../../model/datatype.ts';
import type { ValuePart } from '../linear/ir.ts';

/** One part of a key or of data. Of a string, the lowest byte of a number is the first character. */
export interface PartShape {
  readonly bits: number;
  /** Bits that count where ranges of concatenations are compared, if those are not all. */
  readonly fieldBits?: number;
  readonly order: ByteOrder;
  readonly class: DatatypeClass;
}

/** `littleEndian`: whether the value's lowest byte comes first in memory. */
export interface PartLayout {
  readonly part: ValuePart;
  /** Bytes that count where ranges of concatenations are compared. */
  readonly fieldLength: number;
  readonly bits: number;
  readonly littleEndian: boolean;
  /** Bytes from the start of the key. */
  readonly offset: number;
}

export interface Layout {
  readonly parts: readonly PartLayout[];
  /** Bytes; a single part is not padded. */
  readonly length: number;
}

const byteLength = (bits: number): number => Math.ceil(bits / 8);
const padded = (length: number): number => (length + 3) & ~3;

function partLayout(shape: PartShape, offset: number, bigEndian: boolean): PartLayout {
  const isString = shape.class === 'string';
  const isHost = shape.order === 'host' && !isString && !bigEndian;
  return {
    part: { length: byteLength(shape.bits), order: isHost ? 'host' : 'network' },
    fieldLength: byteLength(shape.fieldBits ?? shape.bits),
    bits: shape.bits,
    littleEndian: isString || isHost,
    offset,
  };
}

/** `bigEndian`: in sets of intervals. */
export function layoutOf(shapes: readonly PartShape[], bigEndian: boolean): Layout {
  const parts: PartLayout[] = [];
  let offset = 0;
  for (const shape of shapes) {
    parts.push(partLayout(shape, offset, bigEndian));
    offset += padded(byteLength(shape.bits));
  }
  return { parts, length: parts.length === 1 ? parts[0]!.part.length : offset };
}

/** Intervals of data: the parts of both ends, one after the other, each padded. */
export function intervalLayoutOf(shapes: readonly PartShape[]): Layout {
  const { parts, length } = layoutOf([...shapes, ...shapes], false);
  return { parts, length: padded(length) };
}

export function valueParts(layout: Layout): readonly ValuePart[] {
  return layout.parts.map(part => part.part);
}

/** Writes a value at `start` plus the part's offset. */
export function writePart(bytes: Uint8Array, start: number, layout: PartLayout, value: bigint): void {
  const at = start + layout.offset;
  const { length } = layout.part;
  const first = layout.littleEndian ? at : at + length - 1;
  const step = layout.littleEndian ? 1 : -1;
  if (length <= 6) {
    let rest = Number(value);
    for (let index = 0; index < length; index++) {
      bytes[first + index * step] = rest % 256;
      rest = Math.floor(rest / 256);
    }
    return;
  }
  let rest = value;
  for (let index = 0; index < length; index++) {
    bytes[first + index * step] = Number(rest & 0xffn);
    rest >>= 8n;
  }
}

/** The value at `start` plus the part's offset. */
export function readPart(bytes: Uint8Array, start: number, layout: PartLayout): bigint {
  const at = start + layout.offset;
  const { length } = layout.part;
  let value = 0n;
  for (let index = 0; index < length; index++) {
    value = (value << 8n) | BigInt(bytes[layout.littleEndian ? at + length - 1 - index : at + index]!);
  }
  return value;
}

/** The number that the bytes of `value` are when read big-endian: what intervals are ordered by. */
export function orderedValue(layout: PartLayout, value: bigint): bigint {
  if (!layout.littleEndian) return value;
  let reversed = 0n;
  let rest = value;
  for (let index = 0; index < layout.part.length; index++) {
    reversed = (reversed << 8n) | (rest & 0xffn);
    rest >>= 8n;
  }
  return reversed;
}
