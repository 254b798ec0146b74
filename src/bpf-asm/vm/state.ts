// What an instruction or helper works on: the register file, the memory and the program counter.
//
// Registers are pairs of 32-bit words in two Int32Arrays: exact, and several times as fast as bigints. Behind the eleven registers the
// same arrays hold the program's immediates, sign-extended, so that "register or immediate" is one index for every
// operation.

import { FaultSignal } from './fault.ts';
import type { Memory, Region } from './memory.ts';

export const registerCount = 11;
export const framePointer = 10;
export const maxFrames = 8;
export const stackSize = 512;

/** Registers that a callee must leave as they were: R6-R9, and R10, which is set anew. */
const firstSaved = 6;
const savedCount = registerCount - firstSaved;

export class State {
  /** Low and high words of the registers, then of the immediates. */
  readonly low: Int32Array;
  readonly high: Int32Array;
  readonly memory: Memory;
  /** Slot of the next instruction. */
  pc = 0;
  running = false;
  private depth = 0;
  private readonly stacks: readonly Region[];
  private readonly returns = new Int32Array(maxFrames);
  private readonly savedLow = new Int32Array(maxFrames * savedCount);
  private readonly savedHigh = new Int32Array(maxFrames * savedCount);

  constructor(memory: Memory, immediates: readonly number[]) {
    this.memory = memory;
    this.low = new Int32Array(registerCount + immediates.length);
    this.high = new Int32Array(registerCount + immediates.length);
    this.low.set(immediates, registerCount);
    this.high.set(
      immediates.map(value => value >> 31),
      registerCount,
    );
    this.stacks = Array.from({ length: maxFrames }, (_, frame) =>
      memory.add(`the stack of frame ${frame}`, new Uint8Array(stackSize), { writable: true }),
    );
  }

  /** Begins at a slot with all registers zero. */
  start(slot: number): void {
    this.low.fill(0, 0, registerCount);
    this.high.fill(0, 0, registerCount);
    this.depth = 0;
    this.running = true;
    this.pc = slot;
    this.enterFrame();
  }

  private enterFrame(): void {
    const stack = this.stacks[this.depth]!;
    stack.bytes.fill(0);
    this.low[framePointer] = stackSize;
    this.high[framePointer] = stack.high;
  }

  /** Enters a subprogram; it returns to `pc`. */
  call(slot: number): void {
    if (this.depth + 1 === maxFrames) throw new FaultSignal('call-depth', `more than ${maxFrames} frames`);
    const at = this.depth * savedCount;
    this.savedLow.set(this.low.subarray(firstSaved, registerCount), at);
    this.savedHigh.set(this.high.subarray(firstSaved, registerCount), at);
    this.returns[this.depth] = this.pc;
    this.depth++;
    this.enterFrame();
    this.pc = slot;
  }

  /** Leaves a subprogram, or the program. */
  exit(): void {
    if (this.depth === 0) {
      this.running = false;
      return;
    }
    this.depth--;
    const at = this.depth * savedCount;
    this.low.set(this.savedLow.subarray(at, at + savedCount), firstSaved);
    this.high.set(this.savedHigh.subarray(at, at + savedCount), firstSaved);
    this.pc = this.returns[this.depth]!;
  }

  /** A register as an unsigned number. */
  get(register: number): bigint {
    return (BigInt(this.high[register]! >>> 0) << 32n) | BigInt(this.low[register]! >>> 0);
  }

  /** Sets a register to a number modulo 2^64. */
  set(register: number, value: bigint): void {
    this.low[register] = Number(BigInt.asIntN(32, value));
    this.high[register] = Number(BigInt.asIntN(32, value >> 32n));
  }

  /** Sets a register to a signed 32-bit number, sign-extended: how helpers return errors and small results. */
  setInt(register: number, value: number): void {
    this.low[register] = value;
    this.high[register] = value >> 31;
  }

  /** Sets a register to an address in a region. */
  setAddress(register: number, region: Region, offset: number): void {
    this.low[register] = region.low + offset;
    this.high[register] = region.high;
  }

  /** The memory that a register points to. Throws a FaultSignal if it is not all there. */
  bytes(register: number, length: number, write = false): Uint8Array {
    return this.memory.bytesAt(this.high[register]!, this.low[register]!, length, write);
  }
}

/** One instruction, bound to the state and to its operands. */
export type Step = () => void;
