// A field in registers, ready to be searched for, and the arms as numbers of the same form.

import { endian, mov32, R1, R2 } from '../../bpf-asm/build.ts';
import { bytesOf, type Field, type Step } from '../flow/field.ts';
import type { Arm } from '../flow/graph.ts';
import { maximum } from '../flow/values.ts';
import type { Code } from './code.ts';
import type { Located, Memory } from './located.ts';
import { loadName } from './name.ts';
import { applyConstant, type Loaded, littleEndian, loadBytes, loadNumber, ordered } from './number.ts';
import type { Subject } from './search.ts';

export interface Searchable {
  readonly subject: Subject;
  readonly arms: readonly Arm[];
}

interface Bytes {
  readonly located: Located;
  readonly length: number;
  readonly steps: readonly Step[];
}

/** A part of what lies in memory is memory too. */
function withoutSlice({ located, length, steps }: Bytes): Bytes {
  const [first, ...rest] = steps;
  if (located.kind !== 'memory' || first?.do !== 'slice') return { located, length, steps };
  return {
    located: { kind: 'memory', base: located.base, offset: located.offset + first.start },
    length: first.length,
    steps: rest,
  };
}

export function searchable(code: Code, field: Field, located: Located, arms: readonly Arm[]): Searchable {
  const bytes = withoutSlice({ located, length: field.source.length, steps: field.steps });
  if (located.kind === 'name' || bytes.length > 8) return wide(code, bytes, arms);
  const loaded = loadNumber(code, bytes.located, bytes.length, bytes.steps);
  const subject = { narrow: loaded.length <= 4, maximum: maximum(loaded.length) };
  if (arms.some(arm => arm.low !== arm.high)) {
    return { subject: { ...subject, low: ordered(code, loaded).register }, arms };
  }
  return { subject: { ...subject, low: loaded.register }, arms: inOrderOf(loaded, arms) };
}

/** The field as the number that memcmp compares: in one register, or (more than 8 bytes) at the left end of two. */
export function orderedNumber(code: Code, field: Field, located: Located): Pick<Subject, 'high' | 'low'> {
  const bytes = withoutSlice({ located, length: field.source.length, steps: field.steps });
  if (located.kind === 'name' || bytes.length > 8) return wide(code, bytes, []).subject;
  return { low: ordered(code, loadNumber(code, bytes.located, bytes.length, bytes.steps)).register };
}

/** Single values may be compared in whatever order the register has; the search wants them sorted in it. */
function inOrderOf(loaded: Loaded, arms: readonly Arm[]): readonly Arm[] {
  if (loaded.swapped || loaded.length === 1) return arms;
  const turned = arms.map(({ low, to }) => {
    const value = littleEndian(bytesOf(low, loaded.length));
    return { low: value, high: value, to };
  });
  return turned.sort((a, b) => (a.low < b.low ? -1 : 1));
}

/** Up to 16 bytes as one number in R1 and R2; shorter ones are followed by zeros, and so are the arms. */
function wide(code: Code, { located, length, steps }: Bytes, arms: readonly Arm[]): Searchable {
  if (located.kind === 'name') loadName(code, located);
  else if (located.kind === 'memory') loadHalves(code, located, length);
  let end = length;
  for (const step of steps) {
    if (step.do === 'mask') maskHalves(code, step.mask, step.xor, end);
    if (step.do === 'slice') {
      end = step.length;
      maskHalves(code, new Uint8Array(end).fill(0xff), new Uint8Array(end), length);
    }
  }
  code.emit(endian('be64', R1), endian('be64', R2));
  const shift = BigInt((16 - end) * 8);
  const moved = arms.map(({ low, high, to }) => ({
    low: low << shift,
    high: ((high + 1n) << shift) - 1n,
    to,
  }));
  return { subject: { high: R1, low: R2, narrow: false, maximum: maximum(16) }, arms: moved };
}

function loadHalves(code: Code, memory: Memory, length: number): void {
  if (length > 8) loadBytes(code, R2, memory, 8, length - 8);
  else code.emit(mov32(R2, 0));
  loadBytes(code, R1, memory, 0, 8);
}

function maskHalves(code: Code, mask: Uint8Array, xor: Uint8Array, length: number): void {
  const all = new Uint8Array(16).fill(0xff, 0, length);
  const padded = (bytes: Uint8Array): Uint8Array => {
    const full = new Uint8Array(16);
    full.set(bytes);
    return full;
  };
  for (const [register, start] of [
    [R1, 0],
    [R2, 8],
  ] as const) {
    const cut = (bytes: Uint8Array): bigint => littleEndian(padded(bytes).subarray(start, start + 8));
    if (cut(mask) !== cut(all)) applyConstant(code, 'and', register, cut(mask), 8);
    if (cut(xor) !== 0n) applyConstant(code, 'xor', register, cut(xor), 8);
  }
}
