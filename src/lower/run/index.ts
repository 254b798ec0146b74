// Runs translated programs without a kernel.

export {
  type ConntrackState,
  type PacketAt,
  type PacketContext,
  type PacketPlace,
  packetAt,
} from './packet-at.ts';
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
