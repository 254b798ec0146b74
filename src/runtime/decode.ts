// Entries of a map as the elements that nft would list.

import { elementText } from '../ast/print/expression.ts';
import type { OutputOptions } from '../ast/print/options.ts';
import type { TypedElement } from '../ast/type/typed.ts';
import { liftElements } from '../lower/lift/elements.ts';
import { tableContext } from '../lower/lift/table-context.ts';
import type { BpfMap } from '../lower/program.ts';
import type { Family } from '../model/family.ts';
import { type GivenMap, readMap } from './given-map.ts';
import { builtElements, elementOfEntry, elementsOf, liveEntries } from './map-elements.ts';
import { failure, type Result } from './result.ts';
import { nowhere, type SetForm, setForm } from './set-form.ts';

function opened(given: GivenMap): Result<{ readonly map: BpfMap; readonly set: SetForm }> {
  const map = readMap(given);
  if (!map.ok) return map;
  const set = setForm(map.value);
  return set.ok ? { ok: true, value: { map: map.value, set: set.value } } : set;
}

function textsOf(set: SetForm, elements: readonly TypedElement[], options: OutputOptions): Result<string[]> {
  const built = builtElements(set, elements);
  if (!built.ok) return built;
  const { family, table } = set.role;
  const owner = { family: family as Family, name: table, span: nowhere, dormant: false };
  const context = tableContext({ ...owner, chains: [], sets: [], objects: [] }, options);
  const nodes = liftElements(context, { ...set.ir, elements: built.value });
  return { ok: true, value: nodes.map(node => elementText(node, options)) };
}

/**
 * The elements that are in a map, each as `nft list set` would show it, in the order in which it would. The contents are
 * those in `keys` and `values`; put in what was read from the real map (of an array all entries may be there).
 *
 * @example
 * ```ts
 * import { decodeElements, translate } from 'nft2bpf';
 *
 * const { maps } = translate(`table netdev edge {
 *     map marks { type inet_service . ipv4_addr : mark; elements = { 22 . 192.0.2.1 : 7 }; }
 *     chain in { type filter hook ingress device "eth0" priority 0; meta mark set tcp dport . ip saddr map @marks; }
 *   }
 * `);
 * console.log(decodeElements(maps[0]!));
 * // { ok: true, value: [ '22 . 192.0.2.1 : 0x00000007' ] }
 * ```
 */
export function decodeElements(given: GivenMap, options: OutputOptions = {}): Result<readonly string[]> {
  const open = opened(given);
  if (!open.ok) return open;
  const { map, set } = open.value;
  return textsOf(set, elementsOf(set, liveEntries(set, map)), options);
}

/**
 * What one entry of a map says, as an element of nft. Of a range that takes several prefixes of an LPM trie each is given
 * as a prefix. Undefined for an entry of an array that holds no element.
 */
export function decodeElement(
  given: GivenMap,
  key: Uint8Array,
  value: Uint8Array,
  options: OutputOptions = {},
): Result<string | undefined> {
  const open = opened(given);
  if (!open.ok) return open;
  const { map, set } = open.value;
  if (key.length !== map.keySize || value.length !== map.valueSize)
    return failure('wrong-contents', `map \`${map.name}\`: wrong length of key or value`);
  const element = elementOfEntry(set, { key, value });
  if (element === undefined) return { ok: true, value: undefined };
  const texts = textsOf(set, [element], options);
  return texts.ok ? { ok: true, value: texts.value[0] } : texts;
}
