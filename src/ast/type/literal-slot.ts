// Literals that are followed through the evaluation of a rule. The node that was written and what it became say when
// somebody looks at them: what nobody has looked at cannot have decided anything, so another literal in the same place
// gives the same result with another value in it (templates.ts). Who only moves bits, or only asks which of two values is
// larger, says so instead of looking.

import type { NumberLiteral, SymbolExpression, TextLiteral } from '../nodes/index.ts';
import type { WordReader } from './fast-literals.ts';
import type { EvaluateOptions } from './options.ts';

export type LiteralNode = NumberLiteral | SymbolExpression | TextLiteral;

export type SlotValue = bigint | string;

/** What another text gives in the same place; `undefined` if that is not sure to be right. */
export type SlotReader = (text: string, options: EvaluateOptions) => SlotValue | undefined;

/** The same for literals of the usual forms, as 32-bit words. */
export interface SlotWords {
  readonly width: number;
  readonly read: WordReader;
}

/** A number that holds for the values of slots: `low` is less than `high`. */
export interface Guard {
  readonly low: Trace;
  readonly high: Trace;
}

/** What is found out while one rule is evaluated. */
export class Trail {
  readonly guards: Guard[] = [];
  /** Looks count until the rule has become a template. */
  isOpen = true;
}

/** A literal by the token that it was. */
export class LiteralSlot {
  readonly token: number;
  readonly trail: Trail;
  /** Among the slots of a template; -1 if it is none of them. */
  index = -1;
  /** What it became where it was found; undefined while it became nothing. */
  value: SlotValue | undefined;
  readonly #isQuoted: boolean;
  /** How often it was put into something that is emitted (`mark`). */
  uses = 0;
  #looked = false;
  #reader: SlotReader | undefined;
  #words: SlotWords | undefined;

  constructor(token: number, node: LiteralNode, trail: Trail) {
    this.token = token;
    this.trail = trail;
    this.#isQuoted = node.kind === 'text' || (node.kind === 'symbol' && node.form === 'quoted');
  }

  /** True if the literal became one value, which only stands where it was put. */
  get isOpaque(): boolean {
    return !this.#looked && this.#reader !== undefined;
  }

  look(): void {
    if (this.trail.isOpen) this.#looked = true;
  }

  /** `target[property]` is what the literal became; `reader` does it again with another text. */
  follow<T extends object>(target: T, property: keyof T & string, reader: SlotReader, words?: SlotWords): T {
    this.#words = words;
    if (this.#reader !== undefined) this.look();
    this.#reader = reader;
    this.value = target[property] as SlotValue;
    return watch(target, { [property]: traceOfSlot(this) });
  }

  /** Reads the value of usual literals without a number being made of it; absent where there is no such way. */
  get words(): SlotWords | undefined {
    return this.#isQuoted ? undefined : this.#words;
  }

  read(text: string, options: EvaluateOptions): SlotValue | undefined {
    const isQuoted = this.#isQuoted && text.startsWith('"');
    return this.#reader?.(isQuoted ? text.slice(1, -1) : text, options);
  }
}

/** `(value & keep) << shift` of a slot's value. */
export interface Term {
  readonly slot: LiteralSlot;
  readonly keep?: bigint;
  readonly shift: number;
}

/** Where a value came from: terms side by side, and bits that are always set. A text is one term as it is. */
export interface Trace {
  readonly terms: readonly Term[];
  readonly set: bigint;
}

export const traceOfSlot = (slot: LiteralSlot): Trace => ({ terms: [{ slot, shift: 0 }], set: 0n });

export const constantTrace = (value: bigint): Trace => ({ terms: [], set: value });

/** Keeps the bits of `mask`. */
export function keepBits({ terms, set }: Trace, mask: bigint): Trace {
  const kept = terms.map(({ slot, keep, shift }): Term => {
    const own = mask >> BigInt(shift);
    return { slot, keep: keep === undefined ? own : keep & own, shift };
  });
  return { terms: kept, set: set & mask };
}

/** With the bits of `more`, which no term has. */
export const setBits = ({ terms, set }: Trace, more: bigint): Trace => ({ terms, set: set | more });

export function shiftBits({ terms, set }: Trace, distance: number): Trace {
  return {
    terms: terms.map(term => ({ ...term, shift: term.shift + distance })),
    set: set << BigInt(distance),
  };
}

/** Both, where they share no bits. */
export const joinTraces = (a: Trace, b: Trace): Trace => ({
  terms: [...a.terms, ...b.terms],
  set: a.set | b.set,
});

/** The value of `trace` for the values of slots. */
export function valueOfTrace({ terms, set }: Trace, read: (slot: LiteralSlot) => SlotValue): SlotValue {
  const [only] = terms;
  if (terms.length === 1 && only!.keep === undefined && only!.shift === 0 && set === 0n)
    return read(only!.slot);
  let sum = set;
  for (const { slot, keep, shift } of terms) {
    const value = read(slot) as bigint;
    sum |= (keep === undefined ? value : value & keep) << BigInt(shift);
  }
  return sum;
}

type Traces = Readonly<Record<string, Trace>>;

interface Watched {
  readonly traces: Traces;
  /** What the properties hold. */
  readonly held: Readonly<Record<string, unknown>>;
}

const watchedKey: unique symbol = Symbol('watched');

function watchedOf(target: object): Watched | undefined {
  return (target as { readonly [watchedKey]?: Watched })[watchedKey];
}

/** Replaces properties by ones that tell their slots when they are read, also by a copy of the object. */
export function watch<T extends object>(target: T, traces: Traces): T {
  const before = watchedOf(target);
  const held: Record<string, unknown> = { ...before?.held };
  for (const [name, trace] of Object.entries(traces)) {
    const value = target[name as keyof T];
    held[name] = value;
    const get = (): unknown => {
      for (const { slot } of trace.terms) slot.look();
      return value;
    };
    Object.defineProperty(target, name, { get, enumerable: true });
  }
  const watched: Watched = { traces: { ...before?.traces, ...traces }, held };
  Object.defineProperty(target, watchedKey, { value: watched, configurable: true });
  return target;
}

/** Follows the literal that `node` is from here on. */
export function watchLiteral(node: LiteralNode, slot: LiteralSlot): void {
  const trace = traceOfSlot(slot);
  watch(node, node.kind === 'number' ? { text: trace, value: trace } : { text: trace });
}

/** The slot of a node that is followed. */
export function slotOf(node: LiteralNode): LiteralSlot | undefined {
  return watchedOf(node)?.traces['text']?.terms[0]?.slot;
}

/** Where `target[property]` came from, if that is followed. */
export function traceOf<T extends object>(target: T, property: keyof T & string): Trace | undefined {
  return watchedOf(target)?.traces[property];
}

/** `target[property]` without a look being noticed. Only for those who pass on the trace, too. */
export function unseen<T extends object, P extends keyof T & string>(target: T, property: P): T[P] {
  const watched = watchedOf(target);
  return watched !== undefined && property in watched.held
    ? (watched.held[property] as T[P])
    : target[property];
}

/** A copy with some properties changed, none of which is followed. */
export function changed<T extends object>(target: T, changes: Partial<T>): T {
  const watched = watchedOf(target);
  if (watched === undefined) return { ...target, ...changes };
  const copy = { ...plainCopy(target), ...watched.held, ...changes } as T;
  return watch(copy, watched.traces);
}

/** The properties that are not watched. */
function plainCopy(target: object): object {
  const entries = Object.entries(Object.getOwnPropertyDescriptors(target));
  const plain = entries.filter(([, descriptor]) => descriptor.get === undefined && descriptor.enumerable);
  return Object.fromEntries(plain.map(([name, { value }]) => [name, value]));
}

interface Numeric {
  readonly value: bigint;
}

/** Rules with another number here are not like this one: lowering will look at it. */
export function pin(target: Numeric): void {
  for (const { slot } of traceOf(target, 'value')?.terms ?? []) slot.look();
}

/** True if `low` is less than `high`, of followed values wherever this rule's result is used. */
export function isLess(low: Numeric, high: Numeric): boolean {
  const less = unseen(low, 'value') < unseen(high, 'value');
  const traces = [low, high].map(each => traceOf(each, 'value') ?? constantTrace(each.value));
  const trail = traces.flatMap(({ terms }) => terms)[0]?.slot.trail;
  if (trail === undefined) return less;
  if (less) trail.guards.push({ low: traces[0]!, high: traces[1]! });
  // That they are not is so seldom that it is no part of a template.
  else for (const { terms } of traces) for (const { slot } of terms) slot.look();
  return less;
}

const markedKey: unique symbol = Symbol('marked');

/** Notes that `made[property]` is a followed value and nothing else in `made` depends on it. */
export function mark<T extends object>(made: T, property: keyof T & string, trace: Trace): T {
  for (const { slot } of trace.terms) slot.uses++;
  const marks: Traces = { ...marksOf(made), [property]: trace };
  return Object.defineProperty(made, markedKey, { value: marks, configurable: true });
}

/** What `mark` noted. */
export function marksOf(made: object): Traces | undefined {
  return (made as { readonly [markedKey]?: Traces })[markedKey];
}

/** Marks those of `properties` of `made` that are followed in `source`, from where they were taken unseen. */
export function carry<S extends object, T extends object>(
  source: S,
  made: T,
  ...properties: readonly (keyof S & keyof T & string)[]
): T {
  for (const property of properties) {
    const trace = traceOf(source, property);
    if (trace !== undefined) mark(made, property, trace);
  }
  return made;
}
