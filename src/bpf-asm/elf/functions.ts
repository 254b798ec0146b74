// Cuts a program's code into functions. A program and its subprograms come out of the assembler as one piece; in an
// object file, loaders look for subprograms in `.text`, each under a symbol of its own, and append those that are used.
//
// A function begins at slot 0 and wherever a local call or a function address points; it ends where the next begins.

import { viewOf } from '../btf/bytes.ts';
import { failure, type Result, success } from '../btf/result.ts';
import type { Relocation } from '../instruction.ts';
import { instructionClass, rowNamed } from '../isa.ts';
import { slotLength } from './format.ts';

/** The line of source that an instruction and those after it stand for. `line` and `column` count from 1, 0 is unknown. */
export interface SourceLine {
  /** Slot of the first instruction. */
  readonly slot: number;
  readonly file: string;
  readonly text: string;
  readonly line: number;
  readonly column: number;
}

export interface ProgramCode {
  readonly name: string;
  /** 8 bytes a slot, little endian. */
  readonly code: Uint8Array;
  readonly relocations: readonly Relocation[];
  /** In order of `slot`; may be empty. */
  readonly lines: readonly SourceLine[];
}

/** A local call or the address of a function; `callee` is an index into the program's functions. */
export interface LocalReference {
  readonly slot: number;
  readonly callee: number;
}

/** Slots are counted from the start of the function. */
export interface CodeFunction {
  readonly name: string;
  readonly code: Uint8Array;
  readonly relocations: readonly Relocation[];
  readonly lines: readonly SourceLine[];
  readonly references: readonly LocalReference[];
}

export const opcode: Readonly<Record<'imm64' | 'call' | 'exit' | 'gotol', number>> = {
  imm64: rowNamed('ld_imm64_number').opcode,
  call: rowNamed('call_local').opcode,
  exit: rowNamed('exit').opcode,
  gotol: rowNamed('gotol').opcode,
};

/** Source registers that give calls and 64-bit immediates their kind (BPF_PSEUDO_*). */
export const pseudo = { localCall: 1, kfuncCall: 2, mapFd: 1, mapValue: 2, function: 4 } as const;

/** Calls `visit` for every instruction, which is every slot but the second half of 64-bit immediates. */
export function forEachInstruction(view: DataView, visit: (slot: number, code: number) => void): void {
  const slots = view.byteLength / slotLength;
  for (let slot = 0; slot < slots; ) {
    const code = view.getUint8(slot * slotLength);
    visit(slot, code);
    slot += code === opcode.imm64 ? 2 : 1;
  }
}

function sourceAt(view: DataView, slot: number): number {
  return view.getUint8(slot * slotLength + 1) >>> 4;
}

/** The slot that a local call or function address at `slot` points to. */
function localTarget(view: DataView, slot: number, code: number): number | undefined {
  const source = sourceAt(view, slot);
  const isLocal =
    (code === opcode.call && source === pseudo.localCall) ||
    (code === opcode.imm64 && source === pseudo.function);
  return isLocal ? slot + 1 + view.getInt32(slot * slotLength + 4, true) : undefined;
}

/** The slot that a jump at `slot` goes to, or undefined for what is not a jump. */
function jumpTarget(view: DataView, slot: number, code: number): number | undefined {
  const group = code & 0x07;
  if (group !== instructionClass.jmp && group !== instructionClass.jmp32) return undefined;
  if (code === opcode.call || code === opcode.exit) return undefined;
  const at = slot * slotLength;
  return slot + 1 + (code === opcode.gotol ? view.getInt32(at + 4, true) : view.getInt16(at + 2, true));
}

interface Shape {
  /** First slots of the functions, ascending. */
  readonly entries: readonly number[];
  readonly calls: readonly { readonly slot: number; readonly target: number }[];
}

function shapeOf(program: ProgramCode, view: DataView): Result<Shape> {
  const calls: { slot: number; target: number }[] = [];
  const kfuncs = new Set(program.relocations.filter(r => r.kind === 'kfunc').map(r => r.index));
  const slots = view.byteLength / slotLength;
  forEachInstruction(view, (slot, code) => {
    const target = kfuncs.has(slot) ? undefined : localTarget(view, slot, code);
    if (target !== undefined) calls.push({ slot, target });
  });
  const outside = calls.find(({ target }) => target < 0 || target >= slots);
  if (outside !== undefined) return failure('malformed', `slot ${outside.slot} calls outside of the program`);
  const entries = [...new Set([0, ...calls.map(({ target }) => target)])].sort((a, b) => a - b);
  return success({ entries, calls });
}

/** Index of the last entry that is not after `slot`. */
function functionOf(entries: readonly number[], slot: number): number {
  let low = 0;
  let high = entries.length - 1;
  while (low < high) {
    const middle = (low + high + 1) >> 1;
    if ((entries[middle] ?? 0) <= slot) low = middle;
    else high = middle - 1;
  }
  return low;
}

/** A jump from one function into another would break when the functions move apart. */
function crossingJump(view: DataView, entries: readonly number[]): number | undefined {
  if (entries.length === 1) return undefined;
  let crossing: number | undefined;
  forEachInstruction(view, (slot, code) => {
    const target = jumpTarget(view, slot, code);
    if (target !== undefined && functionOf(entries, target) !== functionOf(entries, slot)) crossing ??= slot;
  });
  return crossing;
}

/** The lines of slots `from` up to `to`; the function's first slot gets the line that was in force before it. */
function linesWithin(lines: readonly SourceLine[], from: number, to: number): SourceLine[] {
  const before = lines.filter(({ slot }) => slot <= from).at(-1);
  const inside = lines.filter(({ slot }) => slot > from && slot < to);
  const nothing = { file: '', text: '', line: 0, column: 0 };
  const first = { ...(before ?? nothing), slot: from };
  return [first, ...inside].map(line => ({ ...line, slot: line.slot - from }));
}

function cut(program: ProgramCode, { entries, calls }: Shape, index: number): CodeFunction {
  const from = entries[index] ?? 0;
  const to = entries[index + 1] ?? program.code.length / slotLength;
  const isInside = (slot: number): boolean => slot >= from && slot < to;
  return {
    name: index === 0 ? program.name : `${program.name}_${index}`,
    code: program.code.slice(from * slotLength, to * slotLength),
    relocations: program.relocations
      .filter(r => isInside(r.index))
      .map(relocation => ({ ...relocation, index: relocation.index - from })),
    lines: program.lines.length === 0 ? [] : linesWithin(program.lines, from, to),
    references: calls
      .filter(({ slot }) => isInside(slot))
      .map(({ slot, target }) => ({ slot: slot - from, callee: functionOf(entries, target) })),
  };
}

/** The kernel refuses a line that begins at the second half of a 64-bit immediate. */
function linesOfInstructions({ lines }: ProgramCode, view: DataView): SourceLine[] {
  const isStart = new Uint8Array(view.byteLength / slotLength);
  forEachInstruction(view, slot => {
    isStart[slot] = 1;
  });
  return lines.filter(({ slot }) => isStart[slot] === 1);
}

/** The functions of a program, the entry function first. */
export function splitFunctions(program: ProgramCode): Result<CodeFunction[]> {
  if (program.code.length === 0 || program.code.length % slotLength !== 0) {
    return failure('malformed', `${program.name}: code of ${program.code.length} bytes`);
  }
  const view = viewOf(program.code);
  const shape = shapeOf(program, view);
  if (!shape.ok) return shape;
  const crossing = crossingJump(view, shape.value.entries);
  if (crossing !== undefined) {
    return failure('malformed', `${program.name}: slot ${crossing} jumps into another function`);
  }
  const tidy = { ...program, lines: linesOfInstructions(program, view) };
  return success(shape.value.entries.map((_, index) => cut(tidy, shape.value, index)));
}
