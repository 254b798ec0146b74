// What the checker refuses, the kernel refuses: programs that load are damaged in one byte, and wherever `check` objects
// the verifier must too. (The converse cannot be: the verifier also follows values.)

import { beforeAll, describe, expect, it } from 'vitest';
import { assemble } from '../../src/bpf-asm/assemble.ts';
import * as b from '../../src/bpf-asm/build.ts';
import { type CheckIssue, check } from '../../src/bpf-asm/check.ts';
import { loadProgram, type System } from '../../src/loader/index.ts';
import { kernel } from '../support/kernel.ts';
import { isMissing } from '../support/requirements.ts';
import { generator } from '../unit/bpf-asm/drawn.ts';

const { R0, R1, R2, R3, R6, R10 } = b;

/** One of every kind of instruction, and a subprogram. No loop: a damaged one costs the verifier its million steps. */
const whole = assemble({
  name: 'whole',
  items: [
    // A value that the verifier does not know, so that it follows every branch.
    b.load(4, R6, R1, 16),
    b.mov64(R0, R6),
    b.storeImm(8, R10, -8, 77),
    b.loadImm64(R2, 0x1234_5678_9abcn),
    b.store(4, R10, -16, R2),
    b.load(4, R3, R10, -16),
    b.loadSigned(2, R3, R10, -8),
    b.atomicAdd(8, R10, -8, R2),
    b.atomic('cmpxchg', 4, R10, -8, R2),
    b.add64(R6, 1),
    b.neg32(R0),
    b.endian('be32', R0),
    b.endian('bswap16', R0),
    b.movsx64(8, R1, R0),
    b.lsh64(R1, 3),
    b.alu32('sdiv', R1, 5),
    b.div64(R1, R2),
    b.jumpIf('lt', R6, 4, 'skip', { width: 32 }),
    b.jumpIf('set', R6, 8, 'skip'),
    b.callLocal('sub'),
    b.jumpFar('end'),
    b.label('skip'),
    b.call(5),
    b.jump('end'),
    b.label('end'),
    b.mov64(R0, 2),
    b.exit(),
    b.label('sub'),
    b.mov64(R0, R1),
    b.exit(),
  ],
});

const atomicClass = 0xc3;

/** What this kernel takes beyond RFC 9669: atomic loads and stores (6.15); and it ignores the offset of exit. */
function isLenient({ code, slot, message }: CheckIssue, program: Uint8Array): boolean {
  if (code === 'unknown-instruction') return (program[slot * 8]! & 0xe7) === atomicClass;
  return message.startsWith('exit has no offset');
}

describe.skipIf(isMissing('root'))('what the checker refuses', () => {
  let system: System;
  beforeAll(async () => {
    system = await kernel();
  });

  function loads(code: Uint8Array): boolean {
    const loaded = loadProgram(system, { name: 'damaged', target: 'xdp', code });
    if (loaded.ok) system.close(loaded.value);
    return loaded.ok;
  }

  it('the kernel refuses', () => {
    if (!whole.ok) throw new Error(JSON.stringify(whole.errors));
    const { code } = whole.program;
    expect([loads(code), check(code)]).toEqual([true, []]);
    const next = generator(0xc0de);
    const counts = { refusedByBoth: 0, refusedByKernel: 0, taken: 0 };
    for (let round = 0; round < 1500; round++) {
      const damaged = code.slice();
      const at = next() % damaged.length;
      damaged[at] = next() % 4 === 0 ? next() & 0xff : damaged[at]! ^ (1 << (next() % 8));
      const issues = check(damaged);
      if (issues.some(issue => isLenient(issue, damaged))) continue;
      const isTaken = loads(damaged);
      expect({ at, byte: damaged[at], issues: isTaken ? issues : [] }).toEqual({
        at,
        byte: damaged[at],
        issues: [],
      });
      if (isTaken) counts.taken++;
      else if (issues.length > 0) counts.refusedByBoth++;
      else counts.refusedByKernel++;
    }
    // Most of what the kernel refuses is found beforehand, and enough stays well formed for the test to mean something.
    expect(counts.refusedByBoth).toBeGreaterThan(counts.refusedByKernel);
    expect(counts.taken).toBeGreaterThan(150);
  });
});
