import { describe, expect, it } from 'vitest';
import { disassembleLines } from '../../../src/bpf-asm/disassemble.ts';
import { type IsaRow, isaRows } from '../../../src/bpf-asm/isa.ts';
import { isMissing } from '../../support/requirements.ts';
import { concat, drawCode, generator } from './drawn.ts';
import { objdump } from './objdump.ts';

function has32BitAtomic({ meaning }: IsaRow): boolean {
  return meaning.kind === 'atomic' && meaning.size === 4 && meaning.operator !== 'add';
}

function compare(code: Uint8Array, options: readonly string[]): void {
  const slots = code.length / 8;
  const program = { name: 'prog', code, relocations: [], origins: new Int32Array(slots).fill(-1) };
  const ours = new Map(disassembleLines(program).map(line => [line.slot, line.text]));
  const theirs = objdump(code, 'prog', options);
  expect(theirs.size).toBeGreaterThan(0);
  expect(Object.fromEntries(ours)).toEqual(Object.fromEntries(theirs));
}

describe.skipIf(isMissing('objdump'))('every instruction reads as in llvm-objdump -d', () => {
  const next = generator(0x5eed);
  const draw = (rows: readonly IsaRow[]) =>
    concat(rows.flatMap(row => Array.from({ length: 40 }, () => drawCode(row, next))));

  it('in its plain form', () => {
    compare(draw(isaRows.filter(row => !has32BitAtomic(row))), []);
  });

  it('and the 32-bit atomics in the form of --mcpu=v4', () => {
    compare(draw(isaRows.filter(has32BitAtomic)), ['--mcpu=v4']);
  });

  it('with <unknown> for what is no instruction', () => {
    const slot = (opcode: number, registers: number) => Uint8Array.of(opcode, registers, 0, 0, 0, 0, 0, 0);
    compare(concat([slot(0xff, 0), slot(0xbf, 0x0b), slot(0xbf, 0xc0), slot(0xbf, 0x0f), slot(0x95, 0)]), []);
  });
});

describe('a listing', () => {
  it('names references and origins', () => {
    const code = concat([
      Uint8Array.of(0x18, 0x11, 0, 0, 0, 0, 0, 0),
      new Uint8Array(8),
      Uint8Array.of(0x95, 0, 0, 0, 0, 0, 0, 0),
    ]);
    const relocations = [{ kind: 'map', name: 'counters', index: 0 }] as const;
    expect(disassembleLines({ name: 'p', code, relocations, origins: Int32Array.of(7, 7, -1) })).toEqual([
      { slot: 0, text: 'r1 = 0x0 ll', reference: { kind: 'map', name: 'counters' }, origin: 7 },
      { slot: 2, text: 'exit' },
    ]);
  });
});
