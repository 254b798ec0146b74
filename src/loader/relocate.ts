// What a program leaves open is written into its code: descriptors of maps, BTF ids of kernel functions and structures, offsets of
// structure members.

import { fieldOffset, functionId, structureId } from '../bpf-asm/btf/layout.ts';
import type { Btf } from '../bpf-asm/btf/read.ts';
import type { Relocation } from '../bpf-asm/instruction.ts';
import { failure, type Result, success } from './error.ts';

export interface RelocationTargets {
  /** Descriptors by the map's name. */
  readonly maps: ReadonlyMap<string, number>;
  readonly btf?: Btf;
}

const slotSize = 8;
const classMask = 7;
/** LDX, ST and STX: the operand is an address, so a field's offset stands in the offset. */
const memoryClasses: readonly number[] = [1, 2, 3];

function unknown(relocation: Relocation, why: string): Result<never> {
  return failure('unknown-reference', 'BPF_PROG_LOAD', `${relocation.kind} ${relocation.name}: ${why}`);
}

function mapDescriptor(relocation: Relocation, targets: RelocationTargets): Result<number> {
  const descriptor = targets.maps.get(relocation.name);
  return descriptor === undefined ? unknown(relocation, 'no such map') : success(descriptor);
}

function resolve(relocation: Relocation, targets: RelocationTargets): Result<number> {
  const { kind, name } = relocation;
  if (kind === 'map') return mapDescriptor(relocation, targets);
  if (kind === 'subprogram') return unknown(relocation, 'left by the assembler');
  if (targets.btf === undefined) return unknown(relocation, 'needs the BTF of the running kernel');
  const find = { kfunc: functionId, field: fieldOffset, type: structureId }[kind];
  const found = find(targets.btf, name);
  return found.ok ? success(found.value) : unknown(relocation, found.failure.message);
}

function patch(view: DataView, relocation: Relocation, value: number): Result<number> {
  const at = relocation.index * slotSize;
  if (at + slotSize > view.byteLength) return unknown(relocation, 'lies outside of the program');
  const inOffset = relocation.kind === 'field' && memoryClasses.includes(view.getUint8(at) & classMask);
  if (!inOffset) view.setInt32(at + 4, value, true);
  else if (value > 0x7fff) return unknown(relocation, `offset ${value} does not fit 16 bits`);
  else view.setInt16(at + 2, value, true);
  return success(value);
}

/** A copy of the code with every relocation resolved. */
export function relocate(
  code: Uint8Array,
  relocations: readonly Relocation[],
  targets: RelocationTargets,
): Result<Uint8Array> {
  const result = code.slice();
  const view = new DataView(result.buffer);
  for (const relocation of relocations) {
    const value = resolve(relocation, targets);
    if (!value.ok) return value;
    const patched = patch(view, relocation, value.value);
    if (!patched.ok) return patched;
  }
  return success(result);
}
