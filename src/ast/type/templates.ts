// The typed form of a rule, found once for all rules that differ only in literals which decide nothing. The first rule of
// a shape is evaluated as every other is, with its literals followed (literal-slot.ts). Those that nobody looked at are
// slots; all others are part of the key under which the result is kept. Rules that change their table, or depend on what
// other rules change, are not kept.

import type { Rule, RuleForm, Statement } from '../nodes/index.ts';
import { LiteralSlot, watchLiteral } from './literal-slot.ts';
import type { EvaluateOptions } from './options.ts';
import type { TableScope } from './scope.ts';
import type { TypedStatement } from './typed.ts';

/** What rules have in common: their typed form, but for the values of slots. */
export interface RuleTemplate {
  /** Of the first rule: values that slots follow, and spans, are that rule's. */
  readonly statements: readonly TypedStatement[];
  /** The first rule. */
  readonly form: RuleForm;
  readonly slots: readonly LiteralSlot[];
}

/** A rule that fits a template. */
export interface TemplateUse {
  readonly template: RuleTemplate;
  readonly form: RuleForm;
  /** By slot. */
  readonly values: readonly bigint[];
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

/** Nodes whose meaning rules can change, or that make something in the table. */
const unsteady = new Set([
  'set_reference',
  'set_update',
  'meter',
  'set',
  'map',
  'vmap',
  'variable',
  'anonymous_chain',
]);

export class RuleTemplates {
  readonly #shapes = new Map<object, ShapeEntry>();

  /** The template that `rule` fits, and its values; `undefined` if it has to be evaluated. */
  find(rule: Rule, options: EvaluateOptions): TemplateUse | undefined {
    const { form } = rule;
    const entry = form && this.#shapes.get(form.shape);
    if (entry === undefined) return undefined;
    const template = entry.byKey.get(keyOf(form!, entry.pinned));
    const values = template && readSlots(template, form!, options);
    if (template === undefined || values === undefined) {
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
    const typed = evaluate(statements);
    if (finder.isSteady && stateOf(table) === before) this.#keep(entry, form, typed, finder.slots);
    return typed;
  }

  #keep(
    known: ShapeEntry | undefined,
    form: RuleForm,
    statements: readonly TypedStatement[],
    candidates: readonly LiteralSlot[],
  ): void {
    const opaque = new Set(candidates.filter(slot => slot.isOpaque).map(slot => slot.token));
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
    const slots = candidates.filter(slot => !pinned.has(slot.token));
    entry.byKey.set(keyOf(form, entry.pinned), { statements, form, slots });
  }
}

/** Everything that a rule can make in its table. */
function stateOf({ sets, anonymousChains, warnings }: TableScope): string {
  return `${sets.length} ${anonymousChains.length} ${warnings.length}`;
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
): readonly bigint[] | undefined {
  const values: bigint[] = [];
  for (const slot of template.slots) {
    const value = slot.read(form.text(slot.token), options);
    if (value === undefined) return undefined;
    values.push(value);
  }
  return values;
}

/** Follows every number and symbol that is one token, which nothing but its node has read. */
class SlotFinder {
  readonly slots: LiteralSlot[] = [];
  isSteady = true;
  readonly #form: RuleForm;
  readonly #tokens = new Map<number, number>();

  constructor(form: RuleForm, reads: ReadonlyMap<number, number>) {
    this.#form = form;
    for (const token of form.literals)
      if (reads.get(token) === 1) this.#tokens.set(form.spanOf(token, token).from, token);
  }

  visit(value: unknown): void {
    if (typeof value !== 'object' || value === null) return;
    if (Array.isArray(value)) for (const item of value) this.visit(item);
    else this.#visitNode(value as AnyNode);
  }

  #visitNode(node: AnyNode): void {
    if (unsteady.has(node.kind ?? '')) this.isSteady = false;
    if (node.kind === 'number' || (node.kind === 'symbol' && node.form === 'plain'))
      this.#follow(node as Parameters<typeof watchLiteral>[0]);
    else for (const property of Object.values(node)) this.visit(property);
  }

  #follow(node: Parameters<typeof watchLiteral>[0]): void {
    const token = this.#tokens.get(node.span.from);
    if (token === undefined || this.#form.text(token) !== node.text) return;
    this.#tokens.delete(node.span.from);
    const slot = new LiteralSlot(token, node.kind);
    watchLiteral(node, slot);
    this.slots.push(slot);
  }
}

interface AnyNode {
  readonly kind?: string;
  readonly form?: string;
}
