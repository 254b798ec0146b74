// What the elements of a map carry: when they expire, and what their statements have counted. Elements that stay keep it.

import { fail } from '../ast/type/failure.ts';
import type { KeyPart, TypedElement, TypedStateful } from '../ast/type/typed.ts';
import type { BpfMap, CarriedStatement } from '../lower/program.ts';
import { expiryOffset, timeoutOffset, writeTimes } from '../lower/sets/element-form.ts';
import type { Span } from '../source/span.ts';
import { type Extras, timeoutOf } from './carried.ts';
import { type CarriedForm, typedState } from './carried-form.ts';
import { type Entry, entryAt, keyText, withEntries } from './entries.ts';
import { nowhere } from './result.ts';
import type { SetForm } from './set-form.ts';

const nanoseconds = 1_000_000n;

const viewOf = ({ buffer, byteOffset, length }: Uint8Array): DataView =>
  new DataView(buffer, byteOffset, length);

const numberAt = (value: Uint8Array, at: number): bigint => viewOf(value).getBigUint64(at, true);

/** Time is needed, and was not given. */
export function missingTime({ name }: SetForm, span?: Span): never {
  const message = `elements of \`${name}\` expire: \`now\` must say the time, nanoseconds of CLOCK_MONOTONIC`;
  return fail('missing-time', message, span ?? nowhere);
}

/** When the element expires: nanoseconds of CLOCK_MONOTONIC; 0: never. */
function expiryOf({ carried }: SetForm, { value }: Entry): bigint {
  return carried?.form.expires ? numberAt(value, expiryOffset) : 0n;
}

/** Whether look-ups take the element for absent. Fails without a time where that decides. */
export function hasExpired(set: SetForm, entry: Entry, now: bigint | undefined, span?: Span): boolean {
  const expires = expiryOf(set, entry);
  if (expires === 0n) return false;
  return expires <= (now ?? missingTime(set, span));
}

function stateAt(value: Uint8Array, offset: number, state: CarriedStatement): TypedStateful {
  const at = offset + state.offset;
  switch (state.kind) {
    case 'counter':
      return typedState({ ...state, packets: numberAt(value, at), bytes: numberAt(value, at + 8) }, nowhere);
    case 'quota': {
      // It counts on behind its end; nf_tables shows no more than the quota.
      const consumed = numberAt(value, at);
      return typedState({ ...state, consumed: consumed < state.bytes ? consumed : state.bytes }, nowhere);
    }
    case 'limit':
      return typedState(state, nowhere);
  }
}

/** What an element has where the map has no place for it: nothing, and no time though others of its set would have. */
export function placelessOf({ role }: SetForm): Extras | undefined {
  return role.timeout === undefined ? undefined : { timeout: 'never' };
}

/** What an element carries that has not expired; times in milliseconds. */
export function carriedOf(set: SetForm, entry: Entry, now: bigint | undefined): Extras | undefined {
  if (set.carried === undefined) return placelessOf(set);
  const { form, offset } = set.carried;
  const statements = form.states.map(state => stateAt(entry.value, offset, state));
  const expires = expiryOf(set, entry);
  const timeout = form.expires ? numberAt(entry.value, timeoutOffset) / nanoseconds : 0n;
  const left = expires === 0n ? 0n : (expires - (now ?? missingTime(set))) / nanoseconds;
  return {
    timeout: timeout === 0n ? 'never' : timeout,
    ...(left > 0n && { expires: left }),
    ...(statements.length > 0 && { statements }),
  };
}

/** What tells entries of one map apart, whatever their elements carry. */
function identityOf({ offset }: CarriedForm, { key, value }: Entry): string {
  return keyText(offset === 0 ? key : value.subarray(8, offset));
}

/**
 * What an element that is there becomes when it is added again: another timeout counts anew, as does a time that is given.
 * Whether it is another is seen from `first`, the element before the command: nf_tables changes times when it commits.
 */
function renewed(
  set: SetForm,
  first: Entry,
  { key, value }: Entry,
  { extras = {}, span }: TypedElement,
  now: bigint | undefined,
): Entry {
  const [wanted, known] = [timeoutOf(set.role, extras) * nanoseconds, numberAt(first.value, timeoutOffset)];
  const timeout = wanted === known ? numberAt(value, timeoutOffset) : wanted;
  const left = (extras.expires ?? 0n) * nanoseconds || (wanted === known ? 0n : wanted);
  if (wanted === known && left === 0n) return { key, value };
  const changed = value.slice();
  const restarted = left === 0n ? 0n : (now ?? missingTime(set, span)) + left;
  const expires = timeout === 0n ? 0n : restarted;
  writeTimes(set.carried!.form, changed, { timeout, expires });
  return { key, value: changed };
}

export interface Addition {
  /** Those of the command, in order. */
  readonly elements: readonly TypedElement[];
  readonly now: bigint | undefined;
  /** The key of an element in a hash. */
  readonly keyOf: (parts: readonly KeyPart[]) => Uint8Array;
}

/** Elements that are given and there already may get other times. */
function renewTimes(set: SetForm, entries: Map<string, Entry>, known: Set<string>, addition: Addition): void {
  const first = new Map(entries);
  for (const element of addition.elements) {
    if (element.parts === 'catchall') continue;
    const name = keyText(addition.keyOf(element.parts));
    if (known.has(name))
      entries.set(name, renewed(set, first.get(name)!, entries.get(name)!, element, addition.now));
    known.add(name);
  }
}

/**
 * `after` is the map with its elements as if all were new. Those that were in `before` keep what they carry and their place
 * in front of the new ones. `addition` is what a command adds.
 */
export function withStates(
  set: SetForm,
  before: BpfMap,
  after: BpfMap,
  addition: Addition | undefined,
): BpfMap {
  const { carried } = set;
  if (carried === undefined) return after;
  const all = (map: BpfMap): Entry[] => Array.from({ length: map.count }, (_, index) => entryAt(map, index));
  const wanted = new Map(all(after).map(entry => [identityOf(carried, entry), entry]));
  const entries = new Map<string, Entry>();
  for (const entry of all(before)) {
    const name = identityOf(carried, entry);
    if (wanted.has(name)) entries.set(name, entry);
  }
  const known = new Set(entries.keys());
  for (const [name, entry] of wanted) if (!known.has(name)) entries.set(name, entry);
  if (carried.form.expires && addition !== undefined) renewTimes(set, entries, known, addition);
  return withEntries(after, [...entries.values()]);
}
