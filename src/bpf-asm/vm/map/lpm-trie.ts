// Longest prefix match. A key is a prefix length (32 bits, host order) and data, most significant byte first. There is one
// table per prefix length; a look-up asks them from the longest down, which gives what the kernel's trie gives.

import type { MapDefinition } from '../../map-spec.ts';
import type { Memory, Region } from '../memory.ts';
import { addHandle, copyValue, errno, UpdateFlag, type VmMap } from './map.ts';
import { ValuePool } from './pool.ts';

/** The first `length` bits of the data, as a string. */
function prefixText(data: Uint8Array, length: number): string {
  const full = length >> 3;
  const rest = length & 7;
  const text = String.fromCharCode(...data.subarray(0, full));
  return rest === 0 ? text : text + String.fromCharCode(data[full]! & (0xff00 >> rest));
}

interface Entry {
  readonly key: Uint8Array;
  readonly place: number;
}

export class LpmTrie implements VmMap {
  readonly definition: MapDefinition;
  readonly handle: Region;
  readonly values: Region;
  private readonly pool: ValuePool;
  /** By prefix length. */
  private readonly tables: Map<string, Entry>[];
  private count = 0;

  constructor(definition: MapDefinition, memory: Memory) {
    this.definition = definition;
    this.handle = addHandle(definition, memory);
    this.pool = new ValuePool(definition, memory);
    this.values = this.pool.region;
    this.tables = Array.from({ length: this.longest + 1 }, () => new Map());
  }

  private get longest(): number {
    return (this.definition.keySize - 4) * 8;
  }

  private prefixLength(key: Uint8Array): number {
    return new DataView(key.buffer, key.byteOffset).getUint32(0, true);
  }

  lookup(key: Uint8Array): number {
    const length = this.prefixLength(key);
    if (length > this.longest) return -1;
    const data = key.subarray(4);
    for (let i = length; i >= 0; i--) {
      const table = this.tables[i]!;
      const entry = table.size === 0 ? undefined : table.get(prefixText(data, i));
      if (entry !== undefined) return entry.place;
    }
    return -1;
  }

  update(key: Uint8Array, value: Uint8Array, flags: number): number {
    const length = this.prefixLength(key);
    if (flags > UpdateFlag.exist || length > this.longest) return errno.EINVAL;
    const table = this.tables[length]!;
    const text = prefixText(key.subarray(4), length);
    const known = table.get(text);
    if (known !== undefined && flags === UpdateFlag.noExist) return errno.EEXIST;
    if (known === undefined && flags === UpdateFlag.exist) return errno.ENOENT;
    if (known === undefined && this.count >= this.definition.maxEntries) return errno.ENOSPC;
    if (known === undefined) this.count++;
    const place = known?.place ?? this.pool.take();
    table.set(text, { key: key.slice(), place });
    this.values.bytes.set(value, place);
    return 0;
  }

  delete(key: Uint8Array): number {
    const length = this.prefixLength(key);
    if (length > this.longest) return errno.EINVAL;
    const table = this.tables[length]!;
    const text = prefixText(key.subarray(4), length);
    const entry = table.get(text);
    if (entry === undefined) return errno.ENOENT;
    table.delete(text);
    this.count--;
    this.pool.release(entry.place);
    return 0;
  }

  entries(): { key: Uint8Array; value: Uint8Array }[] {
    return this.tables.flatMap(table =>
      Array.from(table.values(), ({ key, place }) => ({
        key: key.slice(),
        value: copyValue(this.definition, this.values, place),
      })),
    );
  }
}
