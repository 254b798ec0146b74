// First pass: labels are taken out, every instruction gets its row, and every label operand becomes the index of the
// instruction it names.

import type { AssemblyItem, Instruction, Label } from '../instruction.ts';
import { findRow, type IsaRow } from '../isa.ts';
import { type AssemblyError, assemblyError } from './error.ts';

export interface Layout {
  readonly instructions: readonly Instruction[];
  /** The row of each instruction. */
  readonly rows: readonly IsaRow[];
  /** The item that each instruction was. */
  readonly items: Int32Array;
  /** Index of the instruction that the label operand names; -1 without one. */
  readonly targets: Int32Array;
  readonly errors: AssemblyError[];
}

function isLabel(value: AssemblyItem | number | bigint): value is Label {
  return typeof value === 'object' && 'label' in value;
}

function fixedField(value: number | bigint | Label): number {
  return typeof value === 'number' ? value : 0;
}

/** Index of the instruction behind each label; `count` for a label at the end of the program. */
function collectLabels(items: readonly AssemblyItem[], errors: AssemblyError[]): Map<string, number> {
  const labels = new Map<string, number>();
  let count = 0;
  items.forEach((item, index) => {
    if (!isLabel(item)) count++;
    else if (!labels.has(item.label)) labels.set(item.label, count);
    else errors.push(assemblyError('duplicate-label', `the label ${item.label} is there twice`, index));
  });
  return labels;
}

/** The field in which an instruction of that row takes a label. */
function labelField(row: IsaRow): 'offset' | 'imm' | undefined {
  const { meaning } = row;
  if (meaning.kind === 'branch' || meaning.kind === 'may_goto') return 'offset';
  if (meaning.kind === 'goto') return meaning.far ? 'imm' : 'offset';
  const takesImm =
    (meaning.kind === 'call' && meaning.target === 'local') ||
    (meaning.kind === 'imm64' && meaning.value === 'function');
  return takesImm ? 'imm' : undefined;
}

function labelOf(instruction: Instruction): { field: 'offset' | 'imm'; name: string } | undefined {
  const { offset, imm } = instruction;
  if (typeof offset === 'object') return { field: 'offset', name: offset.label };
  if (typeof imm === 'object') return { field: 'imm', name: imm.label };
  return undefined;
}

export function layOut(items: readonly AssemblyItem[]): Layout {
  const errors: AssemblyError[] = [];
  const labels = collectLabels(items, errors);
  const instructions: Instruction[] = [];
  const rows: IsaRow[] = [];
  const itemIndexes: number[] = [];
  const targets: number[] = [];
  const count = items.reduce((sum, item) => sum + (isLabel(item) ? 0 : 1), 0);
  items.forEach((item, index) => {
    if (isLabel(item)) return;
    const row = findRow(item.opcode, item.src, fixedField(item.offset), fixedField(item.imm));
    if (row === undefined) {
      errors.push(assemblyError('unknown-instruction', unknownInstruction(item), index, item));
      return;
    }
    instructions.push(item);
    rows.push(row);
    itemIndexes.push(index);
    targets.push(targetOf(item, row, index));
  });
  return {
    instructions,
    rows,
    items: Int32Array.from(itemIndexes),
    targets: Int32Array.from(targets),
    errors,
  };

  function targetOf(item: Instruction, row: IsaRow, index: number): number {
    const label = labelOf(item);
    if (label === undefined) return -1;
    if (labelField(row) !== label.field) {
      errors.push(
        assemblyError('misplaced-label', `${row.name} takes no label as its ${label.field}`, index, item),
      );
      return -1;
    }
    const target = labels.get(label.name);
    if (target !== undefined && target < count) return target;
    const problem = target === undefined ? 'is nowhere' : 'names no instruction: it stands at the end';
    errors.push(assemblyError('unknown-label', `the label ${label.name} ${problem}`, index, item));
    return -1;
  }
}

function unknownInstruction(item: Instruction): string {
  return `no instruction has the opcode 0x${item.opcode.toString(16)} with these fields`;
}
