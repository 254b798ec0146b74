// Machine code -> one closure a slot, with operands, sizes and targets bound. This is done once; running is then a call
// per instruction and nothing else.

import { type DecodedInstruction, decode } from '../encode.ts';
import type { Meaning } from '../isa.ts';
import { FaultSignal } from './fault.ts';
import type { Memory } from './memory.ts';
import { registerCount, State, type Step } from './state.ts';
import { aluStep, endianStep, movsxStep, negStep } from './step/alu.ts';
import { branchTest } from './step/branch.ts';
import { atomicStep, loadStep, storeStep } from './step/memory.ts';

/** A kernel function: takes R1-R5 from the state and leaves its result in R0. */
export type Routine = (state: State) => void;

/** What references and calls of a program resolve to. `undefined`: nobody gave it. */
export interface Linkage {
  helper(number: number): Routine | undefined;
  /** By the name that the relocation at that slot has, else by the BTF id in the instruction. */
  kfunc(slot: number, id: number): Routine | undefined;
  /** The 64-bit immediate at a slot, if it is not a plain number. */
  imm64(slot: number): bigint | undefined;
  /** The number of a field or type reference at a slot: it replaces the offset of a load or store, else the immediate. */
  number(slot: number): number | undefined;
  /** True if the instruction at that slot has a field or type reference. */
  hasNumber(slot: number): boolean;
}

export interface Compiled {
  readonly state: State;
  /** By slot; the last one stands behind the program. */
  readonly steps: readonly Step[];
}

function faults(code: FaultSignal['code'], message: string): Step {
  return () => {
    throw new FaultSignal(code, message);
  };
}

/** Indexes of immediates in the register file. */
class Immediates {
  readonly values: number[] = [];
  private readonly indexes = new Map<number, number>();

  index(value: number): number {
    const known = this.indexes.get(value);
    if (known !== undefined) return known;
    const index = registerCount + this.values.length;
    this.values.push(value);
    this.indexes.set(value, index);
    return index;
  }
}

/** Fills in what a field or type reference stands for. */
function link(instruction: DecodedInstruction, linkage: Linkage): DecodedInstruction | undefined {
  const { slot, row } = instruction;
  if (!linkage.hasNumber(slot)) return instruction;
  const number = linkage.number(slot);
  if (number === undefined) return undefined;
  const kind = row?.meaning.kind;
  const inOffset = kind === 'load' || kind === 'store' || kind === 'atomic';
  return inOffset ? { ...instruction, offset: number } : { ...instruction, imm: number };
}

function usesImmediate(meaning: Meaning): boolean {
  return 'source' in meaning && meaning.source === 'imm';
}

class Compiler {
  readonly state: State;
  private readonly linkage: Linkage;
  private readonly immediates: Immediates;
  private readonly slots: ReadonlySet<number>;

  constructor(state: State, linkage: Linkage, immediates: Immediates, slots: ReadonlySet<number>) {
    this.state = state;
    this.linkage = linkage;
    this.immediates = immediates;
    this.slots = slots;
  }

  step(instruction: DecodedInstruction): Step {
    const { row, opcode, dst, src, slots } = instruction;
    if (row === undefined)
      return faults('unknown-instruction', `no instruction has opcode 0x${opcode.toString(16)}`);
    const isWide = row.meaning.kind === 'imm64';
    if (
      dst >= registerCount ||
      (src >= registerCount && row.operands.includes('src')) ||
      (isWide && slots !== 2)
    ) {
      return faults('unknown-instruction', 'the instruction is malformed');
    }
    return this.known(row.meaning, instruction);
  }

  private known(meaning: Meaning, instruction: DecodedInstruction): Step {
    const { state } = this;
    const { dst, src, offset, imm } = instruction;
    const value = usesImmediate(meaning) ? this.immediates.index(imm) : src;
    switch (meaning.kind) {
      case 'alu':
        return aluStep(state, meaning.operator, meaning.width, dst, value);
      case 'neg':
        return negStep(state, meaning.width, dst);
      case 'movsx':
        return movsxStep(state, meaning.width, meaning.bits, dst, src);
      case 'endian':
        return endianStep(state, meaning.order, meaning.bits, dst);
      case 'load':
        return loadStep(state, meaning.size, meaning.signed, dst, src, offset);
      case 'store':
        return storeStep(state, meaning.size, dst, offset, value);
      case 'atomic':
        return atomicStep(state, meaning.operator, meaning.size, dst, offset, src);
      case 'branch':
        return this.branch(
          branchTest(state, meaning.condition, meaning.width, dst, value),
          instruction,
          offset,
        );
      case 'goto':
        return this.branch(undefined, instruction, meaning.far ? imm : offset);
      // The kernel's budget of 8 million rounds is not counted: the limit on instructions ends a loop first.
      case 'may_goto':
        return () => undefined;
      case 'imm64':
        return this.imm64(meaning, instruction);
      case 'call':
        return this.call(meaning.target, instruction);
      case 'exit':
        return () => state.exit();
    }
  }

  private branch(test: (() => boolean) | undefined, { slot }: DecodedInstruction, offset: number): Step {
    const { state } = this;
    const target = slot + 1 + offset;
    const jump = this.slots.has(target)
      ? () => {
          state.pc = target;
        }
      : faults('bad-target', `there is no instruction at slot ${target}`);
    if (test === undefined) return jump;
    return () => {
      if (test()) jump();
    };
  }

  private imm64({ value: kind }: Extract<Meaning, { kind: 'imm64' }>, instruction: DecodedInstruction): Step {
    const { state, linkage } = this;
    const { slot, dst } = instruction;
    const value = linkage.imm64(slot) ?? (kind === 'number' ? instruction.imm64 : undefined);
    if (value === undefined)
      return faults('unresolved-reference', `nobody gave what is loaded at slot ${slot}`);
    const low = Number(BigInt.asIntN(32, value));
    const high = Number(BigInt.asIntN(32, value >> 32n));
    return () => {
      state.low[dst] = low;
      state.high[dst] = high;
      state.pc = slot + 2;
    };
  }

  private call(target: 'helper' | 'local' | 'kfunc', { slot, imm }: DecodedInstruction): Step {
    const { state, linkage } = this;
    if (target === 'local') {
      const entry = slot + 1 + imm;
      if (!this.slots.has(entry)) return faults('bad-target', `there is no subprogram at slot ${entry}`);
      return () => state.call(entry);
    }
    const routine = target === 'helper' ? linkage.helper(imm) : linkage.kfunc(slot, imm);
    if (routine === undefined)
      return faults(
        target === 'helper' ? 'unknown-helper' : 'unknown-kfunc',
        `nobody gave the ${target} that is called here`,
      );
    return () => routine(state);
  }
}

/** `imm` of all instructions that read it as an operand. */
function collectImmediates(instructions: readonly DecodedInstruction[]): Immediates {
  const immediates = new Immediates();
  for (const { row, imm } of instructions)
    if (row !== undefined && usesImmediate(row.meaning)) immediates.index(imm);
  return immediates;
}

/** Compiles a program. What is wrong with it shows as a fault when, and only when, it is executed. */
export function compile(code: Uint8Array, memory: Memory, linkage: Linkage): Compiled {
  const decoded = decode(code);
  const linked = decoded.map(instruction => link(instruction, linkage));
  const immediates = collectImmediates(linked.filter(instruction => instruction !== undefined));
  const state = new State(memory, immediates.values);
  const compiler = new Compiler(state, linkage, immediates, new Set(decoded.map(({ slot }) => slot)));
  const end = faults('bad-target', 'execution ran off the end of the program');
  const steps: Step[] = new Array<Step>(Math.floor(code.length / 8) + 1).fill(end);
  decoded.forEach(({ slot }, index) => {
    const instruction = linked[index];
    steps[slot] =
      instruction === undefined
        ? faults('unresolved-reference', `nobody gave the field or type at slot ${slot}`)
        : compiler.step(instruction);
  });
  return { state, steps };
}
