import { describe, expect, it } from 'vitest';
import { type AssembleOptions, assemble } from '../../../src/bpf-asm/assemble.ts';
import * as b from '../../../src/bpf-asm/build.ts';
import { check } from '../../../src/bpf-asm/check.ts';
import { disassembleLines } from '../../../src/bpf-asm/disassemble.ts';
import type { AssembledProgram, AssemblyItem } from '../../../src/bpf-asm/instruction.ts';

const { R0, R1, R2, R10 } = b;

function program(items: readonly AssemblyItem[], options?: AssembleOptions): AssembledProgram {
  const result = assemble({ name: 'p', items }, options);
  if (!result.ok) throw new Error(JSON.stringify(result.errors));
  return result.program;
}

function errors(items: readonly AssemblyItem[], options?: AssembleOptions): [string, number, number?][] {
  const result = assemble({ name: 'p', items }, options);
  if (result.ok) return [];
  return result.errors.map(({ code, item, origin }) =>
    origin === undefined ? [code, item] : [code, item, origin],
  );
}

function texts(assembled: AssembledProgram): string[] {
  return disassembleLines(assembled.code).map(line => line.text);
}

const filler = (count: number): AssemblyItem[] => Array.from({ length: count }, () => b.add64(R0, 1));

describe('labels', () => {
  it('become offsets in slots, counting ld_imm64 as two', () => {
    const items = [
      b.label('back'),
      b.jumpIf('eq', R1, 0, 'end'),
      b.loadImm64(R0, 1n),
      b.jump('back'),
      b.label('end'),
      b.exit(),
    ];
    expect(texts(program(items))).toEqual(['if r1 == 0x0 goto +0x3', 'r0 = 0x1 ll', 'goto -0x4', 'exit']);
  });

  it('carry origins and references to slots', () => {
    const items = [
      ...b.withOrigin(3, [b.mov64(R0, 0), b.loadMap(R1, 'm')]),
      b.loadField(4, R2, R1, 'sk_buff.len'),
      b.exit(),
    ];
    const assembled = program(items);
    expect([...assembled.origins]).toEqual([3, 3, 3, -1, -1]);
    expect(assembled.relocations).toEqual([
      { kind: 'map', name: 'm', index: 1 },
      { kind: 'field', name: 'sk_buff.len', index: 3 },
    ]);
  });
});

describe('jumps beyond 16 bits', () => {
  it('stay short at the limit', () => {
    const forward = program([b.jumpIf('eq', R1, 0, 'end'), ...filler(0x7fff), b.label('end'), b.exit()]);
    expect(texts(forward)[0]).toBe('if r1 == 0x0 goto +0x7fff');
    const back = program([b.label('top'), ...filler(0x7fff), b.jumpIf('eq', R1, 0, 'top'), b.exit()]);
    expect(texts(back)[0x7fff]).toBe('if r1 == 0x0 goto -0x8000');
  });

  it('begin where the caller wants short ones to end', () => {
    const jumping = (slots: number, back: boolean): string[] => {
      const jump = b.jumpIf('eq', R1, 0, 'there');
      const items = back
        ? [b.label('there'), ...filler(slots), jump, b.exit()]
        : [jump, ...filler(slots), b.label('there'), b.exit()];
      const result = assemble({ name: 'p', items }, { shortReach: 100 });
      if (!result.ok) throw new Error(JSON.stringify(result.errors));
      return texts(result.program).filter(text => text.includes('goto'));
    };
    expect(jumping(100, false)).toEqual(['if r1 == 0x0 goto +0x64']);
    expect(jumping(101, false)).toEqual(['if r1 != 0x0 goto +0x1', 'gotol +0x65']);
    expect(jumping(100, true)).toEqual(['if r1 == 0x0 goto -0x65']);
    expect(jumping(101, true)).toEqual(['if r1 != 0x0 goto +0x1', 'gotol -0x67']);
  });

  it('become an inverted branch over a gotol', () => {
    const inverses: [Parameters<typeof b.jumpIf>[0], string][] = [
      ['eq', 'if w1 != w2 goto +0x1'],
      ['ne', 'if w1 == w2 goto +0x1'],
      ['gt', 'if w1 <= w2 goto +0x1'],
      ['ge', 'if w1 < w2 goto +0x1'],
      ['lt', 'if w1 >= w2 goto +0x1'],
      ['le', 'if w1 > w2 goto +0x1'],
      ['sgt', 'if w1 s<= w2 goto +0x1'],
      ['sge', 'if w1 s< w2 goto +0x1'],
      ['slt', 'if w1 s>= w2 goto +0x1'],
      ['sle', 'if w1 s> w2 goto +0x1'],
    ];
    for (const [condition, inverted] of inverses) {
      const jump = b.jumpIf(condition, R1, R2, 'end', { width: 32 });
      const lines = texts(program([...b.withOrigin(9, [jump]), ...filler(0x8000), b.label('end'), b.exit()]));
      expect(lines.slice(0, 2)).toEqual([inverted, 'gotol +0x8000']);
    }
  });

  it('keep the sense of a bit test', () => {
    const assembled = program([
      ...b.withOrigin(9, [b.jumpIf('set', R1, 4, 'end')]),
      ...filler(0x8000),
      b.label('end'),
      b.exit(),
    ]);
    expect(texts(assembled).slice(0, 3)).toEqual(['if r1 & 0x4 goto +0x1', 'goto +0x1', 'gotol +0x8000']);
    expect([...assembled.origins.subarray(0, 4)]).toEqual([9, 9, 9, -1]);
  });

  it('go back over themselves', () => {
    const assembled = program([
      b.label('top'),
      ...filler(0x8000),
      b.jumpIf('eq', R1, 0, 'top'),
      b.jump('top'),
      b.exit(),
    ]);
    expect(texts(assembled).slice(0x8000)).toEqual([
      'if r1 != 0x0 goto +0x1',
      'gotol -0x8002',
      'gotol -0x8003',
      'exit',
    ]);
  });

  it('are found to a fixed point when each one pushes the next out of reach', () => {
    // Jump i is at i and reaches its target exactly, unless jump i+1, in between, has grown; the last has to grow.
    const count = 300;
    const items: AssemblyItem[] = [];
    for (let i = 0; i < count; i++) items.push(b.jumpIf('eq', R1, i, `t${i}`));
    items.push(...filler(0x8000 - count));
    for (let i = 0; i < count; i++)
      items.push(b.label(`t${i}`), b.add64(R0, 1), ...(i === count - 2 ? [b.add64(R0, 1)] : []));
    items.push(b.exit());
    const assembled = program(items);
    expect(check(assembled.code)).toEqual([]);
    const lines = texts(assembled);
    expect(lines.filter(text => text.startsWith('gotol')).length).toBe(count);
  });

  it('are errors without v4, with the origin', () => {
    const items = [
      ...b.withOrigin(5, [b.jumpIf('eq', R1, 0, 'end')]),
      ...filler(0x8000),
      b.label('end'),
      b.exit(),
    ];
    expect(errors(items, { cpu: 3 })).toEqual([['jump-too-far', 0, 5]]);
    expect(errors(items, { kernel: [6, 5] })).toEqual([['jump-too-far', 0, 5]]);
    expect(errors(items, { allowLongJumps: false })).toEqual([['jump-too-far', 0, 5]]);
    expect(errors(items, { kernel: [6, 6] })).toEqual([]);
  });

  it('assemble in programs of hundreds of thousands of instructions', () => {
    const items: AssemblyItem[] = [];
    for (let i = 0; i < 100_000; i++) {
      items.push(b.jumpIf('ne', R1, i, `next${i}`), b.mov64(R0, i & 1), b.jump('end'), b.label(`next${i}`));
    }
    items.push(b.mov64(R0, 0), b.label('end'), b.exit());
    const assembled = program(items);
    expect(assembled.code.length).toBe((300_000 + 2) * 8);
    expect(check(assembled.code)).toEqual([]);
  });
});

describe('errors name the item and the origin', () => {
  const origin = 4;
  const one = (...items: AssemblyItem[]) => errors([...b.withOrigin(origin, items), b.exit()]);

  it.each<[string, AssemblyItem, string]>([
    ['an immediate beyond 32 bits', b.mov64(R0, 2 ** 31), 'bad-field'],
    ['an immediate below 32 bits', b.mov64(R0, -(2 ** 31) - 1), 'bad-field'],
    ['an unsigned immediate beyond 32 bits', b.mov32(R0, 2 ** 32), 'bad-field'],
    ['a fraction', b.mov64(R0, 0.5), 'bad-field'],
    ['no number', b.mov64(R0, Number.NaN), 'bad-field'],
    ['an offset beyond 16 bits', b.load(4, R0, R1, 0x8000), 'bad-field'],
    ['a 64-bit immediate beyond 64 bits', b.loadImm64(R0, 1n << 64n), 'bad-field'],
    ['a register that is not there', b.mov64({ register: 11 }, 0), 'bad-field'],
    ['a write to the frame pointer', b.mov64(R10, 0), 'bad-field'],
    ['a shift by the width', b.lsh32(R0, 32), 'bad-field'],
    ['a division by zero', b.div64(R0, 0), 'bad-field'],
    [
      'an opcode that is not there',
      { opcode: 0xff, dst: 0, src: 0, offset: 0, imm: 0 },
      'unknown-instruction',
    ],
    ['a field that is reserved', { opcode: 0x95, dst: 0, src: 0, offset: 0, imm: 1 }, 'bad-field'],
    ['a label that is not there', b.jump('nowhere'), 'unknown-label'],
    ['a label where none can be', { ...b.load(4, R0, R1, 0), offset: { label: 'x' } }, 'misplaced-label'],
  ])('%s', (_, item, code) => {
    expect(one(item)).toEqual([[code, 0, origin]]);
  });

  it('a label at the end, a label twice', () => {
    expect(errors([b.jump('end'), b.label('end')])).toEqual([['unknown-label', 0]]);
    expect(errors([b.label('a'), b.label('a'), b.exit()])).toEqual([['duplicate-label', 1]]);
  });

  it('what the target lacks', () => {
    expect(errors([b.jumpIf('lt', R1, 1, 'e'), b.label('e'), b.exit()], { cpu: 1 })).toEqual([
      ['needs-newer-cpu', 0],
    ]);
    expect(errors([b.jumpFar('e'), b.label('e'), b.exit()], { kernel: [6, 5] })).toEqual([
      ['needs-newer-kernel', 0],
    ]);
    expect(errors([b.movsx64(8, R0, R1), b.exit()], { cpu: 3 })).toEqual([['needs-newer-cpu', 0]]);
  });

  it('every one of them, not only the first', () => {
    expect(errors([b.jump('x'), b.jump('y'), b.exit()])).toEqual([
      ['unknown-label', 0],
      ['unknown-label', 1],
    ]);
  });
});
