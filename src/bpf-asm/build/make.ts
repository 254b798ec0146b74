// The one place where builders read the table of instructions.

import type { Instruction, Label, Reference } from '../instruction.ts';
import { rowNamed } from '../isa.ts';
import { isRegister, type Operand, type Register } from './register.ts';

export interface Fields {
  readonly dst?: Register;
  readonly src?: Register;
  readonly offset?: number | Label;
  readonly imm?: number | bigint | Label;
  readonly reference?: Reference;
}

/** An instruction of the row called `name`; fields that are fixed by the row are filled in, all others are zero. */
export function make(name: string, fields: Fields): Instruction {
  const { opcode, fixed } = rowNamed(name);
  const instruction = {
    opcode,
    dst: fields.dst?.register ?? 0,
    src: fixed?.field === 'src' ? fixed.value : (fields.src?.register ?? 0),
    offset: fixed?.field === 'offset' ? fixed.value : (fields.offset ?? 0),
    imm: fixed?.field === 'imm' ? fixed.value : (fields.imm ?? 0),
  };
  return fields.reference === undefined ? instruction : { ...instruction, reference: fields.reference };
}

/** The suffix of a row's name for a value operand. */
export function sourceOf(operand: Operand): 'imm' | 'reg' {
  return isRegister(operand) ? 'reg' : 'imm';
}
