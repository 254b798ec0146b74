// Results that are kept for all rows of tokens of one shape (rules, elements of sets) that differ only in literals which
// decided nothing. What did decide something is part of the key under which a result is kept.

import type { TokenForm } from '../nodes/index.ts';
import {
  type LiteralNode,
  LiteralSlot,
  type SlotValue,
  Trail,
  valueOfTrace,
  watchLiteral,
} from './literal-slot.ts';
import type { EvaluateOptions } from './options.ts';

/** What was found out when the result was made. */
export interface Template {
  readonly slots: readonly LiteralSlot[];
  readonly trail: Trail;
}

/** A shape is given up when so many forms fitted no template, and few of the others did. */
const missLimit = 200;

interface ShapeEntry<T> {
  /** Tokens whose texts are the key. */
  readonly pinned: readonly number[];
  readonly byKey: Map<string, T>;
  misses: number;
  hits: number;
}

export class KeyedTemplates<T extends Template> {
  readonly #shapes = new Map<object, ShapeEntry<T>>();
  readonly #met = new Set<object>();

  /** The template that `form` fits, and the values of its slots. `holds` has the last word. */
  find(
    form: TokenForm,
    options: EvaluateOptions,
    holds: (template: T) => boolean = () => true,
  ):
    | { readonly template: T; readonly values: readonly SlotValue[]; readonly pinned: readonly number[] }
    | undefined {
    const entry = this.#shapes.get(form.shape);
    if (entry === undefined) return undefined;
    const template = entry.byKey.get(keyOf(form, entry.pinned));
    const values = template && readSlots(template, form, options);
    if (template === undefined || values === undefined || !holds(template)) {
      entry.misses++;
      return undefined;
    }
    entry.hits++;
    return { template, values, pinned: entry.pinned };
  }

  /**
   * Whether a template for forms of this shape is worth its cost: not for the first one, which in short rulesets is the
   * only one, and not any more where most had literals that decide something.
   */
  isWorthwhile({ shape }: TokenForm): boolean {
    const entry = this.#shapes.get(shape);
    if (entry !== undefined) return entry.misses <= missLimit + entry.hits / 4;
    if (this.#met.has(shape)) return true;
    this.#met.add(shape);
    return false;
  }

  /** Keeps what `make` gives for the slots that `finder` found. */
  keep(form: TokenForm, finder: SlotFinder, make: (slots: readonly LiteralSlot[]) => T): void {
    const opaque = new Set(finder.slots.filter(slot => slot.isOpaque).map(slot => slot.token));
    const entry = this.#shapes.get(form.shape) ?? {
      pinned: form.literals.filter(token => !opaque.has(token)),
      byKey: new Map(),
      misses: 0,
      hits: 0,
    };
    this.#shapes.set(form.shape, entry);
    const pinned = new Set(entry.pinned);
    // A token that is neither in the key nor a slot would be lost.
    if (!form.literals.every(token => pinned.has(token) || opaque.has(token))) return;
    const slots = finder.slots.filter(slot => !pinned.has(slot.token));
    for (const [index, slot] of slots.entries()) slot.index = index;
    entry.byKey.set(keyOf(form, entry.pinned), make(slots));
  }
}

function keyOf(form: TokenForm, pinned: readonly number[]): string {
  let key = '';
  for (const token of pinned) {
    const text = form.text(token);
    key += `${text.length}:${text}`;
  }
  return key;
}

function readSlots(
  { slots, trail }: Template,
  form: TokenForm,
  options: EvaluateOptions,
): readonly SlotValue[] | undefined {
  // One that grows would have room for more, and there are as many as rules.
  const values = new Array<SlotValue>(slots.length);
  for (let index = 0; index < values.length; index++) {
    const slot = slots[index]!;
    const value = slot.read(form.text(slot.token), options);
    if (value === undefined) return undefined;
    values[index] = value;
  }
  if (trail.guards.length === 0) return values;
  const read = (slot: LiteralSlot): SlotValue => slotValue(slot, values);
  const isKept = trail.guards.every(({ low, high }) => valueOfTrace(low, read) < valueOfTrace(high, read));
  return isKept ? values : undefined;
}

/** `values` by slot of a template. A literal that is followed, but part of the key, is the same everywhere. */
export function slotValue(slot: LiteralSlot, values: readonly SlotValue[]): SlotValue {
  return values[slot.index] ?? slot.value!;
}

/** Follows every number, symbol and text that is one token, which nothing but its node has read. */
export class SlotFinder {
  readonly slots: LiteralSlot[] = [];
  /** Of sets that the rule refers to. */
  readonly names: Set<string> = new Set();
  readonly trail: Trail = new Trail();
  readonly #form: TokenForm;
  readonly #tokens = new Map<number, number>();
  readonly #file: number;
  /** What variables stand for: shared, and so looked at once. */
  readonly #shared = new Set<unknown>();

  constructor(form: TokenForm, reads: ReadonlyMap<number, number>) {
    this.#form = form;
    this.#file = form.spanOf(form.last, form.last).file;
    for (const token of form.literals)
      if (reads.get(token) === 1) this.#tokens.set(form.spanOf(token, token).from, token);
  }

  visit(value: unknown): void {
    if (typeof value !== 'object' || value === null) return;
    if (Array.isArray(value)) for (const item of value) this.visit(item);
    else if (isElementList(value)) this.#visitElements(value);
    else this.#visitNode(value as AnyNode);
  }

  /** Longer lists are never those of a rule that has a form. */
  #visitElements(elements: AnyList): void {
    if (elements.length > longestList) return;
    for (let index = 0; index < elements.length; index++) this.visit(elements.at(index));
  }

  #visitNode(node: AnyNode): void {
    const { kind } = node;
    if (kind === 'set_reference') this.names.add(String(node.name));
    if (kind === 'meter') this.names.add(String((node.name as AnyNode).text));
    const isLiteral = kind === 'number' || kind === 'text' || (kind === 'symbol' && node.form !== 'keyword');
    if (kind === 'variable') this.#visitShared(node.value);
    else if (isLiteral) this.#follow(node as unknown as LiteralNode);
    else for (const property of Object.values(node)) this.visit(property);
  }

  #visitShared(value: unknown): void {
    if (this.#shared.has(value)) return;
    this.#shared.add(value);
    this.visit(value);
  }

  #follow(node: LiteralNode): void {
    if (node.span.file !== this.#file) return;
    const token = this.#tokens.get(node.span.from);
    if (token === undefined || bare(this.#form.text(token)) !== node.text) return;
    this.#tokens.delete(node.span.from);
    const slot = new LiteralSlot(token, node, this.trail);
    watchLiteral(node, slot);
    this.slots.push(slot);
  }
}

const longestList = 64;

interface AnyList {
  readonly length: number;
  at(index: number): unknown;
}

const isElementList = (value: object): value is AnyList => 'length' in value && 'at' in value;

/** Without quotes. */
const bare = (text: string): string => (text.startsWith('"') ? text.slice(1, -1) : text);

interface AnyNode {
  readonly kind?: string;
  readonly form?: string;
  readonly name?: unknown;
  readonly text?: unknown;
  readonly value?: unknown;
}
