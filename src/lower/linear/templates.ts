// Rules that differ only in constants (ast/type/templates.ts) have the same expressions but for those constants and the
// anonymous sets that they look up in: they are made once, and a rule is its template and its values until somebody looks
// at it.

import { slotValue } from '../../ast/type/keyed-templates.ts';
import {
  type LiteralSlot,
  marksOf,
  type SlotValue,
  type Trace,
  valueOfTrace,
} from '../../ast/type/literal-slot.ts';
import { type Place, Places, spanAt } from '../../ast/type/places.ts';
import type { RuleTemplate } from '../../ast/type/templates.ts';
import type { TypedRule } from '../../ast/type/typed.ts';
import type { Span } from '../../source/span.ts';
import type { Expression, IrRule, RuleId, SetId, Value } from './ir.ts';
import { writeNumber, writtenAs } from './value.ts';

/** A property of an expression that is another one in each rule. */
export type Patch = {
  /** Of the expression. */
  readonly index: number;
  readonly property: string;
} & (
  | { readonly kind: 'value'; readonly trace: Trace; readonly value: Value }
  /** A number or text as it is. */
  | { readonly kind: 'plain'; readonly trace: Trace }
  /** The rule's n-th anonymous set. */
  | { readonly kind: 'set'; readonly set: number }
);

export interface IrTemplate {
  readonly expressions: readonly Expression[];
  readonly origins: readonly Place[];
  /** In order of expressions. */
  readonly patches: readonly Patch[];
  /** Expressions that have a patch, ascending. */
  readonly patched: readonly number[];
  /** Of them, those that print alike whatever set they refer to. */
  readonly onlySets: ReadonlySet<number>;
  /** The rule's anonymous sets, in order of use. */
  readonly sets: readonly number[];
}

/** The bytes of `number` where the template has `value`. */
export function patchedValue(value: Value, number: bigint): Value {
  const { width, lowFirst } = writtenAs(value)!;
  const bytes = new Uint8Array(width);
  writeNumber(bytes, 0, width, number, lowFirst);
  const { length } = value.bytes;
  return { bytes: length === width ? bytes : bytes.slice(0, length), parts: value.parts };
}

/** A number that no set has stands for the n-th set of the rule while its template is made. */
const placeholder = (set: number): number => -1 - set;

function templateOf(rule: IrRule, template: RuleTemplate): IrTemplate | undefined {
  const places = new Places(template.form);
  const origins = rule.origins.map(span => places.of(span));
  if (!origins.every(place => place !== undefined)) return undefined;
  const patches = rule.expressions.flatMap(patchesOf);
  const patched = [...new Set(patches.map(({ index }) => index))];
  const others = new Set(patches.filter(({ kind }) => kind !== 'set').map(({ index }) => index));
  const onlySets = new Set(patched.filter(index => !others.has(index)));
  const sets = [...new Set(patches.flatMap(patch => (patch.kind === 'set' ? [patch.set] : [])))];
  return { expressions: rule.expressions, origins, patches, patched, onlySets, sets };
}

function patchesOf(expression: Expression, index: number): readonly Patch[] {
  const own = Object.entries(marksOf(expression) ?? {});
  const plain = own.map(([property, trace]): Patch => ({ index, property, kind: 'plain', trace }));
  const inner = Object.entries(expression).flatMap(([property, value]): readonly Patch[] => {
    if (property === 'set' && (value as number) < 0)
      return [{ index, property, kind: 'set', set: placeholder(value as number) }];
    const trace = typeof value === 'object' && value !== null ? marksOf(value)?.['bytes'] : undefined;
    return trace === undefined ? [] : [{ index, property, kind: 'value', trace, value: value as Value }];
  });
  return [...plain, ...inner];
}

/** How often the patches use a slot. */
function usesIn(patches: readonly Patch[], slot: LiteralSlot): number {
  const terms = patches.flatMap(patch => (patch.kind === 'set' ? [] : patch.trace.terms));
  return terms.filter(term => term.slot === slot).length;
}

/** The templates of one table. */
export class IrTemplates {
  readonly #known = new Map<RuleTemplate, IrTemplate | undefined>();
  readonly #linearize: (rule: TypedRule) => IrRule | undefined;

  constructor(linearize: (rule: TypedRule) => IrRule | undefined) {
    this.#linearize = linearize;
  }

  /** The rule by its template; `undefined` if it has none and must be linearized. */
  ruleOf(rule: TypedRule): IrRule | undefined {
    const { use } = rule;
    if (use === undefined) return undefined;
    if (!this.#known.has(use.template)) this.#known.set(use.template, this.#make(use.template));
    const template = this.#known.get(use.template);
    return template && new TemplateRule(rule, template);
  }

  /** Every constant that a slot became must be found again, and nobody may have looked at one on the way. */
  #make(template: RuleTemplate): IrTemplate | undefined {
    const { slots, trail } = template;
    const before = slots.map(slot => slot.uses);
    const rule = this.#firstRule(template);
    const made = rule && templateOf(rule, template);
    if (made === undefined) return undefined;
    const isWhole = slots.every(
      (slot, index) => slot.isOpaque && usesIn(made.patches, slot) === slot.uses - before[index]!,
    );
    trail.isOpen = false;
    return isWhole ? made : undefined;
  }

  #firstRule({ statements, form, sets }: RuleTemplate): IrRule | undefined {
    const ids = sets.map(({ set }) => set.id);
    for (const [index, { set }] of sets.entries()) set.id = placeholder(index);
    try {
      return this.#linearize({ id: 0, span: form.spanOf(form.first, form.last), statements });
    } finally {
      for (const [index, { set }] of sets.entries()) set.id = ids[index]!;
    }
  }
}

const noSets: readonly SetId[] = [];

/** A rule whose expressions are made anew at each access. */
export class TemplateRule implements IrRule {
  readonly template: IrTemplate;
  readonly #rule: TypedRule;

  constructor(rule: TypedRule, template: IrTemplate) {
    this.template = template;
    this.#rule = rule;
  }

  get id(): RuleId {
    return this.#rule.id as RuleId;
  }

  get span(): Span {
    return this.#rule.span;
  }

  get comment(): string | undefined {
    return this.#rule.comment;
  }

  get handle(): number | undefined {
    return this.#rule.handle;
  }

  /** The anonymous sets that the rule made, in order of use. */
  get sets(): readonly SetId[] {
    const { sets } = this.#rule;
    return sets === undefined ? noSets : this.template.sets.map(index => sets[index]!.id as SetId);
  }

  /** What a patch has in this rule. */
  valueOf(trace: Trace): SlotValue {
    const { values } = this.#rule.use!;
    return valueOfTrace(trace, slot => slotValue(slot, values));
  }

  /** With the constants that this rule has there. */
  expression(index: number): Expression {
    const expression: { [property: string]: unknown } = { ...this.template.expressions[index]! };
    for (const patch of this.template.patches)
      if (patch.index === index) expression[patch.property] = this.#patched(patch);
    return expression as unknown as Expression;
  }

  #patched(patch: Patch): unknown {
    if (patch.kind === 'set') return this.#rule.sets![patch.set]!.id;
    const value = this.valueOf(patch.trace);
    return patch.kind === 'plain' ? value : patchedValue(patch.value, value as bigint);
  }

  get expressions(): readonly Expression[] {
    const expressions = [...this.template.expressions];
    for (const index of this.template.patched) expressions[index] = this.expression(index);
    return expressions;
  }

  get origins(): readonly Span[] {
    return this.template.origins.map(place => spanAt(this.#rule.use!.form, place));
  }
}
