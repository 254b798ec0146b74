// Machine code as text, in the words of `llvm-objdump -d`: the same column, character for character, so that a listing of
// ours can be laid beside one of the object file. (Where plain objdump knows no 32-bit atomics, the words are those it
// uses with --mcpu=v4.)

import { type DecodedInstruction, decode } from './encode.ts';
import type { AssembledProgram, Reference } from './instruction.ts';
import {
  type AluOperator,
  type AtomicOperator,
  type Condition,
  type Meaning,
  rowNamed,
  type Width,
} from './isa.ts';

const aluSymbols: Readonly<Record<AluOperator, string>> = {
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
};

const conditionSymbols: Readonly<Record<Condition, string>> = {
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
};

const plainAtomicSymbols: Readonly<Partial<Record<AtomicOperator, string>>> = {
  add: '+=',
  or: '|=',
  and: '&=',
  xor: '^=',
};

function hex(value: number | bigint): string {
  return value < 0 ? `-0x${(-value).toString(16)}` : `0x${value.toString(16)}`;
}

function signedHex(value: number): string {
  return value < 0 ? hex(value) : `+${hex(value)}`;
}

function displacement(offset: number): string {
  return offset < 0 ? `- ${hex(-offset)}` : `+ ${hex(offset)}`;
}

function register(number: number, width: Width): string {
  return `${width === 32 ? 'w' : 'r'}${number}`;
}

function memory(type: string, base: number, offset: number): string {
  return `*(${type} *)(r${base} ${displacement(offset)})`;
}

type Of<Kind extends Meaning['kind']> = Extract<Meaning, { kind: Kind }>;

function atomicText({ operator, size }: Of<'atomic'>, { dst, src, offset }: DecodedInstruction): string {
  const width = size === 4 ? 32 : 64;
  const value = register(src, width);
  const place = `r${dst} ${displacement(offset)}`;
  const exchange = width === 32 ? '32_32' : '_64';
  const plain = plainAtomicSymbols[operator];
  if (operator === 'xchg') return `${value} = xchg${exchange}(${place}, ${value})`;
  if (operator === 'cmpxchg') {
    const result = register(0, width);
    return `${result} = cmpxchg${exchange}(${place}, ${result}, ${value})`;
  }
  if (plain === undefined) return `${value} = atomic_${operator}((u${width} *)(${place}), ${value})`;
  const addend = operator === 'add' ? `r${src}` : value;
  return `lock ${memory(`u${width}`, dst, offset)} ${plain} ${addend}`;
}

function imm64Text({ value }: Of<'imm64'>, { dst, src, imm, imm64 }: DecodedInstruction): string {
  if (value === 'number') return `r${dst} = ${hex(BigInt.asIntN(64, imm64 ?? 0n))} ll`;
  return `ld_pseudo\tr${dst}, ${hex(src)}, ${hex(imm >>> 0)}`;
}

/** ` <symbol+0x10>` for the target, which lies `offset` slots behind the next instruction. */
function targetText(symbol: string | undefined, { slot }: DecodedInstruction, offset: number): string {
  if (symbol === undefined) return '';
  const distance = BigInt.asUintN(64, BigInt(slot + 1 + offset) * 8n);
  return ` <${symbol}${distance === 0n ? '' : `+0x${distance.toString(16)}`}>`;
}

function valueText(source: 'imm' | 'reg', width: Width, { src, imm }: DecodedInstruction): string {
  return source === 'imm' ? hex(imm) : register(src, width);
}

function text(meaning: Meaning, instruction: DecodedInstruction, symbol: string | undefined): string {
  const { dst, src, offset, imm } = instruction;
  switch (meaning.kind) {
    case 'alu': {
      const value = valueText(meaning.source, meaning.width, instruction);
      return `${register(dst, meaning.width)} ${aluSymbols[meaning.operator]} ${value}`;
    }
    case 'neg':
      return `${register(dst, meaning.width)} = -${register(dst, meaning.width)}`;
    case 'movsx':
      return `${register(dst, meaning.width)} = (s${meaning.bits})${register(src, meaning.width)}`;
    case 'endian':
      return `r${dst} = ${meaning.order === 'swap' ? 'bswap' : meaning.order}${meaning.bits} r${dst}`;
    case 'goto': {
      const distance = meaning.far ? imm : offset;
      const target = targetText(symbol, instruction, distance);
      return `${meaning.far ? 'gotol' : 'goto'} ${signedHex(distance)}${target}`;
    }
    case 'may_goto':
      return `may_goto ${signedHex(offset)}${targetText(symbol, instruction, offset)}`;
    case 'branch': {
      const { condition, width, source } = meaning;
      const test = `${register(dst, width)} ${conditionSymbols[condition]} ${valueText(source, width, instruction)}`;
      return `if ${test} goto ${signedHex(offset)}${targetText(symbol, instruction, offset)}`;
    }
    case 'call':
      return `call ${hex(imm)}`;
    case 'exit':
      return 'exit';
    case 'load':
      return `r${dst} = ${memory(`${meaning.signed ? 's' : 'u'}${meaning.size * 8}`, src, offset)}`;
    case 'store': {
      const value = meaning.source === 'imm' ? hex(imm) : `r${src}`;
      return `${memory(`u${meaning.size * 8}`, dst, offset)} = ${value}`;
    }
    case 'atomic':
      return atomicText(meaning, instruction);
    case 'imm64':
      return imm64Text(meaning, instruction);
  }
}

/** llvm names a register 11, which it uses before registers are assigned; `check` refuses it. */
const largestRegister = 11;

/** The text of one instruction, `<unknown>` if there is no such one. With a symbol, jumps name their target. */
export function instructionText(instruction: DecodedInstruction, symbol?: string): string {
  const { row, dst, src } = instruction;
  const hasRegisters = dst <= largestRegister && (src <= largestRegister || row?.fixed?.field === 'src');
  return row === undefined || !hasRegisters ? '<unknown>' : text(row.meaning, instruction, symbol);
}

export interface DisassembledLine {
  /** Index of the instruction's first slot. */
  readonly slot: number;
  readonly text: string;
  /** What the loader still has to fill in. */
  readonly reference?: Reference;
  /** The instruction's origin, if it has one. */
  readonly origin?: number;
}

/** A 64-bit immediate of any kind as the plain number that stands in an object file. */
function asInObject(instruction: DecodedInstruction): DecodedInstruction {
  return { ...instruction, src: 0, row: rowNamed('ld_imm64_number') };
}

/** One line an instruction. With a whole program, jump targets are named `<program+0x10>`. */
export function disassembleLines(program: Uint8Array | AssembledProgram): DisassembledLine[] {
  if (program instanceof Uint8Array) {
    return decode(program).map(instruction => ({
      slot: instruction.slot,
      text: instructionText(instruction),
    }));
  }
  const references = new Map(program.relocations.map(({ index, kind, name }) => [index, { kind, name }]));
  return decode(program.code).map(instruction => {
    const { slot } = instruction;
    const reference = references.get(slot);
    const origin = program.origins[slot] ?? -1;
    // In an object file the relocation says what is loaded, and the instruction holds a plain number.
    const shown = reference?.kind === 'map' ? asInObject(instruction) : instruction;
    return {
      slot,
      text: instructionText(shown, program.name),
      ...(reference === undefined ? {} : { reference }),
      ...(origin < 0 ? {} : { origin }),
    };
  });
}

/** The listing: `slot:`, a tab and the instruction, as `llvm-objdump -d --no-show-raw-insn` prints it. */
export function disassemble(program: Uint8Array | AssembledProgram): string {
  return disassembleLines(program)
    .map(line => `${String(line.slot).padStart(8)}:\t${line.text}\n`)
    .join('');
}
