// The interpreter against the running kernel, instruction by instruction: drawn programs over every row of the table that
// computes, run by both on the same start values. Registers and stack at the end must be equal, bit for bit.

import { beforeAll, describe, expect, it } from 'vitest';
import { assemble } from '../../src/bpf-asm/assemble.ts';
import * as b from '../../src/bpf-asm/build.ts';
import type { AssemblyItem, Instruction } from '../../src/bpf-asm/instruction.ts';
import { type IsaRow, isaRows } from '../../src/bpf-asm/isa.ts';
import { Machine, Memory } from '../../src/bpf-asm/vm/index.ts';
import { loadProgram, openSystem, type System, testRun } from '../../src/loader/index.ts';
import { isMissing } from '../support/requirements.ts';
import { drawImm, drawImm64, generator } from '../unit/bpf-asm/drawn.ts';

const { R0, R1, R2, R3, R9, R10 } = b;
/** Registers that drawn instructions use; R9 holds the packet, where results go. */
const used = b.registers.slice(0, 9);
const stackBytes = 64;
const packetSize = 200;

type Next = () => number;

function pick<T>(next: Next, list: readonly T[]): T {
  return list[next() % list.length]!;
}

/** R9 = the packet, if it has room for the results; else exit. Then start values for registers and stack. */
function prologue(next: Next): AssemblyItem[] {
  return [
    b.load(4, R9, R1, 0),
    b.load(4, R3, R1, 4),
    b.mov64(R2, R9),
    b.add64(R2, packetSize),
    b.mov64(R0, 0),
    b.jumpIf('gt', R2, R3, 'exit'),
    ...Array.from({ length: stackBytes / 8 }, (_, i) => [
      b.loadImm64(R0, drawImm64(next)),
      b.store(8, R10, -8 * (i + 1), R0),
    ]).flat(),
    ...used.map(register => b.loadImm64(register, drawImm64(next))),
  ];
}

function epilogue(): AssemblyItem[] {
  return [
    ...used.map((register, i) => b.store(8, R9, i * 8, register)),
    ...Array.from({ length: stackBytes / 8 }, (_, i) => [
      b.load(8, R0, R10, -8 * (i + 1)),
      b.store(8, R9, used.length * 8 + i * 8, R0),
    ]).flat(),
    b.mov64(R0, 2),
    b.label('exit'),
    b.exit(),
  ];
}

/** An immediate that the verifier takes for that row: no division by zero, no shift beyond the width. */
function drawOperand({ meaning }: IsaRow, next: Next): number {
  if (meaning.kind === 'alu' && /sh$/.test(meaning.operator)) return next() % meaning.width;
  const imm = drawImm(next);
  return meaning.kind === 'alu' && /div|mod/.test(meaning.operator) && imm === 0 ? 3 : imm;
}

function drawInstruction(row: IsaRow, next: Next, target: string): Instruction {
  const { meaning } = row;
  const onStack = meaning.kind === 'load' || meaning.kind === 'store' || meaning.kind === 'atomic';
  const size = onStack ? meaning.size : 1;
  const fixed = (field: string, value: number) => (row.fixed?.field === field ? row.fixed.value : value);
  return {
    opcode: row.opcode,
    dst:
      meaning.kind === 'store' || meaning.kind === 'atomic'
        ? 10
        : row.operands.includes('dst')
          ? next() % 9
          : 0,
    src: meaning.kind === 'load' ? 10 : fixed('src', row.operands.includes('src') ? next() % 9 : 0),
    offset:
      meaning.kind === 'branch' || (meaning.kind === 'goto' && !meaning.far)
        ? { label: target }
        : fixed('offset', onStack ? -size * (1 + (next() % (stackBytes / size))) : 0),
    imm: meaning.kind === 'goto' && meaning.far ? { label: target } : drawnImm(row, next),
  };
}

function drawnImm(row: IsaRow, next: Next): number | bigint {
  if (row.fixed?.field === 'imm') return row.fixed.value;
  if (row.meaning.kind === 'imm64') return drawImm64(next);
  return row.operands.includes('imm') ? drawOperand(row, next) : 0;
}

const kinds = new Set([
  'alu',
  'neg',
  'movsx',
  'endian',
  'load',
  'store',
  'atomic',
  'branch',
  'goto',
  'imm64',
]);
const rows = isaRows.filter(
  row => kinds.has(row.meaning.kind) && (row.fixed?.field !== 'src' || row.fixed.value === 0),
);

/** A program that runs `chosen` among drawn instructions. Every jump goes one to three instructions on. */
function drawProgram(chosen: readonly IsaRow[], next: Next): AssemblyItem[] {
  const body = chosen.flatMap((row, i): AssemblyItem[] => {
    const target = Math.min(chosen.length, i + 2 + (next() % 2));
    // A far goto always skips: only the conditional jumps may go either way, so that nothing is unreachable.
    const isGoto = row.meaning.kind === 'goto';
    const guard = isGoto ? [b.jumpIf('sgt', pick(next, used), drawImm(next), `at${i + 1}`)] : [];
    return [b.label(`at${i}`), ...guard, drawInstruction(row, next, `at${target}`)];
  });
  return [...prologue(next), ...body, b.label(`at${chosen.length}`), ...epilogue()];
}

function assembled(items: readonly AssemblyItem[]): Uint8Array {
  const result = assemble({ name: 'drawn', items });
  if (!result.ok) throw new Error(JSON.stringify(result.errors));
  return result.program.code;
}

function runInVm(code: Uint8Array): Uint8Array {
  const memory = new Memory();
  const packet = memory.add('the packet', new Uint8Array(packetSize), { writable: true, low: true });
  const context = memory.add('the context', new Uint8Array(24), { writable: false });
  context.view.setUint32(0, packet.low, true);
  context.view.setUint32(4, packet.low + packetSize, true);
  const result = new Machine({ code, memory }).run({ arguments: [context.address] });
  if (result.kind === 'fault') throw new Error(JSON.stringify(result.fault));
  expect(result.value).toBe(2n);
  return packet.bytes;
}

function runInKernel(system: System, code: Uint8Array): Uint8Array {
  const program = loadProgram(system, { name: 'drawn', target: 'xdp', code });
  if (!program.ok) throw new Error(JSON.stringify(program.error));
  try {
    const run = testRun(system, program.value, { data: new Uint8Array(packetSize) });
    if (!run.ok) throw new Error(JSON.stringify(run.error));
    expect(run.value.returned).toBe(2);
    return run.value.data;
  } finally {
    system.close(program.value);
  }
}

describe.skipIf(isMissing('root'))('the interpreter computes what the kernel computes', () => {
  let system: System;
  beforeAll(async () => {
    const opened = await openSystem();
    if (!opened.ok) throw new Error(JSON.stringify(opened.error));
    system = opened.value;
  });

  function compare(chosen: readonly IsaRow[], seed: number): void {
    const code = assembled(drawProgram(chosen, generator(seed)));
    const label = `seed ${seed}`;
    expect([label, ...runInVm(code)]).toEqual([label, ...runInKernel(system, code)]);
  }

  it.each(rows.map((row, index) => [row.name, row, index] as const))('%s', (_, row, index) => {
    for (let round = 1; round <= 4; round++)
      compare(
        Array.from({ length: 12 }, () => row),
        index * 100 + round,
      );
  });

  it('drawn programs of all of them', () => {
    const next = generator(0xb0f);
    for (let round = 0; round < 300; round++) {
      compare(
        Array.from({ length: 60 }, () => pick(next, rows)),
        next(),
      );
    }
  });
});
