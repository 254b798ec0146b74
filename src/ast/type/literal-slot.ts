// A literal that is followed through the evaluation of a rule. The node that was written and the value that it became
// say when somebody looks at them: what nobody has looked at cannot have decided anything, so another literal in the
// same place gives the same result with another value in it (templates.ts).

import type { Datatype } from '../../model/datatype.ts';
import type { NumberLiteral, SymbolExpression } from '../nodes/index.ts';
import { attempt } from './failure.ts';
import { readLiteral } from './literal/literal.ts';
import type { EvaluateOptions } from './options.ts';
import type { TypedValue } from './typed.ts';

const slotKey: unique symbol = Symbol('literal slot');

type LiteralNode = NumberLiteral | SymbolExpression;

/** Decimal numbers whose text says their value, whatever the type that is wanted. */
const plainNumber = /^(?:0|[1-9]\d{0,17})$/;

/** How a literal becomes a value: enough to do it again with another text. */
interface Fit {
  readonly type: Datatype;
  /** The largest value that is allowed. */
  readonly limit: bigint;
}

export class LiteralSlot {
  readonly token: number;
  readonly kind: LiteralNode['kind'];
  /** How often it was put into something (`followInto`). */
  uses = 0;
  #looked = false;
  #fit: Fit | undefined;

  constructor(token: number, kind: LiteralNode['kind']) {
    this.token = token;
    this.kind = kind;
  }

  /** True if the literal became one value, which only stands where it was put. */
  get isOpaque(): boolean {
    return !this.#looked && this.#fit !== undefined;
  }

  look(): void {
    this.#looked = true;
  }

  /** `value` as a value that this slot follows. */
  follow(value: TypedValue, fit: Fit): TypedValue {
    if (this.#fit !== undefined) this.look();
    this.#fit = fit;
    return watch(value, this, { value: value.value });
  }

  /** What `text` gives in this place; `undefined` if that is not sure to be right. */
  read(text: string, options: EvaluateOptions): bigint | undefined {
    if (this.#fit === undefined) return undefined;
    const value = this.#readAs(text, this.#fit.type, options);
    return value === undefined || value > this.#fit.limit ? undefined : value;
  }

  #readAs(text: string, type: Datatype, options: EvaluateOptions): bigint | undefined {
    if (this.kind === 'number') {
      if (!plainNumber.test(text)) return undefined;
      if (type.literal === 'number') return BigInt(text);
    } else if (text.startsWith('[')) return undefined;
    return attempt([], () => readLiteral({ text, span: nowhere }, type, options));
  }
}

/** Of diagnostics that nobody sees. */
const nowhere: LiteralNode['span'] = { file: 0 as LiteralNode['span']['file'], from: 0, to: 0 };

interface Watched<T> {
  readonly slot: LiteralSlot;
  readonly seen: Partial<T>;
}

/** Replaces properties of `target` by ones that tell `slot` when they are read, also by a copy of the object. */
function watch<T extends object>(target: T, slot: LiteralSlot, seen: Partial<T>): T {
  const watched: Watched<T> = { slot, seen };
  Object.defineProperty(target, slotKey, { value: watched });
  for (const [name, held] of Object.entries(seen)) {
    const get = (): unknown => {
      slot.look();
      return held;
    };
    Object.defineProperty(target, name, { get, enumerable: true });
  }
  return target;
}

/** Follows the literal that `node` is from here on. */
export function watchLiteral(node: LiteralNode, slot: LiteralSlot): void {
  if (node.kind === 'number') watch(node, slot, { text: node.text, value: node.value });
  else watch(node, slot, { text: node.text });
}

function watchedOf<T extends object>(target: T): Watched<T> | undefined {
  return (target as { readonly [slotKey]?: Watched<T> })[slotKey];
}

/** The slot that follows a node or value, if any does. */
export function slotOf(target: LiteralNode | TypedValue): LiteralSlot | undefined {
  return watchedOf(target)?.slot;
}

/** Notes that `made` is a constant's bytes and nothing else. */
export function followInto<T extends object>(made: T, slot: LiteralSlot): T {
  slot.uses++;
  return watch(made, slot, {});
}

/** The slot whose value `made` holds. */
export function slotWithin(made: unknown): LiteralSlot | undefined {
  return typeof made === 'object' && made !== null ? watchedOf(made)?.slot : undefined;
}

/** A node or value as it is, without a look being noticed. Only for those who pass it on to what is followed. */
export function unseen<T extends LiteralNode | TypedValue>(target: T): T {
  const watched = watchedOf(target);
  return watched === undefined ? target : { ...plainCopy(target), ...watched.seen };
}

/** The properties that are not watched. */
function plainCopy<T extends object>(target: T): T {
  const entries = Object.entries(Object.getOwnPropertyDescriptors(target));
  const plain = entries.filter(([, descriptor]) => descriptor.get === undefined && descriptor.enumerable);
  return Object.fromEntries(plain.map(([name, { value }]) => [name, value])) as T;
}
