// The typed form of a rule, found once for all rules that differ only in literals which decide nothing. The first rule of
// a shape is evaluated as every other is, with its literals followed (literal-slot.ts). Those that nobody looked at are
// slots; all others are part of the key under which the result is kept. Rules that make chains or warnings are not kept,
// and what is kept of rules that refer to named sets holds as long as those names stand for the same sets.

import type { Rule, RuleForm, Statement } from '../nodes/index.ts';
import {
  type LiteralNode,
  LiteralSlot,
  type SlotValue,
  Trail,
  valueOfTrace,
  watchLiteral,
} from './literal-slot.ts';
import type { EvaluateOptions } from './options.ts';
import type { OpenSet, TableScope } from './scope.ts';
import { type SetTemplate, setTemplate } from './set-templates.ts';
import type { TypedStatement } from './typed.ts';

/** What rules have in common: their typed form, but for the values of slots. */
export interface RuleTemplate {
  /** Of the first rule: values that slots follow, and spans, are that rule's. */
  readonly statements: readonly TypedStatement[];
  /** The first rule. */
  readonly form: RuleForm;
  readonly slots: readonly LiteralSlot[];
  readonly trail: Trail;
  /** Anonymous sets, in the order in which the rule makes them. */
  readonly sets: readonly SetTemplate[];
  readonly named: ReadonlyMap<string, OpenSet | undefined>;
}

/** A rule that fits a template. */
export interface TemplateUse {
  readonly template: RuleTemplate;
  readonly form: RuleForm;
  /** By slot. */
  readonly values: readonly SlotValue[];
}

type Evaluate = (statements: readonly Statement[]) => readonly TypedStatement[];

/** A shape is given up when so many rules fitted no template, and few of the others did. */
const missLimit = 200;

interface ShapeEntry {
  /** Tokens whose texts are the key. */
  readonly pinned: readonly number[];
  readonly byKey: Map<string, RuleTemplate>;
  misses: number;
  hits: number;
}

function isGivenUp({ misses, hits }: ShapeEntry): boolean {
  return misses > missLimit + hits / 4;
}

export class RuleTemplates {
  readonly #shapes = new Map<object, ShapeEntry>();

  /** The template that `rule` fits, and its values; `undefined` if it has to be evaluated. */
  find(table: TableScope, rule: Rule, options: EvaluateOptions): TemplateUse | undefined {
    const { form } = rule;
    const entry = form && this.#shapes.get(form.shape);
    if (entry === undefined) return undefined;
    const template = entry.byKey.get(keyOf(form!, entry.pinned));
    const values = template && readSlots(template, form!, options);
    if (template === undefined || values === undefined || !holds(template, table)) {
      entry.misses++;
      return undefined;
    }
    entry.hits++;
    return { template, form: form!, values };
  }

  /** Evaluates `rule`, and keeps the result for others of its shape if that is possible. */
  evaluate(table: TableScope, rule: Rule, evaluate: Evaluate): readonly TypedStatement[] {
    const { form } = rule;
    const entry = form && this.#shapes.get(form.shape);
    if (form === undefined || (entry !== undefined && isGivenUp(entry))) return evaluate(rule.statements);
    const { statements, reads } = form.trace();
    const finder = new SlotFinder(form, reads);
    finder.visit(statements);
    const before = stateOf(table);
    const made = table.sets.length;
    const typed = evaluate(statements);
    const sets = table.sets.slice(made);
    const isSteady = stateOf(table) === before && sets.every(set => table.findSet(set.name) !== set);
    if (isSteady) this.#keep(entry, form, typed, finder, sets, table);
    finder.trail.isOpen = isSteady;
    return typed;
  }

  #keep(
    known: ShapeEntry | undefined,
    form: RuleForm,
    statements: readonly TypedStatement[],
    finder: SlotFinder,
    made: readonly OpenSet[],
    table: TableScope,
  ): void {
    const sets = made.map(set => setTemplate(set, form));
    const opaque = new Set(finder.slots.filter(slot => slot.isOpaque).map(slot => slot.token));
    const entry = known ?? {
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
    const named = new Map([...finder.names].map(name => [name, table.findSet(name)]));
    const { trail } = finder;
    entry.byKey.set(keyOf(form, entry.pinned), { statements, form, slots, trail, sets, named });
  }
}

/** What a rule can make in its table besides sets. */
function stateOf({ anonymousChains, warnings }: TableScope): string {
  return `${anonymousChains.length} ${warnings.length}`;
}

/** True if names stand for the same sets as when the template was made. */
function holds({ named }: RuleTemplate, table: TableScope): boolean {
  for (const [name, set] of named) if (table.findSet(name) !== set) return false;
  return true;
}

function keyOf(form: RuleForm, pinned: readonly number[]): string {
  let key = '';
  for (const token of pinned) {
    const text = form.text(token);
    key += `${text.length}:${text}`;
  }
  return key;
}

function readSlots(
  template: RuleTemplate,
  form: RuleForm,
  options: EvaluateOptions,
): readonly SlotValue[] | undefined {
  const { slots, trail } = template;
  const values: SlotValue[] = [];
  for (const slot of slots) {
    const value = slot.read(form.text(slot.token), options);
    if (value === undefined) return undefined;
    values.push(value);
  }
  if (trail.guards.length === 0) return values;
  const read = (slot: LiteralSlot): SlotValue => values[slot.index] ?? pinnedValue(slot);
  const isKept = trail.guards.every(({ low, high }) => valueOfTrace(low, read) < valueOfTrace(high, read));
  return isKept ? values : undefined;
}

/** Of a literal that is followed and all the same part of the key. */
function pinnedValue(slot: LiteralSlot): SlotValue {
  return slot.value!;
}

/** Follows every number, symbol and text that is one token, which nothing but its node has read. */
class SlotFinder {
  readonly slots: LiteralSlot[] = [];
  /** Of sets that the rule refers to. */
  readonly names: Set<string> = new Set();
  readonly trail: Trail = new Trail();
  readonly #form: RuleForm;
  readonly #tokens = new Map<number, number>();
  readonly #file: number;

  constructor(form: RuleForm, reads: ReadonlyMap<number, number>) {
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
    if (isLiteral) this.#follow(node as unknown as LiteralNode);
    else for (const property of Object.values(node)) this.visit(property);
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
}
