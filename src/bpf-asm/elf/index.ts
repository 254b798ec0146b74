// BPF object files as a library: write what loaders take, read what compilers and `writeElf` make.

export type { FieldKind } from './core-types.ts';
export type { ProgramCode, SourceLine } from './functions.ts';
export type { ElfProgram } from './place.ts';
export { type BpfObject, type ObjectFunction, type ObjectMap, readElf } from './read.ts';
export {
  type ElfImage,
  type ElfSymbol,
  readImage,
  type Section,
  type SectionRelocation,
} from './read-image.ts';
export { type ResolvedCode, resolveReferences, type Unresolved } from './resolve.ts';
export { type ElfInput, writeElf } from './write.ts';
