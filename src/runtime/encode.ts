// Elements into a map at run time, as `nft add element` and `nft delete element` would change the set: what nf_tables
// refuses is refused, what it merges is merged, and what comes out are updates of the map.

import { allElements, changeContents, type ElementChange, noContents } from '../ast/type/contents.ts';
import { attempt, fail } from '../ast/type/failure.ts';
import type { EvaluateOptions } from '../ast/type/options.ts';
import type { KeyPart, TypedElement } from '../ast/type/typed.ts';
import type { BpfMap } from '../lower/program.ts';
import type { Diagnostic } from '../source/diagnostic.ts';
import type { FileId, SourceFile, Span } from '../source/span.ts';
import { timeoutOf } from './carried.ts';
import { hasExpired, missingTime, withStates } from './carried-state.ts';
import { readElements } from './element-text.ts';
import { withEntries } from './entries.ts';
import { type GivenMap, readMap } from './given-map.ts';
import {
  builtElements,
  type Concerned,
  concernedBy,
  countElements,
  elementsOf,
  exactKey,
  isElement,
  liveEntries,
  mapWith,
} from './map-elements.ts';
import { nowhere } from './result.ts';
import { type SetForm, setForm } from './set-form.ts';
import { applyUpdates, type MapUpdate, planUpdates } from './updates.ts';

/**
 * A command. `elements` is what stands in its braces. `create` is an `add` of what must not be there yet, `destroy` a
 * `delete` of what need not be there.
 */
export interface SetChange {
  readonly verb: ElementChange['verb'];
  readonly elements: string;
}

/** How elements are read, and when. */
export interface EncodeOptions extends EvaluateOptions {
  /** Nanoseconds of CLOCK_MONOTONIC (bpf_ktime_get_ns). Needed where elements expire: their time runs from then on. */
  readonly now?: bigint;
}

/** How a map changes, or what stands in the way. */
export type Encoding =
  | {
      readonly ok: true;
      /** To be made in this order. */
      readonly updates: readonly MapUpdate[];
      /**
       * Whether each look-up meanwhile sees the old or the new contents. False where the map has no room for new entries
       * beside the old ones, which have to go first.
       */
      readonly atomic: boolean;
      /** The map with its contents as they are then: what the next change starts from. */
      readonly map: BpfMap;
      readonly diagnostics: readonly [];
    }
  | {
      readonly ok: false;
      readonly diagnostics: readonly Diagnostic[];
      /** The texts that the diagnostics' spans refer to: one for each change. */
      readonly sources: readonly SourceFile[];
    };

/** Anonymous and constant sets never change in nf_tables. */
function checkChangeable({ role, name }: SetForm, span: Span): void {
  const fixed = role.flags.find(flag => flag === 'anonymous' || flag === 'constant');
  if (fixed !== undefined) fail('constant-set', `set \`${name}\` is ${fixed} and cannot be changed`, span);
}

function checkPlace({ form }: SetForm, elements: readonly TypedElement[]): void {
  const rest = elements.find(({ parts }) => parts === 'catchall');
  if (rest !== undefined && form !== 'lpm')
    fail('unsupported-element', 'the map has no place for a catch-all element', rest.span);
}

/** What merged ranges carry is nft's own affair. */
function checkMerging({ carried, autoMerge, name }: SetForm, span: Span): void {
  if (carried !== undefined && autoMerge)
    fail('unsupported-element', `ranges of \`${name}\` merge, and their statements do not`, span);
}

/** Elements that begin to expire need to know when that is. */
function checkTime(set: SetForm, elements: readonly TypedElement[], now: bigint | undefined): void {
  if (now !== undefined || !set.carried?.form.expires) return;
  for (const { extras = {}, span } of elements) if (timeoutOf(set.role, extras) > 0n) missingTime(set, span);
}

function checkRoom(set: SetForm, before: BpfMap, after: BpfMap, others: Concerned, span: Span): void {
  const { size } = set.role;
  if (size !== undefined && countElements(set, after) + others.otherElements > size)
    fail('set-full', `the set holds at most ${size} element${size === 1 ? '' : 's'}`, span);
  if (after.count + others.otherEntries > before.maxEntries)
    fail('set-full', `map \`${before.name}\` holds at most ${before.maxEntries} entries`, span);
}

/**
 * Of two elements that cannot both be in the set, the new one is marked, whichever sorts first: of what was there before
 * there is no text.
 */
function markNew({ span, notes = [], ...rest }: Diagnostic): Diagnostic {
  const places = [span, ...notes.map(note => note.span)].filter(place => place !== nowhere);
  const [place] = places;
  const said =
    places.length > notes.length ? notes : [{ message: 'the other element is in the map already' }];
  return { ...rest, ...(place && { span: place }), ...(said.length > 0 && { notes: said }) };
}

function encode(
  set: SetForm,
  map: BpfMap,
  changes: readonly SetChange[],
  sources: readonly SourceFile[],
  options: EncodeOptions,
  diagnostics: Diagnostic[],
): Extract<Encoding, { ok: true }> | undefined {
  const wholes = sources.map(({ id, text }) => ({ file: id, from: 0, to: text.length }));
  const { now } = options;
  checkChangeable(set, wholes[0] ?? nowhere);
  checkMerging(set, wholes[0] ?? nowhere);
  const given = changes.map(({ verb }, index) =>
    readElements(sources[index]!, set, options, verb === 'delete' || verb === 'destroy'),
  );
  const concerned = concernedBy(set, liveEntries(set, map), given.flat());
  const { entries, otherEntries } = concerned;
  const before = { ...withEntries(map, entries), maxEntries: map.maxEntries - otherEntries };
  const live = entries.filter(
    entry => (set.form !== 'list' || isElement(entry)) && !hasExpired(set, entry, now, wholes[0]),
  );
  let elements: readonly TypedElement[] = elementsOf(set, live);
  let after = withEntries(before, live);
  for (const [index, { verb }] of changes.entries()) {
    const span = wholes[index]!;
    elements = allElements(
      changeContents(set, { ...noContents(), settled: elements }, { verb, span }, given[index]!),
    );
    checkPlace(set, elements);
    const built = builtElements(set, elements);
    if (!built.ok) {
      diagnostics.push(...built.diagnostics.map(markNew));
      return undefined;
    }
    const isAddition = verb === 'add' || verb === 'create';
    if (isAddition) checkTime(set, given[index]!, now);
    const addition = {
      elements: given[index]!,
      now,
      keyOf: (parts: readonly KeyPart[]) => exactKey(set, parts),
    };
    after = withStates(set, after, mapWith(set, map, built.value, now), isAddition ? addition : undefined);
    checkRoom(set, map, after, concerned, span);
  }
  const plan = planUpdates(set, before, after, false);
  return { ok: true, ...plan, map: applyUpdates(map, plan.updates), diagnostics: [] };
}

/**
 * The updates that change a map as these commands of nft would change the set, one after the other. The map is taken to
 * have the contents that `keys` and `values` say: those of the translation, of the `map` that an earlier call returned,
 * or of a dump of the real map. Never throws on text; nothing is updated if one of the commands is refused. Elements that are
 * there keep what they have counted; a new time restarts theirs, as in nf_tables since Linux 6.12.
 *
 * @example
 * ```ts
 * import { decodeElements, encodeElements, translate } from 'nft2bpf';
 *
 * const { maps } = translate(`table netdev edge {
 *     set blocked { type ipv4_addr; flags interval; elements = { 192.0.2.0/24 }; }
 *     chain in { type filter hook ingress device "eth0" priority 0; ip saddr @blocked drop; }
 *   }
 * `);
 * const encoded = encodeElements(maps[0]!, [
 *   { verb: 'delete', elements: '192.0.2.0/24' },
 *   { verb: 'add', elements: '198.51.100.0/24, 203.0.113.7' },
 * ]);
 * if (!encoded.ok) throw new Error(encoded.diagnostics[0]!.message);
 * console.log(encoded.updates.map(({ kind, map }) => `${kind} ${map}`));
 * // [ 'update blocked', 'update blocked', 'delete blocked' ]
 * console.log(decodeElements(encoded.map));
 * // { ok: true, value: [ '198.51.100.0/24', '203.0.113.7' ] }
 * ```
 */
export function encodeElements(
  given: GivenMap,
  changes: readonly SetChange[],
  options: EncodeOptions = {},
): Encoding {
  const sources = changes.map(({ elements }, index) => ({
    id: index as FileId,
    name: '<element>',
    text: elements,
  }));
  const map = readMap(given);
  const set = map.ok ? setForm(map.value) : map;
  if (!map.ok || !set.ok) return { ok: false, diagnostics: set.ok ? [] : set.diagnostics, sources };
  const diagnostics: Diagnostic[] = [];
  const encoding = attempt(diagnostics, () =>
    encode(set.value, map.value, changes, sources, options, diagnostics),
  );
  return encoding ?? { ok: false, diagnostics, sources };
}

/** `encodeElements` of one command. */
export function encodeElement(
  map: GivenMap,
  elements: string,
  options: EncodeOptions & { readonly verb?: SetChange['verb'] } = {},
): Encoding {
  return encodeElements(map, [{ verb: options.verb ?? 'add', elements }], options);
}
