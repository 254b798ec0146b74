// What a loader embeds to work with maps at run time. It needs a map of a translation or of the manifest and nothing of the
// translator but datatypes, literals and the layout of sets.

export type { OutputOptions } from '../ast/print/options.ts';
export type { EvaluateOptions, MachineNames } from '../ast/type/options.ts';
export { type Counter, decodeCounters } from './counters.ts';
export { decodeElement, decodeElements } from './decode.ts';
export { type CounterMove, type Difference, diff, type ProgramChange } from './diff.ts';
export { type Encoding, encodeElement, encodeElements, type SetChange } from './encode.ts';
export type { GivenMap } from './given-map.ts';
export { decodeLog, type LogMap, type LogRecord } from './log.ts';
export type { Result } from './result.ts';
export { applyUpdates, type MapUpdate } from './updates.ts';
