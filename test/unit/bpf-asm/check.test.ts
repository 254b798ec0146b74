import { describe, expect, it } from 'vitest';
import { assemble } from '../../../src/bpf-asm/assemble.ts';
import * as b from '../../../src/bpf-asm/build.ts';
import { check } from '../../../src/bpf-asm/check.ts';
import type { AssemblyItem } from '../../../src/bpf-asm/instruction.ts';

const { R0, R1 } = b;

function code(items: readonly AssemblyItem[]): Uint8Array {
  const result = assemble({ name: 'p', items });
  if (!result.ok) throw new Error(JSON.stringify(result.errors));
  return result.program.code;
}

/** `code` with the byte at `at` replaced. */
function patched(items: readonly AssemblyItem[], at: number, byte: number): Uint8Array {
  const bytes = code(items);
  bytes[at] = byte;
  return bytes;
}

function found(bytes: Uint8Array): [string, number][] {
  return check(bytes).map(issue => [issue.code, issue.slot]);
}

describe('check', () => {
  it('takes a program with loops, subprograms and wide immediates', () => {
    const items = [
      b.loadImm64(R1, 9n),
      b.callLocal('sub'),
      b.exit(),
      b.label('sub'),
      b.mov64(R0, 0),
      b.label('loop'),
      b.add64(R0, 1),
      b.jumpIf('lt', R0, R1, 'loop'),
      b.exit(),
    ];
    expect(found(code(items))).toEqual([]);
  });

  const simple = [b.mov64(R0, 0), b.exit()];

  it.each<[string, Uint8Array, [string, number][]]>([
    ['nothing', new Uint8Array(0), [['empty-program', 0]]],
    [
      'half an instruction',
      code(simple).subarray(0, 12),
      [
        ['falls-off-the-end', 0],
        ['truncated', 1],
      ],
    ],
    ['no such opcode', patched(simple, 0, 0xff), [['unknown-instruction', 0]]],
    ['no such register', patched(simple, 1, 0x0b), [['bad-field', 0]]],
    ['a reserved field', patched(simple, 2, 1), [['unknown-instruction', 0]]],
    ['a reserved field of exit', patched(simple, 12, 1), [['bad-field', 1]]],
    ['the end of the program', code([b.mov64(R0, 0)]), [['falls-off-the-end', 0]]],
    [
      'a jump beyond the end',
      patched([b.jump('x'), b.label('x'), b.exit()], 2, 9),
      [
        ['jump-out-of-range', 0],
        ['unreachable', 1],
      ],
    ],
    [
      'a jump into a wide immediate',
      patched([b.jumpIf('eq', R1, 0, 'x'), b.loadImm64(R0, 1n), b.label('x'), b.exit()], 2, 1),
      [['jump-out-of-range', 0]],
    ],
    ['fields in a second slot', patched([b.loadImm64(R0, 1n), b.exit()], 9, 1), [['bad-field', 1]]],
    [
      'a wide immediate without its end',
      code([b.loadImm64(R0, 1n)]).subarray(0, 8),
      [
        ['truncated', 0],
        ['falls-off-the-end', 0],
      ],
    ],
    ['code that nothing reaches', code([b.exit(), b.exit()]), [['unreachable', 1]]],
    [
      'a jump into another subprogram',
      code([
        b.callLocal('f'),
        b.exit(),
        b.label('f'),
        b.jump('g'),
        b.mov64(R0, 0),
        b.label('g'),
        b.callLocal('g'),
        b.exit(),
      ]),
      [
        ['jump-out-of-range', 2],
        ['unreachable', 3],
      ],
    ],
    [
      'a subprogram that runs on into the next',
      code([
        b.callLocal('f'),
        b.callLocal('g'),
        b.exit(),
        b.label('f'),
        b.mov64(R0, 0),
        b.label('g'),
        b.exit(),
      ]),
      [['falls-off-the-end', 3]],
    ],
  ])('finds %s', (_, bytes, expected) => {
    expect(found(bytes)).toEqual(expected);
  });
});
