// Loads, stores and atomic operations. Any alignment is taken, as on the kernel's 64-bit targets with efficient unaligned
// access.

import type { AccessSize, AtomicOperator } from '../../isa.ts';
import type { Region } from '../memory.ts';
import type { State, Step } from '../state.ts';

/** The region of `size` bytes at `base + offset`; their place in it is `state.memory.offset`. */
function locate(state: State, base: number, offset: number, size: number, write: boolean): Region {
  const sum = (state.low[base]! >>> 0) + offset;
  const carry = sum > 0xffff_ffff ? 1 : sum < 0 ? -1 : 0;
  return state.memory.find((state.high[base]! + carry) | 0, sum | 0, size, write);
}

type Read = (view: DataView, at: number) => number;

const readUnsigned: Readonly<Record<1 | 2 | 4, Read>> = {
  1: (view, at) => view.getUint8(at),
  2: (view, at) => view.getUint16(at, true),
  4: (view, at) => view.getInt32(at, true),
};

const readSigned: Readonly<Record<1 | 2 | 4, Read>> = {
  1: (view, at) => view.getInt8(at),
  2: (view, at) => view.getInt16(at, true),
  4: (view, at) => view.getInt32(at, true),
};

function load64(state: State, d: number, s: number, offset: number): Step {
  const { low, high, memory } = state;
  return () => {
    const { view } = locate(state, s, offset, 8, false);
    const at = memory.offset;
    low[d] = view.getInt32(at, true);
    high[d] = view.getInt32(at + 4, true);
  };
}

export function loadStep(
  state: State,
  size: AccessSize,
  signed: boolean,
  d: number,
  s: number,
  offset: number,
): Step {
  if (size === 8) return load64(state, d, s, offset);
  const { low, high, memory } = state;
  const read = (signed ? readSigned : readUnsigned)[size];
  return () => {
    const { view } = locate(state, s, offset, size, false);
    const value = read(view, memory.offset);
    low[d] = value;
    high[d] = signed ? value >> 31 : 0;
  };
}

type Write = (view: DataView, at: number, low: number, high: number) => void;

const writers: Readonly<Record<AccessSize, Write>> = {
  1: (view, at, low) => view.setUint8(at, low),
  2: (view, at, low) => view.setUint16(at, low, true),
  4: (view, at, low) => view.setInt32(at, low, true),
  8: (view, at, low, high) => {
    view.setInt32(at, low, true);
    view.setInt32(at + 4, high, true);
  },
};

/** `s` is the register or immediate that is stored. */
export function storeStep(state: State, size: AccessSize, d: number, offset: number, s: number): Step {
  const { low, high, memory } = state;
  const write = writers[size];
  return () => {
    const { view } = locate(state, d, offset, size, true);
    write(view, memory.offset, low[s]!, high[s]!);
  };
}

const combine: Readonly<Record<'add' | 'or' | 'and' | 'xor', (old: bigint, value: bigint) => bigint>> = {
  add: (old, value) => old + value,
  or: (old, value) => old | value,
  and: (old, value) => old & value,
  xor: (old, value) => old ^ value,
};

const plainOperator: Readonly<Record<Exclude<AtomicOperator, 'xchg' | 'cmpxchg'>, keyof typeof combine>> = {
  add: 'add',
  or: 'or',
  and: 'and',
  xor: 'xor',
  fetch_add: 'add',
  fetch_or: 'or',
  fetch_and: 'and',
  fetch_xor: 'xor',
};

function cut(value: bigint, size: 4 | 8): bigint {
  return size === 4 ? BigInt.asUintN(32, value) : value;
}

/** What the operation leaves in memory. */
function atomicResult(operator: AtomicOperator, size: 4 | 8, old: bigint, value: bigint, r0: bigint): bigint {
  if (operator === 'xchg') return value;
  if (operator === 'cmpxchg') return old === cut(r0, size) ? value : old;
  return combine[plainOperator[operator]](old, value);
}

/** Adding to a counter is by far the most frequent, so it does without bigints. */
function add64(state: State, d: number, offset: number, s: number): Step {
  const { low, high, memory } = state;
  return () => {
    const { view } = locate(state, d, offset, 8, true);
    const at = memory.offset;
    const sum = view.getUint32(at, true) + (low[s]! >>> 0);
    view.setInt32(at, sum | 0, true);
    view.setInt32(at + 4, (view.getInt32(at + 4, true) + high[s]! + (sum > 0xffff_ffff ? 1 : 0)) | 0, true);
  };
}

export function atomicStep(
  state: State,
  operator: AtomicOperator,
  size: 4 | 8,
  d: number,
  offset: number,
  s: number,
): Step {
  if (operator === 'add' && size === 8) return add64(state, d, offset, s);
  const result = operator === 'cmpxchg' ? 0 : operator === 'xchg' || operator.startsWith('fetch_') ? s : -1;
  return () => {
    const { view } = locate(state, d, offset, size, true);
    const at = state.memory.offset;
    const old = size === 8 ? view.getBigUint64(at, true) : BigInt(view.getUint32(at, true));
    const next = atomicResult(operator, size, old, state.get(s), state.get(0));
    if (size === 8) view.setBigUint64(at, next, true);
    else view.setUint32(at, Number(cut(next, 4)), true);
    if (result >= 0) state.set(result, old);
  };
}
