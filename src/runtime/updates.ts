// From one content of a map to another while programs use it. Updates are ordered so that each look-up gives what it
// gave before or what it is to give, and nothing third:
// - hash: each key is one update
// - prefixes: new ones come first, the longest before the shorter ones that it hides; old ones go last, the shortest first
// - lists: elements are added at the end and then taken away from the end on; moving one down copies it first
// A packet that makes several look-ups may still see some of the old and some of the new.

import type { BpfMap } from '../lower/program.ts';
import { scanState } from '../lower/sets/layout-scan.ts';
import { type Entry, entriesOf, entryAt, keyText, sameBytes, withEntries } from './entries.ts';
import { liveEntries, prefixLength, stateOf } from './map-elements.ts';
import type { EntryForm } from './set-form.ts';

/** An update of one entry of the map called `map`, as BPF_MAP_UPDATE_ELEM and BPF_MAP_DELETE_ELEM take it. */
export type MapUpdate =
  | {
      readonly kind: 'update';
      readonly map: string;
      readonly key: Uint8Array;
      readonly value: Uint8Array;
      /** BPF_ANY 0; BPF_NOEXIST 1: fails if the key is there; BPF_EXIST 2: fails unless it is. */
      readonly flags: 0 | 1 | 2;
    }
  | { readonly kind: 'delete'; readonly map: string; readonly key: Uint8Array };

export interface Plan {
  readonly updates: readonly MapUpdate[];
  /** Each look-up sees the old or the new contents. Else a look-up may miss what is in both: there was no room to add first. */
  readonly atomic: boolean;
}

const noPlan: Plan = { updates: [], atomic: true };

function put(map: BpfMap, { key, value }: Entry, flags: 0 | 1 | 2): MapUpdate {
  return { kind: 'update', map: map.name, key, value, flags };
}

const remove = (map: BpfMap, { key }: Entry): MapUpdate => ({ kind: 'delete', map: map.name, key });

/** Entries of a hash or a trie. */
function planKeyed(set: EntryForm, before: BpfMap, after: BpfMap): Plan {
  const [old, wanted] = [entriesOf(before), entriesOf(after)];
  const added = [...wanted].filter(([key]) => !old.has(key)).map(([, entry]) => entry);
  const removed = [...old].filter(([key]) => !wanted.has(key)).map(([, entry]) => entry);
  const changed = [...wanted].filter(([key, { value }]) => {
    const known = old.get(key);
    return known !== undefined && !sameBytes(known.value, value);
  });
  if (set.form === 'lpm') {
    added.sort((a, b) => prefixLength(b) - prefixLength(a));
    removed.sort((a, b) => prefixLength(a) - prefixLength(b));
  }
  const isMap = set.role.data !== undefined;
  const additions = added.map(entry => put(before, entry, isMap ? 1 : 0));
  const changes = changed.map(([, entry]) => put(before, entry, 2));
  const removals = removed.map(entry => remove(before, entry));
  const hasRoom = old.size + added.length <= before.maxEntries || removals.length === 0;
  if (hasRoom) return { updates: [...additions, ...changes, ...removals], atomic: true };
  return { updates: [...removals, ...additions, ...changes], atomic: false };
}

function indexKey(index: number): Uint8Array {
  const key = new Uint8Array(4);
  new DataView(key.buffer).setUint32(0, index, true);
  return key;
}

function withState(value: Uint8Array, state: number): Uint8Array {
  const bytes = value.slice();
  new DataView(bytes.buffer).setBigUint64(0, BigInt(state), true);
  return bytes;
}

/** The entries of a list, changed one update at a time. Undefined: not an element. */
class ListEditor {
  readonly updates: MapUpdate[] = [];
  private readonly map: BpfMap;
  private readonly slots: (Uint8Array | undefined)[];
  private readonly values: Uint8Array[];

  constructor(set: EntryForm, map: BpfMap) {
    this.map = map;
    this.values = liveEntries(set, map).map(({ value }) => value);
    this.slots = this.values.map(value => (stateOf(value) === scanState.element ? value : undefined));
  }

  elements(): Uint8Array[] {
    return this.slots.filter(slot => slot !== undefined);
  }

  /** The slot behind the last element. */
  private get end(): number {
    let end = this.slots.length;
    while (end > 0 && this.slots[end - 1] === undefined) end--;
    return end;
  }

  room(): number {
    return this.map.maxEntries - this.end;
  }

  /** The kernel writes an entry word by word: what is looked at meanwhile must not be taken for an element. */
  private fill(index: number, value: Uint8Array): void {
    this.write(index, withState(value, scanState.removed));
    this.write(index, value);
    this.slots[index] = value;
  }

  private write(index: number, value: Uint8Array): void {
    this.updates.push(put(this.map, { key: indexKey(index), value }, 0));
    this.values[index] = value;
  }

  append(value: Uint8Array): void {
    this.fill(this.end, value);
  }

  removeAt(index: number): void {
    this.write(index, withState(this.slots[index]!, scanState.removed));
    this.slots[index] = undefined;
  }

  /** Slots with an element, the last first. */
  filled(): number[] {
    return [...this.slots.keys()].filter(index => this.slots[index] !== undefined).reverse();
  }

  value(index: number): Uint8Array {
    return this.slots[index]!;
  }

  /** Moves elements down into free slots, in order: each is in both places for a moment. Then the list is cut off. */
  compact(): void {
    let free = 0;
    for (let index = 0; index < this.slots.length; index++) {
      const value = this.slots[index];
      if (value === undefined) continue;
      if (free < index) {
        this.fill(free, value);
        this.removeAt(index);
      }
      free++;
    }
    for (let index = this.values.length - 1; index >= free; index--)
      this.write(index, new Uint8Array(this.map.valueSize));
    this.values.length = free;
    this.slots.length = free;
  }
}

/** How many of `wanted`, from the first on, are in `old` in this order. */
function keptOf(old: readonly Uint8Array[], wanted: readonly Uint8Array[]): number {
  let kept = 0;
  for (const value of old) if (kept < wanted.length && sameBytes(value, wanted[kept]!)) kept++;
  return kept;
}

/** Those in `old` (indexes of its slots) that stay, matched as `keptOf` does. */
function goneSlots(
  editor: ListEditor,
  slots: readonly number[],
  wanted: readonly Uint8Array[],
  kept: number,
): number[] {
  const gone: number[] = [];
  let next = 0;
  for (const slot of slots) {
    const stays = next < kept && sameBytes(editor.value(slot), wanted[next]!);
    if (stays) next++;
    else gone.push(slot);
  }
  return gone.reverse();
}

function planList(set: EntryForm, before: BpfMap, after: BpfMap, compact: boolean): Plan {
  const editor = new ListEditor(set, before);
  const wanted = liveEntries(set, after).map(({ value }) => value);
  const kept = keptOf(editor.elements(), wanted);
  const added = wanted.slice(kept);
  if (added.length > editor.room()) editor.compact();
  const slots = editor.filled().reverse();
  const gone = goneSlots(editor, slots, wanted, kept);
  const atomic = added.length <= editor.room() || gone.length === 0;
  if (!atomic) {
    for (const slot of gone) editor.removeAt(slot);
    editor.compact();
  }
  for (const value of added) editor.append(value);
  if (atomic) for (const slot of gone) editor.removeAt(slot);
  if (compact) editor.compact();
  return { updates: editor.updates, atomic };
}

/**
 * What leads from the contents of `before` to those of `after`. `compact`: lists end up as the translator would make them,
 * without entries that are free in between.
 */
export function planUpdates(set: EntryForm, before: BpfMap, after: BpfMap, compact: boolean): Plan {
  if (before === after) return noPlan;
  return set.form === 'list' ? planList(set, before, after, compact) : planKeyed(set, before, after);
}

/** The map with its contents as they are after `updates`, of which those for other maps are left out. Free entries of an array are not listed. */
export function applyUpdates(map: BpfMap, updates: readonly MapUpdate[]): BpfMap {
  const last = new Map(
    updates.filter(update => update.map === map.name).map(update => [keyText(update.key), update]),
  );
  const isKept = (update: MapUpdate): update is Extract<MapUpdate, { kind: 'update' }> =>
    update.kind === 'update' && !(map.type === 'array' && update.value.every(byte => byte === 0));
  const entries: Entry[] = [];
  for (let index = 0; index < map.count; index++) {
    const entry = entryAt(map, index);
    const key = keyText(entry.key);
    const update = last.get(key);
    if (update === undefined) entries.push(entry);
    else if (last.delete(key) && isKept(update)) entries.push(update);
  }
  return withEntries(map, [...entries, ...[...last.values()].filter(isKept)]);
}
