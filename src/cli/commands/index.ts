// All commands.

import type { Commands } from '../command.ts';

export const allCommands: Required<Commands> = {
  compile: async () => (await import('./compile.ts')).compile,
  ir: async () => (await import('./ir.ts')).ir,
  disasm: async () => (await import('./disasm.ts')).disasm,
  check: async () => (await import('./check.ts')).check,
  run: async () => (await import('./run.ts')).run,
  fmt: async () => (await import('./fmt.ts')).fmt,
  print: async () => (await import('./print.ts')).print,
  batch: async () => (await import('./batch.ts')).batch,
};
