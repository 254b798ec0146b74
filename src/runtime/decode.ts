// Entries of a map as the elements that nft would list.

import { elementText } from '../ast/print/expression.ts';
import type { OutputOptions } from '../ast/print/options.ts';
import { attempt } from '../ast/type/failure.ts';
import type { TypedElement } from '../ast/type/typed.ts';
import { liftElements } from '../lower/lift/elements.ts';
import { tableContext } from '../lower/lift/table-context.ts';
import type { BpfMap } from '../lower/program.ts';
import type { Family } from '../model/family.ts';
import type { Diagnostic } from '../source/diagnostic.ts';
import { carriedOf, hasExpired, placelessOf } from './carried-state.ts';
import type { Entry } from './entries.ts';
import { type GivenMap, readMap } from './given-map.ts';
import { builtElements, elementOfEntry, elementsOf, liveEntries } from './map-elements.ts';
import { failure, nowhere, type Result } from './result.ts';
import { type SetForm, setForm } from './set-form.ts';

/** How elements are shown, and when. */
export interface DecodeOptions extends OutputOptions {
  /** Nanoseconds of CLOCK_MONOTONIC (bpf_ktime_get_ns). Needed of elements that expire. */
  readonly now?: bigint;
}

function opened(given: GivenMap): Result<{ readonly map: BpfMap; readonly set: SetForm }> {
  const map = readMap(given);
  if (!map.ok) return map;
  const set = setForm(map.value);
  return set.ok ? { ok: true, value: { map: map.value, set: set.value } } : set;
}

/** The element of an entry with what it carries; undefined for an entry that holds none, or one that has expired. */
function wholeElement(set: SetForm, entry: Entry, now: bigint | undefined): TypedElement | undefined {
  const element = elementOfEntry(set, entry);
  if (element === undefined || hasExpired(set, entry, now)) return undefined;
  const extras = carriedOf(set, entry, now);
  return extras === undefined ? element : { ...element, extras };
}

function wholeElements(set: SetForm, map: BpfMap, now: bigint | undefined): readonly TypedElement[] {
  const entries = liveEntries(set, map);
  if (set.carried !== undefined)
    return entries.map(entry => wholeElement(set, entry, now)).filter(element => element !== undefined);
  const extras = placelessOf(set);
  const elements = elementsOf(set, entries);
  return extras === undefined ? elements : elements.map(element => ({ ...element, extras }));
}

/** `read` may fail (ast/type/failure.ts). */
function attempted<T>(read: () => T): Result<T> {
  const diagnostics: Diagnostic[] = [];
  const found = attempt(diagnostics, () => ({ value: read() }));
  return found === undefined ? { ok: false, diagnostics } : { ok: true, value: found.value };
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
 * those in `keys` and `values`; put in what was read from the real map (of an array all entries may be there). Elements that
 * expire need `now`: those that have are left out, of the others it is told how long they have.
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
export function decodeElements(given: GivenMap, options: DecodeOptions = {}): Result<readonly string[]> {
  const open = opened(given);
  if (!open.ok) return open;
  const { map, set } = open.value;
  const elements = attempted(() => wholeElements(set, map, options.now));
  return elements.ok ? textsOf(set, elements.value, options) : elements;
}

/**
 * What one entry of a map says, as an element of nft. Of a range that takes several prefixes of an LPM trie each is given
 * as a prefix. Undefined for an entry of an array that holds no element, and for an element that has expired by `now`.
 */
export function decodeElement(
  given: GivenMap,
  key: Uint8Array,
  value: Uint8Array,
  options: DecodeOptions = {},
): Result<string | undefined> {
  const open = opened(given);
  if (!open.ok) return open;
  const { map, set } = open.value;
  if (key.length !== map.keySize || value.length !== map.valueSize)
    return failure('wrong-contents', `map \`${map.name}\`: wrong length of key or value`);
  const element = attempted(() => wholeElement(set, { key, value }, options.now));
  if (!element.ok) return element;
  if (element.value === undefined) return { ok: true, value: undefined };
  const texts = textsOf(set, [element.value], options);
  return texts.ok ? { ok: true, value: texts.value[0] } : texts;
}
