// The register IR's evaluator: see evaluator.ts.

export type { LogEvent, TraceStep } from './chain.ts';
export {
  type CounterReading,
  createEvaluator,
  type Decided,
  type Evaluation,
  type Evaluator,
  type EvaluatorOptions,
  type NotEvaluable,
} from './evaluator.ts';
export { chainsAt, type HookedChain, type HookPoint } from './hook-order.ts';
export type { KernelVersion } from './kernel-behaviour.ts';
export type { ConntrackEntry, ConntrackTuple, Device, Packet, SocketOwner } from './packet.ts';
export { packetAtPriority } from './packet.ts';
