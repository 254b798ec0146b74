// What can be wrong with an assembly program. Errors are data; nothing is thrown.

import type { Instruction } from '../instruction.ts';

export type AssemblyErrorCode =
  | 'unknown-instruction'
  | 'bad-field'
  | 'duplicate-label'
  | 'unknown-label'
  | 'misplaced-label'
  | 'jump-too-far'
  | 'needs-newer-cpu'
  | 'needs-newer-kernel';

export interface AssemblyError {
  readonly code: AssemblyErrorCode;
  readonly message: string;
  /** Index in `AssemblyProgram.items`. */
  readonly item: number;
  /** The origin of the instruction at fault, if it has one. */
  readonly origin?: number;
}

export function assemblyError(
  code: AssemblyErrorCode,
  message: string,
  item: number,
  instruction?: Instruction,
): AssemblyError {
  const origin = instruction?.origin;
  return origin === undefined ? { code, message, item } : { code, message, item, origin };
}
