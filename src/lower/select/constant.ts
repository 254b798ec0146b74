// Constants of any size.

import { loadImm64, mov64, type Register } from '../../bpf-asm/build.ts';
import type { Code } from './code.ts';

/** A constant of any size. */
export function constantTo(code: Code, register: Register, value: bigint): void {
  code.emit(value < 1n << 31n ? mov64(register, Number(value)) : loadImm64(register, value));
}
