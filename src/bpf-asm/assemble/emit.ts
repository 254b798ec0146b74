// Last pass: fields are checked and written.

import { encodeImm64, encodeSlot, slotSize } from '../encode.ts';
import { type FieldValues, fieldsProblem, fitsOffset } from '../fields.ts';
import type { AssembledProgram, Instruction, Relocation } from '../instruction.ts';
import { type Condition, type IsaRow, rowNamed } from '../isa.ts';
import { type AssemblyErrorCode, assemblyError } from './error.ts';
import type { Layout } from './layout.ts';
import { type Placement, shortDistance } from './relax.ts';

const inverse: Readonly<Record<Exclude<Condition, 'set'>, Condition>> = {
  eq: 'ne',
  ne: 'eq',
  gt: 'le',
  le: 'gt',
  ge: 'lt',
  lt: 'ge',
  sgt: 'sle',
  sle: 'sgt',
  sge: 'slt',
  slt: 'sge',
};

const gotoOpcode = rowNamed('ja').opcode;
const gotolOpcode = rowNamed('gotol').opcode;

/** The row of the branch that is taken when this one is not. */
function invertedRow(row: IsaRow): IsaRow | undefined {
  const { meaning } = row;
  if (meaning.kind !== 'branch' || meaning.condition === 'set') return undefined;
  return rowNamed(`j${inverse[meaning.condition]}${meaning.width}_${meaning.source}`);
}

class Emitter {
  readonly view: DataView;
  readonly origins: Int32Array;
  readonly relocations: Relocation[] = [];
  private readonly layout: Layout;
  private readonly placement: Placement;

  constructor(layout: Layout, placement: Placement) {
    const slots = placement.starts[layout.rows.length]!;
    this.view = new DataView(new ArrayBuffer(slots * slotSize));
    this.origins = new Int32Array(slots).fill(-1);
    this.layout = layout;
    this.placement = placement;
  }

  emit(index: number): void {
    const instruction = this.layout.instructions[index]!;
    const start = this.placement.starts[index]!;
    if (instruction.origin !== undefined) {
      this.origins.fill(instruction.origin, start, this.placement.starts[index + 1]!);
    }
    if (instruction.reference !== undefined)
      this.relocations.push({ ...instruction.reference, index: start });
    const values = this.resolve(index, instruction);
    const error = this.problem(index, instruction, values);
    if (error !== undefined) {
      this.layout.errors.push(assemblyError(...error, this.layout.items[index]!, instruction));
    } else if (this.placement.far[index] === 1) this.writeFar(index, values);
    else this.writePlain(index, values);
  }

  /** Labels become distances; a far jump holds its distance in an instruction of its own. */
  private resolve(index: number, { dst, src, offset, imm }: Instruction): FieldValues {
    const target = this.layout.targets[index]!;
    const isShort = target >= 0 && this.placement.far[index] === 0;
    const distance = isShort ? shortDistance(this.placement.starts, index, target) : 0;
    return {
      dst,
      src,
      offset: typeof offset === 'object' ? distance : offset,
      imm: typeof imm === 'object' ? distance : imm,
    };
  }

  private problem(
    index: number,
    instruction: Instruction,
    values: FieldValues,
  ): [AssemblyErrorCode, string] | undefined {
    if (typeof instruction.offset === 'object' && !fitsOffset(values.offset)) {
      return ['jump-too-far', `the jump target is ${values.offset} slots away: more than 16 bits hold`];
    }
    const problem = fieldsProblem(this.layout.rows[index]!, values);
    return problem === undefined ? undefined : ['bad-field', problem];
  }

  private writePlain(index: number, { dst, src, offset, imm }: FieldValues): void {
    const { opcode, meaning } = this.layout.rows[index]!;
    const at = this.placement.starts[index]! * slotSize;
    if (meaning.kind === 'imm64') encodeImm64(this.view, at, opcode, dst, src, BigInt(imm));
    else encodeSlot(this.view, at, opcode, dst, src, offset, Number(imm));
  }

  private writeFar(index: number, { dst, src, imm }: FieldValues): void {
    const row = this.layout.rows[index]!;
    const start = this.placement.starts[index]!;
    const end = this.placement.starts[index + 1]!;
    if (row.meaning.kind === 'branch') {
      const opcode = invertedRow(row)?.opcode ?? row.opcode;
      encodeSlot(this.view, start * slotSize, opcode, dst, src, 1, Number(imm));
    }
    if (end - start === 3) encodeSlot(this.view, (start + 1) * slotSize, gotoOpcode, 0, 0, 1, 0);
    const distance = this.placement.starts[this.layout.targets[index]!]! - end;
    encodeSlot(this.view, (end - 1) * slotSize, gotolOpcode, 0, 0, 0, distance);
  }
}

/** Writes the program; what does not fit is added to `layout.errors`. */
export function emit(name: string, layout: Layout, placement: Placement): AssembledProgram {
  const emitter = new Emitter(layout, placement);
  for (let index = 0; index < layout.instructions.length; index++) emitter.emit(index);
  const code = new Uint8Array(emitter.view.buffer);
  return { name, code, relocations: emitter.relocations, origins: emitter.origins };
}
