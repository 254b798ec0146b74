// Instructions drawn for a row of the table: a deterministic generator, so that a failure can be repeated.

import { encodeImm64, encodeSlot } from '../../../src/bpf-asm/encode.ts';
import type { IsaRow, OperandField } from '../../../src/bpf-asm/isa.ts';

/** Numbers 0 ... 2^32-1 (xorshift32). */
export function generator(seed: number): () => number {
  let state = seed;
  return () => {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    return state >>> 0;
  };
}

const edges = [0, 1, -1, 5, -5, 0x7f, 0xff, 0x7fff, -0x8000, 0xffff, 0x7fffffff, -0x80000000];

export function drawImm(next: () => number): number {
  return next() % 3 === 0 ? next() | 0 : edges[next() % edges.length]!;
}

export function drawImm64(next: () => number): bigint {
  return (BigInt(next() % 4 === 0 ? next() : drawImm(next) >>> 0) << 32n) | BigInt(next());
}

/** Bytes of one instruction of that row, with any registers, offset and immediate that it may have. */
export function drawCode(row: IsaRow, next: () => number): Uint8Array {
  const field = (name: OperandField, draw: () => number): number => {
    if (row.fixed?.field === name) return row.fixed.value;
    return row.operands.includes(name) ? draw() : 0;
  };
  const dst = field('dst', () => next() % 11);
  const src = field('src', () => next() % 11);
  const offset = field('offset', () => Math.max(-0x8000, Math.min(0x7fff, drawImm(next))));
  const isWide = row.meaning.kind === 'imm64';
  const view = new DataView(new ArrayBuffer(isWide ? 16 : 8));
  if (isWide) encodeImm64(view, 0, row.opcode, dst, src, drawImm64(next));
  else
    encodeSlot(
      view,
      0,
      row.opcode,
      dst,
      src,
      offset,
      field('imm', () => drawImm(next)),
    );
  return new Uint8Array(view.buffer);
}

export function concat(parts: readonly Uint8Array[]): Uint8Array {
  const all = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0));
  let at = 0;
  for (const part of parts) {
    all.set(part, at);
    at += part.length;
  }
  return all;
}
