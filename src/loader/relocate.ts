// What a program leaves open is written into its code: first what the kernel's types answer, then descriptors of maps.

import type { Btf } from '../bpf-asm/btf/read.ts';
import { resolveReferences } from '../bpf-asm/elf/resolve.ts';
import type { Relocation } from '../bpf-asm/instruction.ts';
import { failure, type Result, success } from './error.ts';

export interface RelocationTargets {
  /** Descriptors by the map's name. */
  readonly maps: ReadonlyMap<string, number>;
  readonly btf?: Btf;
}

const slotSize = 8;

function unknown({ kind, name }: Relocation, why: string): Result<never> {
  return failure('unknown-reference', 'BPF_PROG_LOAD', `${kind} ${name}: ${why}`);
}

/** Writes map descriptors; the second half of the instruction (an offset into the map's value) stays. */
function patchMaps(
  code: Uint8Array,
  relocations: readonly Relocation[],
  maps: ReadonlyMap<string, number>,
): Result<Uint8Array> {
  const view = new DataView(code.buffer, code.byteOffset, code.length);
  for (const relocation of relocations) {
    if (relocation.kind === 'subprogram') return unknown(relocation, 'left open by the assembler');
    if (relocation.kind !== 'map') return unknown(relocation, 'needs the BTF of the running kernel');
    const descriptor = maps.get(relocation.name);
    if (descriptor === undefined) return unknown(relocation, 'no such map');
    view.setInt32(relocation.index * slotSize + 4, descriptor, true);
  }
  return success(code);
}

/** A copy of the code with every relocation resolved. */
export function relocate(
  code: Uint8Array,
  relocations: readonly Relocation[],
  { maps, btf }: RelocationTargets,
): Result<Uint8Array> {
  if (btf === undefined) return patchMaps(code.slice(), relocations, maps);
  const resolved = resolveReferences(code, relocations, btf);
  const [lacking] = resolved.unresolved;
  if (lacking !== undefined) return unknown(lacking.relocation, lacking.failure.message);
  return patchMaps(resolved.code, resolved.relocations, maps);
}
