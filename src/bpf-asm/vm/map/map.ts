// What all maps have in common. A look-up gives a place in the map's value memory, as in the kernel: programs read
// and write values there directly.

import type { MapDefinition } from '../../map-spec.ts';
import type { Memory, Region } from '../memory.ts';

/** BPF_* flags of an update. */
export const UpdateFlag = { any: 0, noExist: 1, exist: 2 } as const;

/** Negative error numbers as helpers return them. */
export const errno = {
  ENOENT: -2,
  E2BIG: -7,
  EAGAIN: -11,
  EFAULT: -14,
  EEXIST: -17,
  EINVAL: -22,
  ENOSPC: -28,
} as const;

export interface VmMap {
  readonly definition: MapDefinition;
  /** What a program holds as "the map"; it cannot be read through. */
  readonly handle: Region;
  /** Value memory; undefined in a ring buffer. */
  readonly values: Region | undefined;
  /** Offset of the value in `values`, or -1. */
  lookup(key: Uint8Array): number;
  /** 0 or a negative error number. */
  update(key: Uint8Array, value: Uint8Array, flags: number): number;
  /** 0 or a negative error number. */
  delete(key: Uint8Array): number;
  /** Copies of all keys and values. */
  entries(): { readonly key: Uint8Array; readonly value: Uint8Array }[];
}

/** Bytes from one value to the next: the kernel aligns values to 8. */
export function valueStride(definition: MapDefinition): number {
  return (definition.valueSize + 7) & ~7;
}

export function addHandle(definition: MapDefinition, memory: Memory): Region {
  return memory.add(`the map ${definition.name}`, new Uint8Array(0), { writable: false });
}

/** A copy of the value at an offset of the value memory. */
export function copyValue(definition: MapDefinition, values: Region, offset: number): Uint8Array {
  return values.bytes.slice(offset, offset + definition.valueSize);
}

/** Puts in the contents that the definition gives. Returns the first error number, or 0. */
export function fill(map: VmMap): number {
  const { count, keySize, valueSize, keys, values } = map.definition;
  for (let i = 0; i < count; i++) {
    const key = keys.subarray(i * keySize, (i + 1) * keySize);
    const value = values.subarray(i * valueSize, (i + 1) * valueSize);
    const error = map.update(key, value, UpdateFlag.any);
    if (error !== 0) return error;
  }
  return 0;
}
