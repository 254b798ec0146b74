// Maps: created, filled, read. An entry of a per-CPU map is one value for each possible CPU, each padded to 8 bytes.

import { type MapDefinition, mapTypeNumber } from '../bpf-asm/map-spec.ts';
import { Attribute } from './attribute.ts';
import { failure, type Result, success } from './error.ts';
import type { System } from './system.ts';

export interface LoadedMap {
  readonly fd: number;
  readonly definition: MapDefinition;
}

function isPerCpu(definition: MapDefinition): boolean {
  return definition.type === 'percpu_array' || definition.type === 'percpu_hash';
}

function paddedSize(definition: MapDefinition): number {
  return (definition.valueSize + 7) & ~7;
}

/** Bytes of one value as bpf(2) passes it. */
function transferSize(system: System, definition: MapDefinition): number {
  return isPerCpu(definition) ? paddedSize(definition) * system.possibleCpus : definition.valueSize;
}

function checkDefinition(definition: MapDefinition): string | undefined {
  const { name, count, keys, values, keySize, valueSize } = definition;
  if (!/^[A-Za-z0-9_]{1,15}$/.test(name)) return `the kernel takes no map name ${JSON.stringify(name)}`;
  if (keys.length !== count * keySize)
    return `map ${name}: ${keys.length} bytes of keys for ${count} entries`;
  if (values.length !== count * valueSize)
    return `map ${name}: ${values.length} bytes of values for ${count} entries`;
  return undefined;
}

/** Creates an empty map. */
export function createMap(system: System, definition: MapDefinition): Result<LoadedMap> {
  const problem = checkDefinition(definition);
  if (problem !== undefined) return failure('does-not-fit', 'BPF_MAP_CREATE', problem);
  const attribute = new Attribute(system)
    .u32(0, mapTypeNumber[definition.type])
    .u32(4, definition.keySize)
    .u32(8, definition.valueSize)
    .u32(12, definition.maxEntries)
    .u32(16, definition.flags)
    .name(28, definition.name);
  const created = system.bpf('BPF_MAP_CREATE', attribute);
  return created.ok ? success({ fd: created.value, definition }) : created;
}

function element(system: System, map: LoadedMap, key: Uint8Array, value: Uint8Array): Attribute {
  return new Attribute(system).u32(0, map.fd).pointer(8, key).pointer(16, value);
}

/** Writes an entry; in a per-CPU map every CPU gets `value`. `flags`: BPF_ANY 0, BPF_NOEXIST 1, BPF_EXIST 2. */
export function updateEntry(
  system: System,
  map: LoadedMap,
  key: Uint8Array,
  value: Uint8Array,
  flags = 0,
): Result<number> {
  const { definition } = map;
  if (key.length !== definition.keySize || value.length !== definition.valueSize) {
    return failure(
      'does-not-fit',
      'BPF_MAP_UPDATE_ELEM',
      `map ${definition.name}: wrong length of key or value`,
    );
  }
  const data = new Uint8Array(transferSize(system, definition));
  for (let at = 0; at < data.length; at += isPerCpu(definition) ? paddedSize(definition) : data.length) {
    data.set(value, at);
  }
  return system.bpf('BPF_MAP_UPDATE_ELEM', element(system, map, key, data).u64(24, BigInt(flags)));
}

/** Takes an entry away; that it is not there is a failure. */
export function deleteEntry(system: System, map: LoadedMap, key: Uint8Array): Result<number> {
  const { name, keySize } = map.definition;
  if (key.length !== keySize)
    return failure('does-not-fit', 'BPF_MAP_DELETE_ELEM', `map ${name}: wrong length of key`);
  return system.bpf('BPF_MAP_DELETE_ELEM', new Attribute(system).u32(0, map.fd).pointer(8, key));
}

const ENOENT = 2;

/** The values of an entry: one, or one a possible CPU; none if there is no such entry. */
export function lookupEntry(system: System, map: LoadedMap, key: Uint8Array): Result<readonly Uint8Array[]> {
  const { definition } = map;
  if (key.length !== definition.keySize) {
    return failure('does-not-fit', 'BPF_MAP_LOOKUP_ELEM', `map ${definition.name}: wrong length of key`);
  }
  const data = new Uint8Array(transferSize(system, definition));
  const found = system.bpf('BPF_MAP_LOOKUP_ELEM', element(system, map, key, data));
  if (!found.ok) return found.error.errno === ENOENT ? success([]) : found;
  if (!isPerCpu(definition)) return success([data]);
  const step = paddedSize(definition);
  return success(
    Array.from({ length: system.possibleCpus }, (_, cpu) =>
      data.subarray(cpu * step, cpu * step + definition.valueSize),
    ),
  );
}

/** The key behind `key` in the map's own order, the first one for none; undefined at the end. */
function nextKey(
  system: System,
  { fd, definition }: LoadedMap,
  key: Uint8Array | undefined,
): Result<Uint8Array | undefined> {
  const next = new Uint8Array(definition.keySize);
  const attribute = new Attribute(system).u32(0, fd).pointer(16, next);
  if (key !== undefined) attribute.pointer(8, key);
  const found = system.bpf('BPF_MAP_GET_NEXT_KEY', attribute);
  if (found.ok) return success(next);
  return found.error.errno === ENOENT ? success(undefined) : found;
}

/** The keys of all entries, in the map's own order. */
export function allKeys(system: System, map: LoadedMap): Result<readonly Uint8Array[]> {
  const keys: Uint8Array[] = [];
  // A key that is removed meanwhile begins the walk anew; there are never more keys than the map has room for.
  for (let key: Uint8Array | undefined; keys.length <= map.definition.maxEntries; ) {
    const next = nextKey(system, map, key);
    if (!next.ok) return next;
    if (next.value === undefined) break;
    key = next.value;
    keys.push(key);
  }
  return success(keys);
}

/** What is in a map. Of a per-CPU map each entry has the values of all possible CPUs one after the other. */
export interface MapContents {
  readonly count: number;
  readonly keys: Uint8Array;
  readonly values: Uint8Array;
}

function joined(parts: readonly Uint8Array[], size: number): Uint8Array {
  const bytes = new Uint8Array(parts.length * size);
  for (const [index, part] of parts.entries()) bytes.set(part, index * size);
  return bytes;
}

/** Reads all entries, as `{ ...map, ...contents }` gives them to `decodeElements` and `encodeElement`. */
export function readContents(system: System, map: LoadedMap): Result<MapContents> {
  const all = allKeys(system, map);
  if (!all.ok) return all;
  const keys: Uint8Array[] = [];
  const values: Uint8Array[] = [];
  for (const key of all.value) {
    const found = lookupEntry(system, map, key);
    if (!found.ok) return found;
    // An entry that a program removed meanwhile has none.
    if (found.value.length === 0) continue;
    keys.push(key);
    values.push(...found.value);
  }
  const { keySize, valueSize } = map.definition;
  return success({ count: keys.length, keys: joined(keys, keySize), values: joined(values, valueSize) });
}

/** The key of entry `index` of an array. */
export function arrayKey(index: number): Uint8Array {
  const key = new Uint8Array(4);
  new DataView(key.buffer).setUint32(0, index, true);
  return key;
}

function fillSlowly(system: System, map: LoadedMap): Result<number> {
  const { count, keySize, valueSize, keys, values } = map.definition;
  for (let i = 0; i < count; i++) {
    const key = keys.subarray(i * keySize, (i + 1) * keySize);
    const updated = updateEntry(system, map, key, values.subarray(i * valueSize, (i + 1) * valueSize));
    if (!updated.ok) return updated;
  }
  return success(0);
}

/** Puts the definition's contents into the map, in one call where the kernel can. */
export function fillMap(system: System, map: LoadedMap): Result<number> {
  const { count, keys, values } = map.definition;
  if (count === 0 || isPerCpu(map.definition)) return fillSlowly(system, map);
  const attribute = new Attribute(system)
    .pointer(16, keys)
    .pointer(24, values)
    .u32(32, count)
    .u32(36, map.fd);
  const filled = system.bpf('BPF_MAP_UPDATE_BATCH', attribute);
  return filled.ok ? filled : fillSlowly(system, map);
}

/** From now on the map cannot be written through bpf(2); programs still can, unless BPF_F_RDONLY_PROG is set. */
export function freezeMap(system: System, map: LoadedMap): Result<number> {
  return system.bpf('BPF_MAP_FREEZE', new Attribute(system).u32(0, map.fd));
}
