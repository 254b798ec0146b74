// A BPF map as a loader creates it.

export type MapType = 'hash' | 'array' | 'percpu_array' | 'percpu_hash' | 'lpm_trie' | 'ringbuf';

/** BPF_MAP_TYPE_* numbers of uapi/linux/bpf.h. */
export const mapTypeNumber: Readonly<Record<MapType, number>> = {
  hash: 1,
  array: 2,
  percpu_hash: 5,
  percpu_array: 6,
  lpm_trie: 11,
  ringbuf: 27,
};

/** Sizes in bytes; contents as columns: `count` keys and as many values, one after the other. */
export interface MapDefinition {
  /** At most 15 characters of [A-Za-z0-9_]: what the kernel takes as a map's name. */
  readonly name: string;
  readonly type: MapType;
  readonly keySize: number;
  readonly valueSize: number;
  readonly maxEntries: number;
  /** BPF_F_* bits of map creation. */
  readonly flags: number;
  readonly count: number;
  readonly keys: Uint8Array;
  readonly values: Uint8Array;
}
