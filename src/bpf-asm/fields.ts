// What the fields of one instruction may hold, whatever surrounds it. Both the assembler (before it writes) and the
// checker (after reading) ask here.

import type { IsaRow, OperandField, Width } from './isa.ts';

export interface FieldValues {
  readonly dst: number;
  readonly src: number;
  readonly offset: number;
  readonly imm: number | bigint;
}

const operandNames: readonly OperandField[] = ['dst', 'src', 'offset', 'imm'];

function isIntegerWithin(value: number | bigint, from: number, to: number): boolean {
  return (typeof value === 'bigint' || Number.isInteger(value)) && value >= from && value <= to;
}

/** True if `value` fits the signed 16-bit offset field. */
export function fitsOffset(value: number): boolean {
  return isIntegerWithin(value, -0x8000, 0x7fff);
}

/** True if `value` fits the signed 32-bit immediate field. */
export function fitsImmediate(value: number | bigint): boolean {
  return isIntegerWithin(value, -0x8000_0000, 0x7fff_ffff);
}

function fitsImm64(value: number | bigint): boolean {
  return typeof value === 'bigint' ? value >= -(1n << 63n) && value < 1n << 64n : Number.isSafeInteger(value);
}

/** True if the instruction changes `dst`. */
export function writesDst(row: IsaRow): boolean {
  const { kind } = row.meaning;
  return (
    kind === 'alu' ||
    kind === 'neg' ||
    kind === 'movsx' ||
    kind === 'endian' ||
    kind === 'load' ||
    kind === 'imm64'
  );
}

function fieldProblem(row: IsaRow, operand: OperandField, values: FieldValues): string | undefined {
  const value = values[operand];
  if (row.fixed?.field === operand) return undefined;
  if (!row.operands.includes(operand))
    return Number(value) === 0 ? undefined : `${row.name} has no ${operand}, but it is ${value}`;
  if (operand === 'offset')
    return fitsOffset(values.offset) ? undefined : `the offset ${value} does not fit 16 bits`;
  if (operand === 'dst' || operand === 'src') {
    return isIntegerWithin(value, 0, 10) ? undefined : `there is no register ${value}`;
  }
  if (row.meaning.kind === 'imm64') return fitsImm64(value) ? undefined : `${value} does not fit 64 bits`;
  return fitsImmediate(value) ? undefined : `${value} does not fit the signed 32-bit immediate`;
}

const shifts: ReadonlySet<string> = new Set(['lsh', 'rsh', 'arsh']);
const divisions: ReadonlySet<string> = new Set(['div', 'mod', 'sdiv', 'smod']);

function aluImmediateProblem(operator: string, width: Width, imm: number | bigint): string | undefined {
  if (shifts.has(operator) && (imm < 0 || imm >= width))
    return `a shift by ${imm} is out of range for ${width} bits`;
  if (divisions.has(operator) && Number(imm) === 0) return 'a division by the constant zero';
  return undefined;
}

/** Why no verifier takes an instruction of this row with these fields, or undefined if it is well formed. */
export function fieldsProblem(row: IsaRow, values: FieldValues): string | undefined {
  for (const operand of operandNames) {
    const problem = fieldProblem(row, operand, values);
    if (problem !== undefined) return problem;
  }
  const { meaning } = row;
  if (writesDst(row) && values.dst === 10) return 'R10, the frame pointer, is read-only';
  if (meaning.kind === 'alu' && meaning.source === 'imm') {
    return aluImmediateProblem(meaning.operator, meaning.width, values.imm);
  }
  return undefined;
}
