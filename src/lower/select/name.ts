// Device names. Bytes behind the zero that ends a name are whatever an earlier, longer name left there, while
// nf_tables' register has zeros (fact 51 of docs/semantics.md).

import {
  add64,
  and64,
  jump,
  jumpIf,
  loadImm64,
  mov32,
  mov64,
  neg64,
  R0,
  R1,
  R2,
  R3,
  type Register,
  rsh64,
  xor64,
} from '../../bpf-asm/build.ts';
import type { Code } from './code.ts';
import { type Located, loadAt, toMember } from './located.ts';

const ONES = 0x0101010101010101n;
const TOPS = 0x8080808080808080n;

/** R3 = the top bit of the lowest zero byte of `word`, and maybe of higher bytes; 0 if it has none. R0 is used. */
function findZero(code: Code, word: Register): void {
  code.emit(loadImm64(R0, -ONES), mov64(R3, word), add64(R3, R0), mov64(R0, word), xor64(R0, -1));
  code.emit(and64(R3, R0), loadImm64(R0, TOPS), and64(R3, R0));
}

/** Clears the lowest zero byte found and all behind it. */
function clearFrom(code: Code, word: Register): void {
  code.emit(mov64(R0, R3), neg64(R0), and64(R3, R0), rsh64(R3, 7), add64(R3, -1), and64(word, R3));
}

/** The 16 bytes of a name, zeros behind its end: R1 and R2, as memory holds them. R0 and R3 are used. */
export function loadName(code: Code, { base, field }: Extract<Located, { kind: 'name' }>): void {
  const [long, done] = [code.fresh('long_name'), code.fresh('name')];
  code.emit(mov32(R1, 0), mov32(R2, 0), jumpIf('eq', base, 0, done));
  const memory = toMember(code, base, field);
  loadAt(code, 8, R2, memory, 8);
  loadAt(code, 8, R1, memory, 0);
  findZero(code, R1);
  code.emit(jumpIf('eq', R3, 0, long));
  clearFrom(code, R1);
  code.emit(mov32(R2, 0), jump(done));
  code.label(long);
  findZero(code, R2);
  code.emit(jumpIf('eq', R3, 0, done));
  clearFrom(code, R2);
  code.label(done);
}
