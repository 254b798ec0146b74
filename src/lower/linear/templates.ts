// Rules that differ only in constants (ast/type/templates.ts) have the same expressions but for those constants: they are
// made once, and a rule is its template and its values until somebody looks at it.

import type { LiteralSlot } from '../../ast/type/literal-slot.ts';
import { slotWithin } from '../../ast/type/literal-slot.ts';
import type { RuleTemplate, TemplateUse } from '../../ast/type/templates.ts';
import type { TypedRule } from '../../ast/type/typed.ts';
import type { Span } from '../../source/span.ts';
import type { Expression, IrRule, RuleId, Value } from './ir.ts';
import { writeNumber } from './value.ts';

/** A constant that is another one in each rule. */
export interface Patch {
  /** Of the expression. */
  readonly index: number;
  /** Of the expression: where it has the constant. */
  readonly property: string;
  readonly slot: number;
  readonly value: Value;
}

/** First and last token. */
type TokenRange = readonly [number, number];

export interface IrTemplate {
  readonly expressions: readonly Expression[];
  readonly origins: readonly TokenRange[];
  /** In order of expressions. */
  readonly patches: readonly Patch[];
  /** Expressions that have a patch, ascending. */
  readonly patched: readonly number[];
}

/** The bytes of `number` where the template has `value`. */
export function patchedValue(value: Value, number: bigint): Value {
  const bytes = new Uint8Array(value.bytes.length);
  writeNumber(bytes, 0, bytes.length, number, isLowFirst(value));
  return { bytes, parts: value.parts };
}

function isLowFirst({ parts }: Value): boolean {
  return parts[0]!.order === 'host';
}

function templateOf(rule: IrRule, template: RuleTemplate): IrTemplate | undefined {
  const ranges = new TokenRanges(template);
  const origins = rule.origins.map(span => ranges.of(span));
  if (!origins.every(range => range !== undefined)) return undefined;
  const patches = patchesOf(rule, template.slots);
  const patched = [...new Set(patches.map(({ index }) => index))];
  return { expressions: rule.expressions, origins, patches, patched };
}

function patchesOf(rule: IrRule, slots: readonly LiteralSlot[]): readonly Patch[] {
  return rule.expressions.flatMap((expression, index) =>
    Object.entries(expression).flatMap(([property, value]) => {
      const slot = slots.indexOf(slotWithin(value)!);
      return slot < 0 ? [] : [{ index, property, slot, value: value as Value }];
    }),
  );
}

/** Tokens by where they begin and end. */
class TokenRanges {
  readonly #file: Span['file'];
  readonly #first = new Map<number, number>();
  readonly #last = new Map<number, number>();

  constructor({ form }: RuleTemplate) {
    this.#file = form.spanOf(form.first, form.last).file;
    for (let token = form.first; token <= form.last; token++) {
      const { from, to } = form.spanOf(token, token);
      this.#first.set(from, token);
      this.#last.set(to, token);
    }
  }

  /** `undefined` if the span is not from a token's start to a token's end. */
  of({ file, from, to }: Span): TokenRange | undefined {
    const first = this.#first.get(from);
    const last = this.#last.get(to);
    return file !== this.#file || first === undefined || last === undefined ? undefined : [first, last];
  }
}

/** The templates of one chain. */
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
    return template && new TemplateRule(rule, use, template);
  }

  /** Every constant that a slot became must be found again, and nobody may have looked at one on the way. */
  #make(template: RuleTemplate): IrTemplate | undefined {
    const { statements, slots, form } = template;
    const before = slots.map(slot => slot.uses);
    const rule = this.#linearize({ id: 0, span: form.spanOf(form.first, form.last), statements });
    const made = rule && templateOf(rule, template);
    if (made === undefined) return undefined;
    const isWhole = slots.every(
      (slot, index) =>
        slot.isOpaque &&
        made.patches.filter(patch => patch.slot === index).length === slot.uses - before[index]!,
    );
    return isWhole ? made : undefined;
  }
}

/** A rule whose expressions are made anew at each access. */
export class TemplateRule implements IrRule {
  readonly id: RuleId;
  readonly template: IrTemplate;
  readonly values: readonly bigint[];
  readonly #rule: TypedRule;
  readonly #form: TemplateUse['form'];

  constructor(rule: TypedRule, { form, values }: TemplateUse, template: IrTemplate) {
    this.id = rule.id as RuleId;
    this.template = template;
    this.values = values;
    this.#rule = rule;
    this.#form = form;
  }

  get span(): Span {
    return this.#rule.span;
  }

  get comment(): string | undefined {
    return this.#rule.comment;
  }

  /** With the constants that this rule has there. */
  expression(index: number): Expression {
    const expression: { [property: string]: unknown } = { ...this.template.expressions[index]! };
    for (const patch of this.template.patches)
      if (patch.index === index)
        expression[patch.property] = patchedValue(patch.value, this.values[patch.slot]!);
    return expression as unknown as Expression;
  }

  get expressions(): readonly Expression[] {
    const expressions = [...this.template.expressions];
    for (const index of this.template.patched) expressions[index] = this.expression(index);
    return expressions;
  }

  get origins(): readonly Span[] {
    return this.template.origins.map(([first, last]) => this.#form.spanOf(first, last));
  }
}
