// Fills in what a kernel's BTF answers: ids of kfuncs and structures, offsets of members. What is left are maps, which
// only a loader has.

import { viewOf } from '../btf/bytes.ts';
import {
  byteOffset,
  type FieldPlace,
  findField,
  functionId,
  resolveType,
  sizeOf,
  structureId,
} from '../btf/layout.ts';
import type { Btf } from '../btf/read.ts';
import { type FormatFailure, failure, type Result } from '../btf/result.ts';
import type { Relocation } from '../instruction.ts';
import { slotLength } from './format.ts';
import { opcode, pseudo } from './functions.ts';
import { memoryAccessSize } from './relocate.ts';

export interface Unresolved {
  readonly relocation: Relocation;
  readonly failure: FormatFailure;
}

export interface ResolvedCode {
  /** A copy, patched where the kernel has what is referred to. */
  readonly code: Uint8Array;
  /** What is left to the loader. */
  readonly relocations: readonly Relocation[];
  /** What this kernel lacks. */
  readonly unresolved: readonly Unresolved[];
}

/** A load must be as wide as the member is in this kernel, or it would read less, or something else too. */
function widthProblem(btf: Btf, path: string, place: FieldPlace, accessSize: number): string | undefined {
  const { id, type } = resolveType(btf, place.type);
  const isScalar = type?.kind === 'int' || type?.kind === 'ptr' || type?.kind === 'enum';
  const size = sizeOf(btf, id);
  if (!isScalar || place.bitSize > 0 || size === accessSize) return undefined;
  return `\`${path}\` has ${size} bytes in this kernel, the program reads ${accessSize}`;
}

function fieldNumber(btf: Btf, path: string, accessSize: number | undefined): Result<number> {
  const place = findField(btf, path);
  if (!place.ok) return place;
  const offset = byteOffset(path, place.value);
  if (!offset.ok || accessSize === undefined) return offset;
  const problem = widthProblem(btf, path, place.value, accessSize);
  if (problem !== undefined) return failure('unsupported', problem);
  return offset.value > 0x7fff
    ? failure('out-of-range', `\`${path}\` lies at byte ${offset.value}, which a load does not reach`)
    : offset;
}

/** The number that the kernel has for a reference. */
function lookUp(btf: Btf, { kind, name }: Relocation, accessSize: number | undefined): Result<number> {
  switch (kind) {
    case 'kfunc':
      return functionId(btf, name);
    case 'field':
      return fieldNumber(btf, name, accessSize);
    default:
      return structureId(btf, name);
  }
}

function patchImmediate(view: DataView, slot: number, value: number): void {
  const at = slot * slotLength;
  view.setInt32(at + 4, value, true);
  if (view.getUint8(at) === opcode.imm64) view.setInt32(at + slotLength + 4, 0, true);
}

function patch(view: DataView, { kind, index }: Relocation, value: number): void {
  const at = index * slotLength;
  if (kind === 'field' && memoryAccessSize(view, index) !== undefined) {
    view.setInt16(at + 2, value, true);
    return;
  }
  patchImmediate(view, index, value);
  if (kind !== 'kfunc') return;
  view.setUint8(at + 1, (view.getUint8(at + 1) & 0x0f) | (pseudo.kfuncCall << 4));
  // The offset of a kfunc call selects a module's BTF; 0 is vmlinux.
  view.setInt16(at + 2, 0, true);
}

/**
 * Patches kfunc, field and type references from the BTF of the kernel that will run the code. A look-up walks all of the
 * BTF (milliseconds), so equal references share one.
 */
export function resolveReferences(
  code: Uint8Array,
  relocations: readonly Relocation[],
  btf: Btf,
): ResolvedCode {
  const patched = code.slice();
  const view = viewOf(patched);
  const isLeft = ({ kind }: Relocation): boolean => kind === 'map' || kind === 'subprogram';
  const unresolved: Unresolved[] = [];
  const answers = new Map<string, Result<number>>();
  for (const relocation of relocations.filter(r => !isLeft(r))) {
    const size = relocation.kind === 'field' ? memoryAccessSize(view, relocation.index) : undefined;
    const key = `${relocation.kind} ${relocation.name} ${size}`;
    const answer = answers.get(key) ?? lookUp(btf, relocation, size);
    answers.set(key, answer);
    if (answer.ok) patch(view, relocation, answer.value);
    else unresolved.push({ relocation, failure: answer.failure });
  }
  return { code: patched, relocations: relocations.filter(isLeft), unresolved };
}
