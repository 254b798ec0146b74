// Look-ups in a map's contents as programs make them, to see what packets would meet between two updates.

import { MapTable, Memory, type VmMap } from '../../../src/bpf-asm/vm/index.ts';
import type { BpfMap } from '../../../src/lower/program.ts';
import type { MapUpdate } from '../../../src/runtime/updates.ts';

const viewOf = ({ buffer, byteOffset, length }: Uint8Array): DataView =>
  new DataView(buffer, byteOffset, length);

/** A map in the interpreter, which takes and refuses updates as the kernel does. */
export class LiveMap {
  private readonly map: VmMap;
  private readonly definition: BpfMap;

  constructor(definition: BpfMap) {
    const map = new MapTable(new Memory()).add(definition);
    if (typeof map === 'number') throw new Error(`map ${definition.name}: error ${map}`);
    this.map = map;
    this.definition = definition;
  }

  update(update: MapUpdate): void {
    const error =
      update.kind === 'delete'
        ? this.map.delete(update.key)
        : this.map.update(update.key, update.value, update.flags);
    if (error !== 0) throw new Error(`${update.kind} of map ${update.map}: error ${error}`);
  }

  /** What a program makes of the entry that a key finds, as text; `missing` if it finds none. */
  answer(key: Uint8Array): string {
    const value = this.definition.type === 'array' ? this.scan(key) : this.find(key);
    if (value === undefined) return 'missing';
    const { role } = this.definition;
    if (role.kind !== 'set' || role.data === undefined) return 'found';
    return value.subarray(role.data.offset, role.start ?? value.length).join(' ');
  }

  private find(key: Uint8Array): Uint8Array | undefined {
    const { valueSize } = this.definition;
    const at = this.map.lookup(key);
    return at < 0 ? undefined : this.map.values!.bytes.slice(at, at + valueSize);
  }

  /** `key` is the bounds of an entry: lower ones are looked for. */
  private scan(key: Uint8Array): Uint8Array | undefined {
    for (const { value } of this.map.entries()) {
      const state = viewOf(value).getBigUint64(0, true);
      if (state === 0n) return undefined;
      if (state === 1n && this.holds(value, key)) return value;
    }
    return undefined;
  }

  private holds(entry: Uint8Array, key: Uint8Array): boolean {
    const { role } = this.definition;
    if (role.kind !== 'set') return false;
    return role.key!.every(({ offset, upper, bytes }) => {
      const wanted = numberAt(key, offset, bytes);
      return numberAt(entry, offset, bytes) <= wanted && wanted <= numberAt(entry, upper!, bytes);
    });
  }
}

function numberAt(bytes: Uint8Array, at: number, length: number): bigint {
  const first = viewOf(bytes).getBigUint64(at, true);
  return length <= 8 ? first : (first << 64n) | viewOf(bytes).getBigUint64(at + 8, true);
}

/** Keys that are in one of the maps, and (of prefixes) their last values. */
export function keysOf(map: BpfMap): Uint8Array[] {
  const { keys, values, keySize, valueSize, count, type } = map;
  return Array.from({ length: count }, (_, index) => index).flatMap(index => {
    const key = keys.slice(index * keySize, (index + 1) * keySize);
    if (type === 'array') return [values.slice(index * valueSize, (index + 1) * valueSize)];
    return type === 'lpm_trie' ? endsOf(key) : [key];
  });
}

/** The first and the last value of a prefix, as keys of a look-up. */
function endsOf(key: Uint8Array): Uint8Array[] {
  const bits = (key.length - 4) * 8;
  const length = viewOf(key).getUint32(0, true);
  const [first, last] = [key.slice(), key.slice()];
  for (const end of [first, last]) viewOf(end).setUint32(0, bits, true);
  for (let bit = length; bit < bits; bit++) last[4 + (bit >> 3)]! |= 0x80 >> (bit & 7);
  return [first, last];
}
