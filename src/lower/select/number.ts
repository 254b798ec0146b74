// A field's bytes as numbers in registers. Memory order on the machine is little endian, so bytes loaded at once are
// their own reverse: a field is kept as loaded, with a note whether it is `swapped` against what memory holds, and the
// swap is emitted only where order counts. Comparing for equality swaps the constant instead.

import {
  alu,
  and32,
  endian,
  loadImm64,
  lsh32,
  lsh64,
  mov32,
  mov64,
  or64,
  R1,
  R3,
  type Register,
  rsh32,
  rsh64,
} from '../../bpf-asm/build.ts';
import type { Step } from '../flow/field.ts';
import { chunks } from './chunks.ts';
import type { Code } from './code.ts';
import { type Located, loadAt, type Memory } from './located.ts';

/** A register that holds `length` bytes, up to 8. `swapped`: as the number that memcmp compares. */
export interface Loaded {
  readonly register: Register;
  readonly length: number;
  readonly swapped: boolean;
}

/** The bytes as a little-endian number. */
export function littleEndian(bytes: Uint8Array): bigint {
  let value = 0n;
  for (let i = bytes.length - 1; i >= 0; i--) value = (value << 8n) | BigInt(bytes[i]!);
  return value;
}

/** Loads `length` bytes (1 to 8) from `start` on as a little-endian number; R3 is used unless one load does. */
export function loadBytes(code: Code, dst: Register, memory: Memory, start: number, length: number): void {
  const [first, ...rest] = chunks(memory.base, memory.offset + start, length);
  loadAt(code, first!.size, dst, memory, start);
  for (const { at, size } of rest) {
    loadAt(code, size, R3, memory, start + at);
    code.emit(lsh64(R3, at * 8), or64(dst, R3));
  }
}

/** Puts `operator value` on a register of `length` bytes. */
export function applyConstant(
  code: Code,
  operator: 'and' | 'or' | 'xor',
  dst: Register,
  value: bigint,
  length: number,
): void {
  if (length <= 4) code.emit(alu(32, operator, dst, Number(value)));
  else if (value < 1n << 31n) code.emit(alu(64, operator, dst, Number(value)));
  else code.emit(loadImm64(R3, value), alu(64, operator, dst, R3));
}

function reversed(bytes: Uint8Array): Uint8Array {
  return bytes.slice().reverse();
}

/** Reverses the bytes. */
function swap(code: Code, { register, length, swapped }: Loaded): Loaded {
  if (length === 2) code.emit(endian('be16', register));
  else if (length === 3 || length === 4) code.emit(endian('be32', register));
  else if (length > 4) code.emit(endian('be64', register));
  if (length === 3) code.emit(rsh32(register, 8));
  else if (length > 4 && length < 8) code.emit(rsh64(register, 64 - length * 8));
  return { register, length, swapped: !swapped };
}

/** As memory holds it. */
function unswapped(code: Code, loaded: Loaded): Loaded {
  return loaded.swapped ? swap(code, loaded) : loaded;
}

function applyMask(code: Code, loaded: Loaded, mask: Uint8Array, xor: Uint8Array): Loaded {
  const constant = (bytes: Uint8Array): bigint => littleEndian(loaded.swapped ? reversed(bytes) : bytes);
  if (mask.some(byte => byte !== 0xff)) {
    applyConstant(code, 'and', loaded.register, constant(mask), loaded.length);
  }
  if (xor.some(byte => byte !== 0)) applyConstant(code, 'xor', loaded.register, constant(xor), loaded.length);
  return loaded;
}

function applySlice(code: Code, loaded: Loaded, start: number, length: number): Loaded {
  const { register, length: full } = unswapped(code, loaded);
  if (start > 0) code.emit(rsh64(register, start * 8));
  if (start + length < full) {
    if (length < 4) code.emit(and32(register, 2 ** (length * 8) - 1));
    else if (length === 4) code.emit(mov32(register, register));
    else code.emit(lsh64(register, 64 - length * 8), rsh64(register, 64 - length * 8));
  }
  return { register, length, swapped: false };
}

function applyStep(code: Code, loaded: Loaded, step: Step): Loaded {
  switch (step.do) {
    case 'mask':
      return applyMask(code, loaded, step.mask, step.xor);
    case 'swap':
      return { ...loaded, swapped: !loaded.swapped };
    case 'slice':
      return applySlice(code, loaded, step.start, step.length);
    case 'shift': {
      const { register } = unswapped(code, loaded);
      code.emit(step.direction === 'left' ? lsh32(register, step.bits) : rsh32(register, step.bits));
      return { register, length: 4, swapped: false };
    }
  }
}

/** A source of up to 8 bytes, and its steps, in a register: R1, or one that is kept if nothing changes it. */
export function loadNumber(code: Code, located: Located, length: number, steps: readonly Step[]): Loaded {
  let loaded: Loaded = { register: intoRegister(code, located, length, steps), length, swapped: false };
  for (const step of steps) loaded = applyStep(code, loaded, step);
  return loaded;
}

function intoRegister(code: Code, located: Located, length: number, steps: readonly Step[]): Register {
  if (located.kind === 'value') return located.register;
  if (located.kind === 'kept') {
    if (steps.length === 0 && length === 1) return located.register;
    code.emit(mov64(R1, located.register));
    return R1;
  }
  if (located.kind === 'memory') loadBytes(code, R1, located, 0, length);
  return R1;
}

/** As the number that memcmp compares. */
export function ordered(code: Code, loaded: Loaded): Loaded {
  return loaded.swapped || loaded.length === 1 ? loaded : swap(code, loaded);
}

/** The same register as memory holds it. */
export function inMemoryOrder(code: Code, loaded: Loaded): Loaded {
  return loaded.length === 1 ? loaded : unswapped(code, loaded);
}
