// A rule: its statements in order, with what they imply.

import type { Diagnostic } from '../../source/diagnostic.ts';
import type { Rule, RuleForm, Statement } from '../nodes/index.ts';
import { Evaluation } from './evaluation.ts';
import { attempt, fail } from './failure.ts';
import type { EvaluateOptions } from './options.ts';
import { reduceStatements } from './reduce.ts';
import type { OpenSet, TableScope } from './scope.ts';
import { SetLikeOthers } from './set-templates.ts';
import { evaluateStatement } from './statement.ts';
import type { RuleTemplate, TemplateUse, TemplateValues } from './templates.ts';
import type { TypedRule, TypedStatement } from './typed.ts';

/** The typed form of `rule`; `undefined`, and a diagnostic, if it has none. */
export function evaluateRule(
  table: TableScope,
  rule: Rule,
  options: EvaluateOptions,
  diagnostics: Diagnostic[],
): TypedRule | undefined {
  const use = table.templates.find(table, rule, options);
  if (use !== undefined) return likeOthers(table, rule, options, use);
  return attempt(diagnostics, () => {
    const evaluate = (statements: readonly Statement[]): readonly TypedStatement[] =>
      evaluateStatements(table, statements, options);
    return ruleOf(table, rule, table.templates.evaluate(table, rule, evaluate));
  });
}

function likeOthers(table: TableScope, rule: Rule, options: EvaluateOptions, use: TemplateValues): TypedRule {
  const made = new RuleLikeOthers(table, rule, options, use);
  const { sets } = use.template;
  if (sets.length > 0)
    made.sets = sets.map(set => table.addAnonymous(new SetLikeOthers(table.ordinals.set(), set, made)));
  return made;
}

const noSets: readonly OpenSet[] = [];

/**
 * A rule that fits a template: it is known to have a typed form, which is made when somebody asks for it. Long rulesets
 * are made of these: one object is all that each is beside its values.
 */
class RuleLikeOthers implements TypedRule, TemplateUse {
  id: number;
  handle = 0;
  readonly template: RuleTemplate;
  readonly values: TemplateUse['values'];
  readonly #table: TableScope;
  readonly #rule: Rule;
  readonly #options: EvaluateOptions;
  sets: readonly OpenSet[] = noSets;

  constructor(table: TableScope, rule: Rule, options: EvaluateOptions, { template, values }: TemplateValues) {
    this.id = table.ordinals.rule();
    this.template = template;
    this.values = values;
    this.#table = table;
    this.#rule = rule;
    this.#options = options;
  }

  get use(): TemplateUse {
    return this;
  }

  get form(): RuleForm {
    return this.#rule.form!;
  }

  get span(): Rule['span'] {
    return this.#rule.span;
  }

  get statements(): readonly TypedStatement[] {
    return this.#table.again(this.sets, () =>
      evaluateStatements(this.#table, this.#rule.statements, this.#options),
    );
  }

  get comment(): string | undefined {
    return this.#rule.comment?.text;
  }
}

/** The typed form of `rule`, or a failure. */
export function typedRule(table: TableScope, rule: Rule, options: EvaluateOptions): TypedRule {
  return ruleOf(table, rule, evaluateStatements(table, rule.statements, options));
}

function ruleOf(table: TableScope, rule: Rule, statements: readonly TypedStatement[]): TypedRule {
  const { span, comment } = rule;
  return {
    id: table.ordinals.rule(),
    span,
    statements,
    ...(comment !== undefined && { comment: comment.text }),
  };
}

/** Statements behind which nothing of the rule runs. */
function isTerminal(statement: TypedStatement): boolean {
  switch (statement.kind) {
    case 'verdict':
      return statement.verdict.kind === 'verdict' && statement.verdict.verdict !== 'continue';
    case 'reject':
    case 'nat':
    case 'queue':
    case 'fwd':
      return true;
    default:
      return false;
  }
}

function evaluateStatements(
  table: TableScope,
  statements: readonly Statement[],
  options: EvaluateOptions,
): readonly TypedStatement[] {
  const evaluation = new Evaluation(table, options);
  let terminal: Statement | undefined;
  for (const statement of statements) {
    if (terminal !== undefined)
      fail('unreachable-statement', 'a statement behind a terminal statement has no effect', statement.span, {
        notes: [{ message: 'the rule ends here', span: terminal.span }],
      });
    const typed = evaluateStatement(evaluation, statement);
    evaluation.statements.push(typed);
    if (isTerminal(typed)) terminal = statement;
  }
  return reduceStatements(evaluation.statements, table.family);
}
