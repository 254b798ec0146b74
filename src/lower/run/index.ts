// Runs translated programs without a kernel.

export type { Placed } from './placement.ts';
export {
  createRunner,
  type HookRun,
  type ProgramDecision,
  type ProgramFault,
  type ProgramRun,
  type RunHow,
  Runner,
  type RunnerFailure,
  type RunnerOptions,
} from './runner.ts';
