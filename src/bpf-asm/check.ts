// Whether machine code is well formed as a whole: what the kernel's verifier refuses before it looks at any value (the
// instructions themselves, and the control flow graph of check_subprogs and check_cfg).

import { type DecodedInstruction, decode, slotSize } from './encode.ts';
import { fieldsProblem } from './fields.ts';

export type CheckCode =
  | 'empty-program'
  | 'truncated'
  | 'unknown-instruction'
  | 'bad-field'
  | 'jump-out-of-range'
  | 'falls-off-the-end'
  | 'unreachable';

export interface CheckIssue {
  readonly code: CheckCode;
  /** The slot at fault. */
  readonly slot: number;
  readonly message: string;
}

/** Jumps and calls of one instruction, as slots; `next` if the instruction behind it may run. */
interface Flow {
  readonly jump?: number;
  readonly call?: number;
  readonly next: boolean;
}

function flowOf({ row, slot, offset, imm }: DecodedInstruction): Flow {
  const meaning = row?.meaning;
  if (meaning?.kind === 'exit') return { next: false };
  if (meaning?.kind === 'goto') return { jump: slot + 1 + (meaning.far ? imm : offset), next: false };
  if (meaning?.kind === 'branch' || meaning?.kind === 'may_goto')
    return { jump: slot + 1 + offset, next: true };
  const isCall = meaning?.kind === 'call' && meaning.target === 'local';
  const isFunction = meaning?.kind === 'imm64' && meaning.value === 'function';
  return isCall || isFunction ? { call: slot + 1 + imm, next: true } : { next: true };
}

function instructionIssue(instruction: DecodedInstruction): CheckIssue | undefined {
  const { row, slot, dst, src, offset, imm, opcode } = instruction;
  if (row === undefined) {
    const message = `no instruction has the opcode 0x${opcode.toString(16)} with these fields`;
    return { code: 'unknown-instruction', slot, message };
  }
  if (row.meaning.kind === 'imm64' && instruction.slots !== 2) {
    return { code: 'truncated', slot, message: 'the second half of the 64-bit immediate is missing' };
  }
  const problem = fieldsProblem(row, { dst, src, offset, imm });
  return problem === undefined ? undefined : { code: 'bad-field', slot, message: problem };
}

/** The second slot of an ld_imm64 holds nothing but an immediate. */
function secondSlotIssue({ slot, slots }: DecodedInstruction, code: Uint8Array): CheckIssue | undefined {
  const at = (slot + 1) * slotSize;
  if (slots !== 2 || code.subarray(at, at + 4).every(byte => byte === 0)) return undefined;
  return {
    code: 'bad-field',
    slot: slot + 1,
    message: 'the second half of a 64-bit immediate has other fields',
  };
}

class ControlFlow {
  readonly issues: CheckIssue[] = [];
  private readonly instructions: readonly DecodedInstruction[];
  private readonly indexOf: Map<number, number>;
  /** For each instruction, the number of the subprogram that it lies in. */
  private readonly subprograms: Int32Array;

  constructor(instructions: readonly DecodedInstruction[]) {
    this.instructions = instructions;
    this.indexOf = new Map(instructions.map(({ slot }, index) => [slot, index]));
    this.subprograms = this.numberSubprograms();
  }

  private numberSubprograms(): Int32Array {
    const starts = new Set(this.instructions.map(i => flowOf(i).call));
    let current = 0;
    return Int32Array.from(this.instructions, ({ slot }) =>
      slot > 0 && starts.has(slot) ? ++current : current,
    );
  }

  private report(code: CheckCode, slot: number, message: string): undefined {
    this.issues.push({ code, slot, message });
  }

  /** The instruction at a jump target, which must lie in the same subprogram. */
  private target(index: number, slot: number, isCall: boolean): number | undefined {
    const found = this.indexOf.get(slot);
    const from = this.instructions[index]!.slot;
    if (found === undefined)
      return this.report('jump-out-of-range', from, `there is no instruction at slot ${slot}`);
    if (isCall || this.subprograms[found] === this.subprograms[index]) return found;
    return this.report('jump-out-of-range', from, `slot ${slot} belongs to another subprogram`);
  }

  private next(index: number): number | undefined {
    const isLast = index + 1 === this.instructions.length;
    if (!isLast && this.subprograms[index] === this.subprograms[index + 1]) return index + 1;
    const end = isLast ? 'the program' : 'its subprogram';
    return this.report(
      'falls-off-the-end',
      this.instructions[index]!.slot,
      `execution runs off the end of ${end}`,
    );
  }

  private successors(index: number): (number | undefined)[] {
    const { jump, call, next } = flowOf(this.instructions[index]!);
    return [
      jump === undefined ? undefined : this.target(index, jump, false),
      call === undefined ? undefined : this.target(index, call, true),
      next ? this.next(index) : undefined,
    ];
  }

  check(): void {
    const reached = new Uint8Array(this.instructions.length);
    const waiting = [0];
    for (let index = waiting.pop(); index !== undefined; index = waiting.pop()) {
      if (reached[index] === 1) continue;
      reached[index] = 1;
      for (const successor of this.successors(index)) if (successor !== undefined) waiting.push(successor);
    }
    const dead = reached.indexOf(0);
    if (dead >= 0)
      this.report('unreachable', this.instructions[dead]!.slot, 'no path leads to this instruction');
  }
}

/** Everything that is wrong with the code, in order of slots; empty if it is well formed. */
export function check(code: Uint8Array): CheckIssue[] {
  if (code.byteLength === 0)
    return [{ code: 'empty-program', slot: 0, message: 'the program has no instruction' }];
  const instructions = decode(code);
  const issues = instructions.flatMap(i =>
    [instructionIssue(i), secondSlotIssue(i, code)].filter(x => x !== undefined),
  );
  if (code.byteLength % slotSize !== 0) {
    const slot = Math.floor(code.byteLength / slotSize);
    issues.push({ code: 'truncated', slot, message: 'the program ends within an instruction' });
  }
  if (instructions.length === 0) return issues;
  const flow = new ControlFlow(instructions);
  flow.check();
  return [...issues, ...flow.issues].sort((a, b) => a.slot - b.slot);
}
