// State that packets on several CPUs share: changed by compare-and-exchange, 8 bytes each, without locks.

import {
  add64,
  atomic,
  call,
  exit,
  jumpIf,
  load,
  loadImm64,
  mayGoto,
  mov32,
  mov64,
  R0,
  R1,
  R2,
  R3,
  R6,
  R7,
  R8,
  R9,
  sub64,
} from '../../bpf-asm/build.ts';
import { helperNumber } from '../../bpf-asm/helpers.ts';
import type { Code } from './code.ts';

/**
 * limit(state, cost, most): R0 = 1 if the packet is within the limit, else 0.
 *
 * nf_tables keeps tokens and the time they were counted, under a lock. Both are one number: the time at which the bucket
 * was empty, as tokens = min(most, now - empty). A packet that is over changes nothing that could be seen. The state is that time
 * plus 2^63, which is never 0, so that 0 can stand for a bucket that is full, as all are at first. The clock is read
 * behind the state, so no time passes backwards.
 */
export function emitLimit(code: Code): void {
  const [head, running, full, over] = ['limit', 'running', 'full', 'over'].map(name => code.fresh(name)) as [
    string,
    string,
    string,
    string,
  ];
  code.emit(mov64(R6, R1), mov64(R7, R2), mov64(R8, R3));
  code.label(head);
  code.emit(mayGoto(over), load(8, R9, R6, 0), call(helperNumber.ktime_get_ns));
  code.emit(loadImm64(R3, 1n << 63n), mov64(R1, R8), jumpIf('eq', R9, 0, full));
  code.emit(
    mov64(R2, R9),
    sub64(R2, R3),
    mov64(R1, R0),
    sub64(R1, R2),
    jumpIf('le', R1, R8, running),
    mov64(R1, R8),
  );
  code.label(running);
  code.label(full);
  // R1 = tokens, R0 = now; empty = now - (tokens - cost).
  code.emit(jumpIf('slt', R1, R7, over), sub64(R1, R7), sub64(R0, R1), add64(R3, R0), mov64(R0, R9));
  code.emit(atomic('cmpxchg', 8, R6, 0, R3), jumpIf('ne', R0, R9, head), mov32(R0, 1), exit());
  code.label(over);
  code.emit(mov32(R0, 0), exit());
}

/** next_number(state, modulus): R0 = the number after the state's, which it becomes. */
export function emitNextNumber(code: Code): void {
  const [head, wrapped, spent] = ['next', 'wrapped', 'spent'].map(name => code.fresh(name)) as [
    string,
    string,
    string,
  ];
  code.emit(mov64(R6, R1), mov64(R7, R2), mov32(R9, 0));
  code.label(head);
  code.emit(
    mayGoto(spent),
    load(8, R8, R6, 0),
    mov64(R9, R8),
    add64(R9, 1),
    jumpIf('lt', R9, R7, wrapped),
    mov32(R9, 0),
  );
  code.label(wrapped);
  code.emit(mov64(R0, R8), atomic('cmpxchg', 8, R6, 0, R9), jumpIf('ne', R0, R8, head));
  code.label(spent);
  code.emit(mov64(R0, R9), exit());
}
