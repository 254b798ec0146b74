// The typed form of a rule, found once for all rules that differ only in literals which decide nothing. The second rule of
// a shape is evaluated as every other is, with its literals followed (literal-slot.ts). Rules that make chains or warnings
// are not kept, and what is kept of rules that refer to named sets holds as long as those names stand for the same sets.

import type { Rule, RuleForm, Statement } from '../nodes/index.ts';
import { KeyedTemplates, SlotFinder, type Template } from './keyed-templates.ts';
import type { SlotValue } from './literal-slot.ts';
import type { EvaluateOptions } from './options.ts';
import type { OpenSet, TableScope } from './scope.ts';
import { type SetTemplate, setTemplate } from './set-templates.ts';
import type { TypedStatement } from './typed.ts';

/** What rules have in common: their typed form, but for the values of slots. */
export interface RuleTemplate extends Template {
  /** Of the first rule: values that slots follow, and spans, are that rule's. */
  readonly statements: readonly TypedStatement[];
  /** The first rule. */
  readonly form: RuleForm;
  /** Anonymous sets, in the order in which the rule makes them. */
  readonly sets: readonly SetTemplate[];
  readonly named: ReadonlyMap<string, OpenSet | undefined>;
}

export interface TemplateValues {
  readonly template: RuleTemplate;
  /** By slot. */
  readonly values: readonly SlotValue[];
}

/** A rule that fits a template. */
export interface TemplateUse extends TemplateValues {
  readonly form: RuleForm;
}

type Evaluate = (statements: readonly Statement[]) => readonly TypedStatement[];

export class RuleTemplates {
  readonly #known = new KeyedTemplates<RuleTemplate>();

  /** The template that `rule` fits, and its values; `undefined` if it has to be evaluated. */
  find(table: TableScope, { form }: Rule, options: EvaluateOptions): TemplateValues | undefined {
    return form && this.#known.find(form, options, template => holds(template, table));
  }

  /** Evaluates `rule`, and keeps the result for others of its shape if that is possible. */
  evaluate(table: TableScope, rule: Rule, evaluate: Evaluate): readonly TypedStatement[] {
    const { form } = rule;
    if (form === undefined || !this.#known.isWorthwhile(form)) return evaluate(rule.statements);
    const { statements, reads } = form.trace();
    const finder = new SlotFinder(form, reads);
    finder.visit(statements);
    const before = stateOf(table);
    const count = table.sets.length;
    const typed = evaluate(statements);
    const made = table.sets.slice(count);
    const isSteady = stateOf(table) === before && made.every(set => table.findSet(set.name) !== set);
    if (isSteady) {
      const sets = made.map(set => setTemplate(set, form));
      const named = new Map([...finder.names].map(name => [name, table.findSet(name)]));
      const { trail } = finder;
      this.#known.keep(form, finder, slots => ({ statements: typed, form, slots, trail, sets, named }));
    }
    finder.trail.isOpen = isSteady;
    return typed;
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
