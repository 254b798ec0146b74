// A program that uses everything an object can hold, and small things around it. It reads kernel structures by
// CO-RE and by kfuncs, and gives `seen`, two words of an array map, the packet's length and the index of its
// device.

import type { ElfInput } from '../../src/bpf-asm/elf/write.ts';
import {
  type AssemblyItem,
  add64,
  assemble,
  call,
  callKfunc,
  callLocal,
  exit,
  helperNumber,
  jumpIf,
  label,
  load,
  loadField,
  loadFunction,
  loadMap,
  loadMapValue,
  mov64,
  movField,
  movType,
  R0,
  R1,
  R2,
  R3,
  R4,
  R6,
  R7,
  R10,
  store,
  storeImm,
} from '../../src/bpf-asm/index.ts';
import type { AssembledProgram } from '../../src/bpf-asm/instruction.ts';
import type { MapDefinition } from '../../src/bpf-asm/map-spec.ts';

export function assembled(name: string, items: readonly AssemblyItem[]): AssembledProgram {
  const result = assemble({ name, items });
  if (!result.ok) throw new Error(JSON.stringify(result.errors));
  return result.program;
}

export function sampleMap(more: Partial<MapDefinition> & { readonly name: string }): MapDefinition {
  const none = new Uint8Array(0);
  return {
    type: 'array',
    keySize: 4,
    valueSize: 8,
    maxEntries: 1,
    flags: 0,
    count: 0,
    keys: none,
    values: none,
    ...more,
  };
}

/** BPF_F_RDONLY_PROG */
const readOnly = 0x80;

export const sampleMaps: readonly MapDefinition[] = [
  sampleMap({ name: 'seen' }),
  sampleMap({
    name: 'table',
    valueSize: 8,
    flags: readOnly,
    count: 1,
    keys: new Uint8Array(4),
    values: Uint8Array.of(1, 0, 0, 0, 40, 0, 0, 0),
  }),
  sampleMap({
    name: 'lpm_set',
    type: 'lpm_trie',
    keySize: 8,
    valueSize: 1,
    maxEntries: 0x80000000,
    flags: 1,
  }),
];

/** Returns the second word of `table`, 40, plus 2 that a subprogram adds, if a callback ran three times. */
const sampleItems: readonly AssemblyItem[] = [
  mov64(R6, R1),
  storeImm(4, R10, -4, 0),
  loadMap(R1, 'seen'),
  mov64(R2, R10),
  add64(R2, -4),
  call(helperNumber.map_lookup_elem),
  jumpIf('eq', R0, 0, 'nothing'),
  mov64(R7, R0),
  mov64(R1, R6),
  callKfunc('bpf_cast_to_kern_ctx'),
  mov64(R6, R0),
  loadField(4, R1, R6, 'sk_buff.len'),
  store(4, R7, 0, R1),
  loadField(8, R1, R6, 'sk_buff.dev'),
  movField(R3, 'net_device.ifindex'),
  movType(R2, 'net_device'),
  callKfunc('bpf_rdonly_cast'),
  loadField(4, R1, R0, 'net_device.ifindex'),
  store(4, R7, 4, R1),
  storeImm(8, R10, -16, 0),
  mov64(R1, 3),
  loadFunction(R2, 'callback'),
  mov64(R3, R10),
  add64(R3, -16),
  mov64(R4, 0),
  call(helperNumber.loop),
  load(8, R1, R10, -16),
  jumpIf('ne', R1, 3, 'nothing'),
  loadMapValue(R1, 'table', 4),
  load(4, R1, R1, 0),
  callLocal('addTwo'),
  exit(),
  label('nothing'),
  mov64(R0, 0),
  exit(),
  label('callback'),
  load(8, R1, R2, 0),
  add64(R1, 1),
  store(8, R2, 0, R1),
  mov64(R0, 0),
  exit(),
  label('addTwo'),
  mov64(R0, R1),
  add64(R0, 2),
  exit(),
];

/** What `sampleItems` returns. */
export const sampleResult = 42;

export function sampleInput(name = 'sample', section = 'classifier'): ElfInput {
  const { code, relocations, origins } = assembled(name, sampleItems);
  const lines = [...origins].map((_, slot) => ({
    slot,
    file: 'rules.nft',
    text: `line for slot ${slot}`,
    line: slot + 1,
    column: 3,
  }));
  return {
    programs: [{ name, section, code, relocations, lines }],
    maps: sampleMaps,
    fieldKinds: { 'sk_buff.dev': 'pointer', 'net_device.ifindex': 'signed' },
  };
}
