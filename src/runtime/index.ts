// What a loader embeds to work with maps at run time. It needs a map of a translation or of the manifest and nothing of the
// translator but datatypes, literals and the layout of sets.

// Types only. `nft2bpf` exports it as well: the bundler of declarations writes a namespace wrongly (`typeof` of types) unless
// it lies in one file with its members, which are those that both entries share.
export type * as ast from '../ast/nodes/index.ts';
export type { OutputOptions } from '../ast/print/options.ts';
export type { EvaluateOptions, MachineNames } from '../ast/type/options.ts';
export { type Counter, decodeCounters } from './counters.ts';
export { type DecodeOptions, decodeElement, decodeElements } from './decode.ts';
export { type CounterMove, type Difference, diff, type ProgramChange } from './diff.ts';
export {
  type EncodeOptions,
  type Encoding,
  encodeElement,
  encodeElements,
  type SetChange,
} from './encode.ts';
export type { GivenMap } from './given-map.ts';
export { decodeLog, type LogMap, type LogRecord } from './log.ts';
export type { Result } from './result.ts';
export { applyUpdates, type MapUpdate } from './updates.ts';
