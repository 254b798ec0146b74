// BTF as a library: read a kernel's, write an object's.

export {
  type CoreRelocation,
  coreRelocationKind,
  type FunctionInfo,
  type LineInfo,
  readBtfExt,
  type SectionInfo,
  writeBtfExt,
} from './ext.ts';
export { kfuncPrototypes } from './kfuncs.ts';
export {
  enumValue,
  type FieldPath,
  type FieldPlace,
  fieldOffset,
  findField,
  functionId,
  type PathStep,
  parseFieldPath,
  placeOf,
  resolveType,
  sizeOf,
  structureId,
} from './layout.ts';
export { type Btf, btfString, findTypes, readBtf, typeAt } from './read.ts';
export type { FormatFailure, FormatFailureCode, Result } from './result.ts';
export type {
  BtfEnumValue,
  BtfKind,
  BtfMember,
  BtfParameter,
  BtfType,
  BtfVariable,
  Linkage,
  TypeId,
} from './types.ts';
export { BtfBuilder } from './write.ts';
