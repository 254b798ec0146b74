// Keys of map look-ups on the stack: each part of a key at its place, padded with zeros to 4 bytes.

import {
  add64,
  loadImm64,
  mov64,
  R1,
  R2,
  R10,
  type Register,
  rsh64,
  store,
  storeImm,
} from '../../bpf-asm/build.ts';
import { type Field, isConstant, numberOf } from '../flow/field.ts';
import { chunks } from './chunks.ts';
import type { Code } from './code.ts';
import type { Copy } from './copy.ts';
import { locate } from './load.ts';
import { loadAt, type Memory } from './located.ts';
import { loadName } from './name.ts';
import { inMemoryOrder, loadNumber } from './number.ts';
import { KEY } from './stack.ts';
import { orderedNumber } from './subject.ts';

/** Puts a register's low `length` bytes (up to 8) on the stack. The register is changed. */
function storeBytes(code: Code, register: Register, offset: number, length: number): void {
  let shifted = 0;
  for (const { at, size } of chunks(R10, offset, length)) {
    if (at > shifted) code.emit(rsh64(register, (at - shifted) * 8));
    shifted = at;
    code.emit(store(size, R10, offset + at, register));
  }
}

function copyMemory(code: Code, memory: Memory, start: number, offset: number, length: number): void {
  const isStack = memory.base.register === R10.register;
  const alike = !isStack || (memory.offset + start - offset) % 8 === 0;
  for (const { at, size } of chunks(R10, offset, length)) {
    const piece = alike ? size : 1;
    for (let i = at; i < at + size; i += piece) {
      loadAt(code, piece, R1, memory, start + i);
      code.emit(store(piece, R10, offset + i, R1));
    }
  }
}

/** Puts constant bytes at an offset from R10. */
export function storeConstant(code: Code, bytes: Uint8Array, offset: number): void {
  bytes.forEach((byte, at) => {
    code.emit(storeImm(1, R10, offset + at, byte));
  });
}

/** Puts a field's bytes at an offset from R10. */
export function storeField(copy: Copy, field: Field, offset: number, absent: () => string): void {
  const { code } = copy;
  if (isConstant(field)) {
    storeConstant(code, field.source.bytes, offset);
    return;
  }
  const located = locate(copy, field.source, absent);
  const { length } = field.source;
  if (located.kind === 'name') {
    loadName(code, located);
    code.emit(store(8, R10, offset, R1), store(8, R10, offset + 8, R2));
    return;
  }
  const [first, ...rest] = field.steps;
  if (located.kind === 'memory' && rest.length === 0 && (first === undefined || first.do === 'slice')) {
    copyMemory(code, located, first?.start ?? 0, offset, field.length);
    return;
  }
  const loaded = inMemoryOrder(code, loadNumber(code, located, length, field.steps));
  storeBytes(code, loaded.register, offset, field.length);
}

/** The whole key at KEY + `start`, and zeros where its parts are padded. */
export function storeKey(copy: Copy, parts: readonly Field[], start: number, absent: () => string): void {
  let at = KEY + start;
  for (const field of parts) {
    storeField(copy, field, at, absent);
    const padded = parts.length > 1 ? Math.ceil(field.length / 4) * 4 : field.length;
    for (let i = field.length; i < padded; i++) copy.code.emit(storeImm(1, R10, at + i, 0));
    at += padded;
  }
}

/** The parts as numbers of 8 bytes (16 for longer ones, high half first) at KEY, as lists of ranges have them. */
export function storeNumbers(copy: Copy, parts: readonly Field[], absent: () => string): void {
  const { code } = copy;
  let at = KEY;
  for (const field of parts) {
    if (isConstant(field)) {
      const wide = field.length > 8;
      const value = numberOf(field.source.bytes) << (wide ? BigInt((16 - field.length) * 8) : 0n);
      if (wide) code.emit(loadImm64(R1, value >> 64n), store(8, R10, at, R1));
      code.emit(loadImm64(R1, value & ((1n << 64n) - 1n)), store(8, R10, at + (wide ? 8 : 0), R1));
    } else {
      const { high, low } = orderedNumber(code, field, locate(copy, field.source, absent));
      if (high !== undefined) code.emit(store(8, R10, at, high));
      code.emit(store(8, R10, at + (high === undefined ? 0 : 8), low));
    }
    at += field.length > 8 ? 16 : 8;
  }
}

/** R2 = a place on the stack. */
export function pointTo(code: Code, offset: number): void {
  code.emit(mov64(R2, R10), add64(R2, offset));
}
