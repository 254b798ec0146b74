// Code as it stands in an object: references become relocation records, and the instructions hold what clang would leave
// in them, since loaders check or add to that.
//
//   map                    src 0, immediate 0                     R_BPF_64_64 to the map's symbol
//   value of a map         src 0, immediate the offset within it  R_BPF_64_64 to the data's symbol
//   address of a function  src 0, immediate its byte offset       R_BPF_64_64 to .text
//   call of a function     src 1, immediate its slot minus 1      R_BPF_64_32 to .text
//   kfunc                  src 1, immediate -1                    R_BPF_64_32 to an undefined symbol
//   field, type            the local offset or id                 CO-RE record in .BTF.ext

import { viewOf } from '../btf/bytes.ts';
import { type CoreRelocation, coreRelocationKind } from '../btf/ext.ts';
import { parseFieldPath } from '../btf/layout.ts';
import { failure, type Result, success } from '../btf/result.ts';
import type { BtfBuilder } from '../btf/write.ts';
import type { Relocation } from '../instruction.ts';
import { instructionClass } from '../isa.ts';
import type { CoreTypes } from './core-types.ts';
import { relocationType, slotLength } from './format.ts';
import { opcode, pseudo } from './functions.ts';
import type { ImageRelocation, ImageSymbol } from './image.ts';
import { type PlacedFunction, textSymbol } from './place.ts';

/** What the references of a function resolve to. */
export interface ObjectNames {
  readonly builder: BtfBuilder;
  readonly maps: ReadonlyMap<string, ImageSymbol>;
  readonly kfuncs: ReadonlyMap<string, ImageSymbol>;
  readonly core: CoreTypes;
}

export interface RelocatedFunction {
  readonly code: Uint8Array;
  /** Offsets are bytes from the start of the section. */
  readonly relocations: readonly ImageRelocation[];
  readonly core: readonly CoreRelocation[];
}

interface Work {
  readonly placed: PlacedFunction;
  readonly names: ObjectNames;
  readonly view: DataView;
  readonly relocations: ImageRelocation[];
  readonly core: CoreRelocation[];
}

function setSource({ view }: Work, slot: number, source: number): void {
  const at = slot * slotLength + 1;
  view.setUint8(at, (view.getUint8(at) & 0x0f) | (source << 4));
}

function setImmediate({ view }: Work, slot: number, value: number): void {
  view.setInt32(slot * slotLength + 4, value, true);
}

function addRelocation(work: Work, slot: number, symbol: ImageSymbol, type: number): void {
  work.relocations.push({ offset: work.placed.offset + slot * slotLength, symbol, type });
}

function relocateLocal(work: Work): void {
  for (const { slot, callee } of work.placed.references) {
    const target = work.placed.program[callee]?.offset ?? 0;
    const isCall = work.view.getUint8(slot * slotLength) === opcode.call;
    setSource(work, slot, isCall ? pseudo.localCall : 0);
    setImmediate(work, slot, isCall ? target / slotLength - 1 : target);
    addRelocation(work, slot, textSymbol, isCall ? relocationType.call : relocationType.imm64);
  }
}

/** True if the 64-bit immediate at `slot` is the address of a map's value. */
export function isMapValue(view: DataView, slot: number): boolean {
  return view.getUint8(slot * slotLength + 1) >>> 4 === pseudo.mapValue;
}

function relocateMap(work: Work, { index, name }: Relocation): string | undefined {
  const symbol = work.names.maps.get(name);
  if (symbol === undefined) return `map ${name} is not in the object`;
  const offset = isMapValue(work.view, index) ? work.view.getInt32((index + 1) * slotLength + 4, true) : 0;
  setSource(work, index, 0);
  setImmediate(work, index, offset);
  setImmediate(work, index + 1, 0);
  addRelocation(work, index, symbol, relocationType.imm64);
  return undefined;
}

function relocateKfunc(work: Work, { index, name }: Relocation): string | undefined {
  const symbol = work.names.kfuncs.get(name);
  if (symbol === undefined) return `kfunc ${name} is not declared`;
  setSource(work, index, pseudo.localCall);
  setImmediate(work, index, -1);
  work.view.setInt16(index * slotLength + 2, 0, true);
  addRelocation(work, index, symbol, relocationType.call);
  return undefined;
}

function addCore(work: Work, slot: number, type: number, access: string, kind: number): void {
  const offset = work.placed.offset + slot * slotLength;
  work.core.push({ offset, type, access: work.names.builder.string(access), kind });
}

function relocateField(work: Work, { index, name }: Relocation): string | undefined {
  const path = parseFieldPath(name);
  if (!path.ok) return path.failure.message;
  const { type, offset, access } = work.names.core.field(path.value);
  if (offset > 0x7fff) return `\`${name}\` lies too far in its local declaration`;
  if (memoryAccessSize(work.view, index) === undefined) setImmediate(work, index, offset);
  else work.view.setInt16(index * slotLength + 2, offset, true);
  addCore(work, index, type, access, coreRelocationKind.fieldByteOffset);
  return undefined;
}

function relocateType(work: Work, { index, name }: Relocation): string | undefined {
  const type = work.names.core.typeId(name);
  setImmediate(work, index, type);
  addCore(work, index, type, '0', coreRelocationKind.typeIdTarget);
  return undefined;
}

/** Bytes that the instruction at `slot` loads or stores; undefined for one that takes a number. */
export function memoryAccessSize(view: DataView, slot: number): number | undefined {
  const code = view.getUint8(slot * slotLength);
  const group = code & 0x07;
  const isMemory =
    group === instructionClass.ldx || group === instructionClass.st || group === instructionClass.stx;
  return isMemory ? [4, 2, 1, 8][(code >>> 3) & 3] : undefined;
}

function relocateOne(work: Work, relocation: Relocation): string | undefined {
  switch (relocation.kind) {
    case 'map':
      return relocateMap(work, relocation);
    case 'kfunc':
      return relocateKfunc(work, relocation);
    case 'field':
      return relocateField(work, relocation);
    case 'type':
      return relocateType(work, relocation);
    case 'subprogram':
      return `subprogram ${relocation.name} is not in the program`;
  }
}

/** The function's code with its references taken out into records. */
export function relocateFunction(placed: PlacedFunction, names: ObjectNames): Result<RelocatedFunction> {
  const code = placed.code.slice();
  const work: Work = { placed, names, view: viewOf(code), relocations: [], core: [] };
  relocateLocal(work);
  for (const relocation of placed.relocations) {
    const problem = relocateOne(work, relocation);
    if (problem !== undefined) return failure('not-found', `${placed.name}: ${problem}`);
  }
  work.relocations.sort((a, b) => a.offset - b.offset);
  return success({ code, relocations: work.relocations, core: work.core });
}
