// ALU instructions. `d` and `s` are indexes of the register file; `s` may be that of an immediate.

import type { AluOperator, EndianOrder, Width } from '../../isa.ts';
import type { State, Step } from '../state.ts';
import { divideUnsigned, multiplyHigh, readSigned, remainderUnsigned, swap16, swap32 } from '../word.ts';

type Build = (state: State, d: number, s: number) => Step;

const alu32: Readonly<Record<AluOperator, (a: number, b: number) => number>> = {
  add: (a, b) => a + b,
  sub: (a, b) => a - b,
  mul: Math.imul,
  div: (a, b) => (b === 0 ? 0 : (a >>> 0) / (b >>> 0)),
  mod: (a, b) => (b === 0 ? a : (a >>> 0) % (b >>> 0)),
  sdiv: (a, b) => (b === 0 ? 0 : a / b),
  smod: (a, b) => (b === 0 ? a : a % b),
  or: (a, b) => a | b,
  and: (a, b) => a & b,
  xor: (a, b) => a ^ b,
  lsh: (a, b) => a << b,
  rsh: (a, b) => a >>> b,
  arsh: (a, b) => a >> b,
  mov: (_, b) => b,
};

/** 32-bit operations clear the high word. Storing in an Int32Array cuts the result to 32 bits and rounds it to zero. */
function build32(operator: AluOperator): Build {
  const operation = alu32[operator];
  return ({ low, high }, d, s) =>
    () => {
      low[d] = operation(low[d]!, low[s]!);
      high[d] = 0;
    };
}

function bitwise64(operation: (a: number, b: number) => number): Build {
  return ({ low, high }, d, s) =>
    () => {
      low[d] = operation(low[d]!, low[s]!);
      high[d] = operation(high[d]!, high[s]!);
    };
}

/** Operations that are rare enough to go through bigints. */
function wide64(operation: (a: bigint, b: bigint) => bigint): Build {
  return (state, d, s) => () => {
    const { low, high } = state;
    state.set(d, operation(readSigned(low[d]!, high[d]!), readSigned(low[s]!, high[s]!)));
  };
}

const add64: Build =
  ({ low, high }, d, s) =>
  () => {
    const sum = (low[d]! >>> 0) + (low[s]! >>> 0);
    high[d] = high[d]! + high[s]! + (sum > 0xffff_ffff ? 1 : 0);
    low[d] = sum;
  };

const sub64: Build =
  ({ low, high }, d, s) =>
  () => {
    const difference = (low[d]! >>> 0) - (low[s]! >>> 0);
    high[d] = high[d]! - high[s]! - (difference < 0 ? 1 : 0);
    low[d] = difference;
  };

const mul64: Build =
  ({ low, high }, d, s) =>
  () => {
    const a = low[d]!;
    const b = low[s]!;
    high[d] = multiplyHigh(a, b) + Math.imul(high[d]!, b) + Math.imul(a, high[s]!);
    low[d] = Math.imul(a, b);
  };

const lsh64: Build =
  ({ low, high }, d, s) =>
  () => {
    const count = low[s]! & 63;
    if (count === 0) return;
    high[d] = count < 32 ? (high[d]! << count) | (low[d]! >>> (32 - count)) : low[d]! << count;
    low[d] = count < 32 ? low[d]! << count : 0;
  };

const rsh64: Build =
  ({ low, high }, d, s) =>
  () => {
    const count = low[s]! & 63;
    if (count === 0) return;
    low[d] = count < 32 ? (low[d]! >>> count) | (high[d]! << (32 - count)) : high[d]! >>> count;
    high[d] = count < 32 ? high[d]! >>> count : 0;
  };

const arsh64: Build =
  ({ low, high }, d, s) =>
  () => {
    const count = low[s]! & 63;
    if (count === 0) return;
    low[d] = count < 32 ? (low[d]! >>> count) | (high[d]! << (32 - count)) : high[d]! >> count;
    high[d] = count < 32 ? high[d]! >> count : high[d]! >> 31;
  };

const builders64: Readonly<Record<AluOperator, Build>> = {
  add: add64,
  sub: sub64,
  mul: mul64,
  div: wide64(divideUnsigned),
  mod: wide64(remainderUnsigned),
  sdiv: wide64((a, b) => (b === 0n ? 0n : a / b)),
  smod: wide64((a, b) => (b === 0n ? a : a % b)),
  or: bitwise64((a, b) => a | b),
  and: bitwise64((a, b) => a & b),
  xor: bitwise64((a, b) => a ^ b),
  mov: bitwise64((_, b) => b),
  lsh: lsh64,
  rsh: rsh64,
  arsh: arsh64,
};

export function aluStep(state: State, operator: AluOperator, width: Width, d: number, s: number): Step {
  return (width === 64 ? builders64[operator] : build32(operator))(state, d, s);
}

export function negStep({ low, high }: State, width: Width, d: number): Step {
  if (width === 32) {
    return () => {
      low[d] = -low[d]!;
      high[d] = 0;
    };
  }
  return () => {
    high[d] = low[d] === 0 ? -high[d]! : ~high[d]!;
    low[d] = -low[d]!;
  };
}

export function movsxStep({ low, high }: State, width: Width, bits: number, d: number, s: number): Step {
  const shift = 32 - bits;
  return () => {
    const value = (low[s]! << shift) >> shift;
    low[d] = value;
    high[d] = width === 64 ? value >> 31 : 0;
  };
}

/** The machine is little endian: `le` only cuts, `be` and `swap` are the same. */
export function endianStep({ low, high }: State, order: EndianOrder, bits: 16 | 32 | 64, d: number): Step {
  const swaps = order !== 'le';
  if (bits === 64) {
    return () => {
      if (!swaps) return;
      const value = swap32(low[d]!);
      low[d] = swap32(high[d]!);
      high[d] = value;
    };
  }
  const convert =
    bits === 16 ? (swaps ? swap16 : (x: number) => x & 0xffff) : swaps ? swap32 : (x: number) => x;
  return () => {
    low[d] = convert(low[d]!);
    high[d] = 0;
  };
}
