// Elements that carry something: a time at which they expire, counters, limits, quotas. In a map's value these stand in a
// row: 8 bytes that are 1, 8 bytes for the time at which it expires (nanoseconds of CLOCK_MONOTONIC, 0 never), in sets
// whose elements may expire 8 bytes for its timeout (nanoseconds), then the state of each statement: packets and bytes of
// a counter, 8 bytes of a limit (0: all of it is left) or a quota. The timeout itself is for who lists the element.

import { largestBucket, limitOf } from '../limit.ts';
import {
  ElementFlag,
  type Expression,
  type IrRuleset,
  type IrSet,
  SetFlag,
  type SetId,
} from '../linear/ir.ts';
import type { CarriedStatement } from '../program.ts';

export type ElementState = CarriedStatement;

export interface ElementForm {
  /** Some elements may expire. */
  readonly expires: boolean;
  readonly states: readonly ElementState[];
  /** The set's declaration has the statements: elements that give none begin with them. */
  readonly declared: boolean;
  /** Bytes of a value. */
  readonly size: number;
  /** Largest number of elements, where the set gives none. */
  readonly room: number;
}

/** Offset of the time of expiry. */
export const expiryOffset = 8;
/** Offset of the timeout, where elements may expire. */
export const timeoutOffset = 16;
/** The kernel's limit for a set without a size that a rule adds to (nft_dynset_init). */
const defaultSize = 0xffff;

/** Ranges with statements are a list, in which each element has one entry. */
const mostInList = 1024;

type Dynset = Extract<Expression, { op: 'dynset' }>;

/** Why elements cannot be kept exactly. */
export interface FormRefusal {
  readonly refused: string;
}

function stateOf(expression: Expression, offset: number): ElementState | undefined {
  switch (expression.op) {
    case 'counter':
      return { kind: 'counter', offset, packets: expression.packets, bytes: expression.bytes };
    case 'limit': {
      const { rate, unit, burst, type, over } = expression;
      if (limitOf(expression).most >= largestBucket) return undefined;
      return { kind: 'limit', offset, rate, unit, burst, type, over };
    }
    case 'quota': {
      const { bytes, consumed, over } = expression;
      return { kind: 'quota', offset, bytes, consumed, over };
    }
    default:
      return undefined;
  }
}

/** What two elements must have in common to be told apart by their state alone. */
function settings(expressions: readonly Expression[], ignoresStart: boolean): string {
  const shown = expressions.map(expression => {
    if (!ignoresStart) return expression;
    if (expression.op === 'counter') return { op: 'counter' };
    return expression.op === 'quota' ? { ...expression, consumed: 0n } : expression;
  });
  return JSON.stringify(shown, (_, value) => (typeof value === 'bigint' ? value.toString() : value));
}

/** The statements of all elements: those of the set, of what rules add, of the elements that are there. */
function commonStatements(set: IrSet, added: readonly Dynset[]): readonly Expression[] | undefined {
  const own = set.expressions;
  const ofRules = added
    .filter(({ operation }) => operation !== 'delete')
    .map(({ expressions }) => expressions);
  const given = ofRules.map(expressions => (expressions.length === 0 && own ? own : expressions));
  const extras = set.elements.extras;
  const ofElements = Array.from({ length: set.elements.count }, (_, index) => index)
    .filter(index => (set.elements.flags[index]! & ElementFlag.intervalEnd) === 0)
    .map(index => extras?.get(index)?.expressions ?? own ?? []);
  const common = own ?? given[0] ?? ofElements[0] ?? [];
  const isSame =
    (ignoresStart: boolean) =>
    (expressions: readonly Expression[]): boolean =>
      settings(expressions, ignoresStart) === settings(common, ignoresStart);
  return given.every(isSame(false)) && ofElements.every(isSame(true)) ? common : undefined;
}

function statesOf(
  expressions: readonly Expression[],
  expires: boolean,
): { states: ElementState[]; size: number } | undefined {
  const states: ElementState[] = [];
  let offset = 8 + (expires ? timeoutOffset : expiryOffset);
  for (const expression of expressions) {
    const state = stateOf(expression, offset);
    if (state === undefined) return undefined;
    states.push(state);
    offset += state.kind === 'counter' ? 16 : 8;
  }
  return { states, size: offset };
}

/** Of sets with exact keys. Ranges and maps keep no times: their elements may not have any. */
function mayExpire(set: IrSet, added: readonly Dynset[]): boolean {
  if (set.data !== undefined || (set.flags & SetFlag.interval) !== 0) return false;
  const isTimed = (set.flags & SetFlag.timeout) !== 0 || set.timeout !== undefined;
  return isTimed || added.some(({ timeout }) => timeout !== undefined);
}

function carries(set: IrSet, added: readonly Dynset[]): boolean {
  if ((set.flags & SetFlag.eval) !== 0 || added.length > 0 || set.expressions !== undefined) return true;
  if (mayExpire(set, added)) return true;
  for (const { expressions, timeout } of set.elements.extras?.values() ?? []) {
    if (expressions !== undefined || timeout !== undefined) return true;
  }
  return set.timeout !== undefined && set.elements.count > 0;
}

function refusal(set: IrSet, added: readonly Dynset[]): string | undefined {
  const extras = [...(set.elements.extras?.values() ?? [])];
  const expires =
    extras.some(({ timeout, expires: left }) => timeout !== undefined || left !== undefined) ||
    (set.timeout !== undefined && set.elements.count > 0);
  if (expires) return `elements of set \`${set.name}\` expire: what is left of their time is not known`;
  if (set.data !== undefined)
    return `map \`${set.name}\` is filled by packets or has statements in its elements, which is not translated yet`;
  if ((set.flags & SetFlag.interval) !== 0 && set.elements.count > mostInList)
    return `set \`${set.name}\` has more than ${mostInList} ranges with statements, which would be tried one after the other`;
  const timed = added.filter(({ operation }) => operation === 'update');
  const lacksTime = timed.some(({ timeout }) => timeout === undefined && set.timeout === undefined);
  if (lacksTime && added.some(({ timeout }) => timeout !== undefined))
    return `set \`${set.name}\` is updated with a timeout by one rule and without by another, which is not translated`;
  return undefined;
}

/** How a set's elements are kept; undefined if they carry nothing. `added` is what rules do to the set. */
export function elementForm(set: IrSet, added: readonly Dynset[]): ElementForm | FormRefusal | undefined {
  if (!carries(set, added)) return undefined;
  const refused = refusal(set, added);
  if (refused !== undefined) return { refused };
  const statements = commonStatements(set, added);
  if (statements === undefined)
    return {
      refused: `elements of set \`${set.name}\` have different statements, which is not translated yet`,
    };
  const expires = mayExpire(set, added);
  const kept = statesOf(statements, expires);
  if (kept === undefined)
    return {
      refused: `elements of set \`${set.name}\` have a statement that is no counter, quota or limit of less than 146 years`,
    };
  const declared = set.expressions !== undefined;
  return { ...kept, expires, declared, room: added.length > 0 ? defaultSize : 0 };
}

/** What rules do to each set. */
export function dynsetsOf({ tables }: IrRuleset): ReadonlyMap<SetId, readonly Dynset[]> {
  const bySet = new Map<SetId, Dynset[]>();
  for (const { expressions } of tables.flatMap(({ chains }) => chains.flatMap(({ rules }) => rules))) {
    for (const expression of expressions) {
      if (expression.op !== 'dynset') continue;
      const known = bySet.get(expression.set) ?? [];
      bySet.set(expression.set, [...known, expression]);
    }
  }
  return bySet;
}

/** What a new element begins with. */
export interface ElementStart {
  /** Instead of those of the set's statements. */
  readonly statements?: readonly Expression[];
  /** Nanoseconds; 0: none. */
  readonly timeout?: bigint;
  /** Nanoseconds of CLOCK_MONOTONIC; 0: never. */
  readonly expires?: bigint;
}

/** Writes when the element in `value` expires; nothing where elements of the set never do. */
export function writeTimes(
  { expires: keepsTimes }: ElementForm,
  value: Uint8Array,
  { timeout = 0n, expires = 0n }: ElementStart,
): void {
  if (!keepsTimes) return;
  const view = new DataView(value.buffer, value.byteOffset, value.length);
  view.setBigUint64(expiryOffset, expires, true);
  view.setBigUint64(timeoutOffset, timeout, true);
}

/** A new element's value, with the states that it begins with. */
export function newElement(form: ElementForm, start: ElementStart = {}): Uint8Array {
  const bytes = new Uint8Array(form.size);
  const view = new DataView(bytes.buffer);
  bytes[0] = 1;
  writeTimes(form, bytes, start);
  form.states.forEach((state, index) => {
    const given = start.statements?.[index];
    if (state.kind === 'counter') {
      const { packets, bytes: count } = given?.op === 'counter' ? given : state;
      view.setBigUint64(state.offset, packets, true);
      view.setBigUint64(state.offset + 8, count, true);
    }
    if (state.kind === 'quota') {
      view.setBigUint64(state.offset, given?.op === 'quota' ? given.consumed : state.consumed, true);
    }
  });
  return bytes;
}

const nanosecondsOf = (milliseconds: bigint): bigint => milliseconds * 1_000_000n;

/** What an element that was written begins with; its time runs from `now` on (nanoseconds of CLOCK_MONOTONIC). */
export function startAt(
  { elements, expressions, timeout: usual = 0n }: IrSet,
  index: number,
  now = 0n,
): ElementStart {
  const { timeout = usual, expires = timeout, ...own } = elements.extras?.get(index) ?? {};
  const statements = own.expressions ?? expressions;
  return {
    ...(statements && { statements }),
    timeout: nanosecondsOf(timeout),
    expires: timeout === 0n ? 0n : now + nanosecondsOf(expires),
  };
}

/** The same where it does not begin at the start of a value. */
export function movedBy(form: ElementForm, bytes: number): ElementForm {
  return { ...form, states: form.states.map(state => ({ ...state, offset: state.offset + bytes })) };
}
