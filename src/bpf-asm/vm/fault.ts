// Why a program stopped without an exit. Inside the interpreter a fault travels as an exception, so that the path without
// faults tests nothing; `Machine.run` turns it into a value, and nothing else leaves the interpreter.

export type FaultCode =
  /** A load, store or helper argument outside of any region, or a write to a read-only one. */
  | 'bad-access'
  | 'unknown-instruction'
  | 'unknown-helper'
  | 'unknown-kfunc'
  /** A map, field or type that nobody gave. */
  | 'unresolved-reference'
  /** A jump or call target that is no instruction, or the end of the program reached. */
  | 'bad-target'
  /** More than 8 frames. */
  | 'call-depth'
  /** The instruction budget is used up. */
  | 'budget'
  /** A helper or kfunc refused its arguments. */
  | 'bad-argument';

export interface Fault {
  readonly code: FaultCode;
  /** The slot of the instruction at fault. */
  readonly slot: number;
  readonly message: string;
}

/** What helpers and kfuncs throw to stop the program. */
export class FaultSignal extends Error {
  readonly code: FaultCode;

  constructor(code: FaultCode, message: string) {
    super(message);
    this.code = code;
  }
}
