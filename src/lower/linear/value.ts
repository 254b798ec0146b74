// Constants as bytes in registers, on a little-endian machine: host order puts the lowest byte first.

import { mark, traceOf, unseen } from '../../ast/type/literal-slot.ts';
import type { Typed, TypedValue } from '../../ast/type/typed.ts';
import type { Value, ValuePart } from './ir.ts';

/** Whole bytes that hold so many bits. */
export function bytesOf(bits: number): number {
  return (bits + 7) >> 3;
}

/** Strings stand in byte order whatever the machine. */
export function partOf(typed: Pick<Typed, 'type' | 'order'>, length: number): ValuePart {
  return { length, order: typed.order === 'host' && typed.type.class !== 'string' ? 'host' : 'network' };
}

/** Writes the low `length` bytes of `number`. */
export function writeNumber(
  target: Uint8Array,
  at: number,
  length: number,
  number: bigint,
  lowFirst: boolean,
): void {
  let rest = number;
  for (let index = 0; index < length; index++) {
    target[lowFirst ? at + index : at + length - 1 - index] = Number(rest & 0xffn);
    rest >>= 8n;
  }
}

/** A number of `length` bytes in the byte order of `typed`: a mask, also of a string. */
export function numberValue(number: bigint, { order }: Pick<Typed, 'order'>, length: number): Value {
  const bytes = new Uint8Array(length);
  const isHost = order === 'host';
  writeNumber(bytes, 0, length, number, isHost);
  return { bytes, parts: [{ length, order: isHost ? 'host' : 'network' }] };
}

/** How the bytes of a followed constant are made: as many as `width` from the number, of which the first are kept. */
export interface Written {
  readonly width: number;
  readonly lowFirst: boolean;
}

const writtenKey: unique symbol = Symbol('written');

export function writtenAs(value: Value): Written | undefined {
  return (value as { readonly [writtenKey]?: Written })[writtenKey];
}

/** The first `length` bytes of a constant (all of them by default). */
export function constantValue(constant: TypedValue, length: number = bytesOf(constant.bits)): Value {
  const width = bytesOf(constant.bits);
  const { bytes } = numberValue(unseen(constant, 'value'), constant, width);
  const value: Value = {
    bytes: length === width ? bytes : bytes.slice(0, length),
    parts: [partOf(constant, length)],
  };
  const trace = traceOf(constant, 'value');
  if (trace === undefined) return value;
  const written: Written = { width, lowFirst: constant.order === 'host' };
  return mark(Object.defineProperty(value, writtenKey, { value: written }), 'bytes', trace);
}
