// Every builder against llvm's assembler: the text on the left of each row is given to llvm-mc, the builder's instruction
// to our assembler; both must give the same bytes. A few rows of RFC 9669 are spelled out byte by byte besides.

import { describe, expect, it } from 'vitest';
import { assemble } from '../../../src/bpf-asm/assemble.ts';
import * as b from '../../../src/bpf-asm/build.ts';
import type { AssemblyItem, Instruction } from '../../../src/bpf-asm/instruction.ts';
import { isaRows } from '../../../src/bpf-asm/isa.ts';
import { isMissing } from '../../support/requirements.ts';
import { llvmAssemble } from './objdump.ts';

const { R0, R1, R2, R3, R4, R5, R6, R7, R8, R9, R10 } = b;

const named: typeof b = { ...b };

const binary = {
  add: '+=',
  sub: '-=',
  mul: '*=',
  div: '/=',
  or: '|=',
  and: '&=',
  lsh: '<<=',
  rsh: '>>=',
  mod: '%=',
  xor: '^=',
  mov: '=',
  arsh: 's>>=',
  sdiv: 's/=',
  smod: 's%=',
} as const;

const conditions = {
  eq: '==',
  ne: '!=',
  gt: '>',
  ge: '>=',
  lt: '<',
  le: '<=',
  sgt: 's>',
  sge: 's>=',
  slt: 's<',
  sle: 's<=',
  set: '&',
} as const;

const rows: [text: string, instruction: Instruction][] = [
  ...Object.entries(binary).flatMap(([name, symbol]): [string, Instruction][] => {
    const operator = name as keyof typeof binary;
    return [
      [`r3 ${symbol} 7`, b.alu64(operator, R3, 7)],
      [`r3 ${symbol} r9`, b.alu64(operator, R3, R9)],
      [`w4 ${symbol} 31`, b.alu32(operator, R4, 31)],
      [`w4 ${symbol} w8`, b.alu32(operator, R4, R8)],
      [`r5 ${symbol} 9`, named[`${operator}64`](R5, 9)],
      [`w5 ${symbol} w1`, named[`${operator}32`](R5, R1)],
    ];
  }),
  ['r1 = -1', b.mov64(R1, -1)],
  ['w1 = -1', b.mov32(R1, 0xffffffff)],
  ['r2 = -r2', b.neg64(R2)],
  ['w2 = -w2', b.neg32(R2)],
  ['r2 = (s8)r3', b.movsx64(8, R2, R3)],
  ['r2 = (s16)r3', b.movsx64(16, R2, R3)],
  ['r2 = (s32)r3', b.movsx64(32, R2, R3)],
  ['w2 = (s8)w3', b.movsx32(8, R2, R3)],
  ['w2 = (s16)w3', b.movsx32(16, R2, R3)],
  ...(['be16', 'be32', 'be64', 'le16', 'le32', 'le64', 'bswap16', 'bswap32', 'bswap64'] as const).map(
    (operation): [string, Instruction] => [`r7 = ${operation} r7`, b.endian(operation, R7)],
  ),
  ...([1, 2, 4, 8] as const).flatMap((size): [string, Instruction][] => [
    [`${size === 8 ? 'r' : 'w'}1 = *(u${size * 8} *)(r2 + 12)`, b.load(size, R1, R2, 12)],
    [`*(u${size * 8} *)(r10 - 8) = ${size === 8 ? 'r' : 'w'}2`, b.store(size, R10, -8, R2)],
    [`*(u${size * 8} *)(r10 - 8) = 77`, b.storeImm(size, R10, -8, 77)],
  ]),
  ['*(u32 *)(r1 + 0) = -2', b.storeImm(4, R1, 0, 0xfffffffe)],
  ['r1 = *(s8 *)(r2 - 1)', b.loadSigned(1, R1, R2, -1)],
  ['r1 = *(s16 *)(r2 - 2)', b.loadSigned(2, R1, R2, -2)],
  ['r1 = *(s32 *)(r2 - 4)', b.loadSigned(4, R1, R2, -4)],
  ...([4, 8] as const).flatMap((size): [string, Instruction][] => {
    const [u, r] = size === 4 ? ['u32', 'w'] : ['u64', 'r'];
    const exchange = size === 4 ? '32_32' : '_64';
    return [
      ...(['add', 'or', 'and', 'xor'] as const).flatMap((operator): [string, Instruction][] => [
        [`lock *(${u} *)(r6 + 16) ${binary[operator]} ${r}7`, b.atomic(operator, size, R6, 16, R7)],
        [
          `${r}7 = atomic_fetch_${operator}((${u} *)(r6 + 16), ${r}7)`,
          b.atomic(`fetch_${operator}`, size, R6, 16, R7),
        ],
      ]),
      [`${r}7 = xchg${exchange}(r6 + 16, ${r}7)`, b.atomic('xchg', size, R6, 16, R7)],
      [`${r}0 = cmpxchg${exchange}(r6 + 16, ${r}0, ${r}7)`, b.atomic('cmpxchg', size, R6, 16, R7)],
      [`lock *(${u} *)(r6 - 16) += ${r}7`, b.atomicAdd(size, R6, -16, R7)],
    ];
  }),
  ...Object.entries(conditions).flatMap(([name, symbol]): [string, Instruction][] => {
    const condition = name as keyof typeof conditions;
    return [
      [`if r1 ${symbol} 6 goto +0`, b.jumpIf(condition, R1, 6, 'next')],
      [`if r1 ${symbol} r2 goto +0`, b.jumpIf(condition, R1, R2, 'next')],
      [`if w1 ${symbol} 6 goto +0`, b.jumpIf(condition, R1, 6, 'next', { width: 32 })],
      [`if w1 ${symbol} w2 goto +0`, b.jumpIf(condition, R1, R2, 'next', { width: 32 })],
    ];
  }),
  ['if w1 == -1 goto +0', b.jumpIf('eq', R1, 0xffffffff, 'next', { width: 32 })],
  ['goto +0', b.jump('next')],
  ['gotol +0', b.jumpFar('next')],
  ['may_goto +0', b.mayGoto('next')],
  ['call 6', b.call(6)],
  ['exit', b.exit()],
  ['r1 = 0x123456789abcdef0 ll', b.loadImm64(R1, 0x123456789abcdef0n)],
  ['r1 = 0xffffffffffffffff ll', b.loadImm64(R1, -1n)],
  ['ld_pseudo r3, 1, 0', b.loadMap(R3, 'm')],
  ['r0 = 0', b.movField(R0, 'sk_buff.mark')],
  ['r0 = 0', b.movType(R0, 'nf_conn')],
  ['w0 = *(u32 *)(r1 + 0)', b.loadField(4, R0, R1, 'sk_buff.mark')],
];

function bytes(items: readonly AssemblyItem[]): Uint8Array {
  const result = assemble({ name: 'p', items });
  if (!result.ok) throw new Error(JSON.stringify(result.errors));
  return result.program.code;
}

function withTarget(instruction: Instruction): Uint8Array {
  const code = bytes([instruction, b.label('next'), b.exit()]);
  return code.subarray(0, code.length - 8);
}

describe('builders', () => {
  it.skipIf(isMissing('objdump'))('give the bytes that llvm gives', () => {
    const expected = llvmAssemble(rows.map(([text]) => text));
    let at = 0;
    for (const [text, instruction] of rows) {
      const code = withTarget(instruction);
      expect([text, ...code]).toEqual([text, ...expected.subarray(at, at + code.length)]);
      at += code.length;
    }
    expect(at).toBe(expected.length);
  });

  it('cover the table, but for 64-bit immediates that only a loader writes', () => {
    const special = [
      b.callKfunc('f'),
      b.callLocal('next'),
      b.loadMapValue(R1, 'm', 4),
      b.loadFunction(R1, 'next'),
    ];
    const built = new Set([...rows.map(([, i]) => i), ...special].map(i => rowName(i)));
    const missing = isaRows.map(row => row.name).filter(name => !built.has(name));
    expect(missing).toEqual(['ld_imm64_btf_id', 'ld_imm64_map_index', 'ld_imm64_map_index_value']);
  });

  it('write what RFC 9669 says, byte by byte', () => {
    expect([...bytes([b.callKfunc('f'), b.exit()])].slice(0, 8)).toEqual([
      0x85, 0x20, 0, 0, 0xff, 0xff, 0xff, 0xff,
    ]);
    expect([...bytes([b.loadMapValue(R1, 'm', 0x0102), b.exit()])].slice(0, 16)).toEqual(
      [0x18, 0x21, 0, 0, 0, 0, 0, 0].concat([0, 0, 0, 0, 0x02, 0x01, 0, 0]),
    );
    const calls = bytes([b.callLocal('f'), b.loadFunction(R2, 'f'), b.exit(), b.label('f'), b.exit()]);
    expect([...calls.subarray(0, 16)]).toEqual(
      [0x85, 0x10, 0, 0, 3, 0, 0, 0].concat([0x18, 0x42, 0, 0, 2, 0, 0, 0]),
    );
  });
});

function rowName({ opcode, src, offset, imm }: Instruction): string | undefined {
  return isaRows.find(row => {
    if (row.opcode !== opcode || row.fixed === undefined) return row.opcode === opcode;
    return { src, offset, imm }[row.fixed.field] === row.fixed.value;
  })?.name;
}
