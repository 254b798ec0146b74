// The public surface, and nothing else.

export { evaluate } from './ast/evaluate.ts';
export type * as ast from './ast/nodes/index.ts';
export type { OutputOptions } from './ast/print/options.ts';
export type { EvaluateOptions, MachineNames } from './ast/type/options.ts';
export { type Answer, answer, type RequestId } from './batch/answer.ts';
export type { AnswerDiagnostic, AnswerPlace } from './batch/answer-diagnostic.ts';
export { assemble } from './bpf-asm/assemble.ts';
export { disassemble } from './bpf-asm/disassemble.ts';
export {
  type ChainReport,
  type ExplainOptions,
  explain,
  type RuleReport,
  type StayReason,
} from './lower/explain.ts';
export { lift } from './lower/lift/index.ts';
export { printRuleset, printRulesetJson } from './lower/lift/print.ts';
export type { Device } from './lower/linear/eval/index.ts';
export type * from './lower/linear/ir.ts';
export { linearize } from './lower/linear/linearize.ts';
export { printIr } from './lower/linear/print.ts';
export { lower } from './lower/lower.ts';
export { toElf } from './lower/output/elf.ts';
export { listing } from './lower/output/listing.ts';
export { toJson } from './lower/output/manifest.ts';
export { resolve } from './lower/output/resolve.ts';
export type * from './lower/program.ts';
export type { ConntrackState, PacketContext, PacketPlace } from './lower/run/index.ts';
export type { Family, Hook } from './model/family.ts';
export { type FormatOptions, type FormatResult, format } from './nft-grammar/format/format.ts';
export type {
  IncludeReader,
  ParseLimits,
  ParseOptions,
  ParseResult,
  SourceInput,
  TextInput,
} from './nft-grammar/options.ts';
export { parse } from './nft-grammar/parse.ts';
export { type Counter, decodeCounters } from './runtime/counters.ts';
export { decodeElement, decodeElements } from './runtime/decode.ts';
export { type CounterMove, type Difference, diff, type ProgramChange } from './runtime/diff.ts';
export { type Encoding, encodeElement, encodeElements, type SetChange } from './runtime/encode.ts';
export type { GivenMap } from './runtime/given-map.ts';
export { decodeLog, type LogMap, type LogRecord } from './runtime/log.ts';
export type { Result } from './runtime/result.ts';
export { applyUpdates, type MapUpdate } from './runtime/updates.ts';
export { createSimulation, type Decision, type Simulation } from './simulate.ts';
export type { Diagnostic, DiagnosticFix, DiagnosticNote, Severity } from './source/diagnostic.ts';
export { jsonPath } from './source/json-path.ts';
export { renderDiagnostics } from './source/render.ts';
export type { FileId, SourceFile, Span } from './source/span.ts';
export { type TranslateOptions, type Translation, translate } from './translate.ts';
