// A rule: its statements in order, with what they imply.

import type { Diagnostic } from '../../source/diagnostic.ts';
import type { Rule, Statement } from '../nodes/index.ts';
import { Evaluation } from './evaluation.ts';
import { attempt, fail } from './failure.ts';
import type { EvaluateOptions } from './options.ts';
import { reduceStatements } from './reduce.ts';
import type { TableScope } from './scope.ts';
import { evaluateStatement } from './statement.ts';
import type { TypedRule, TypedStatement } from './typed.ts';

/** The typed form of `rule`; `undefined`, and a diagnostic, if it has none. */
export function evaluateRule(
  table: TableScope,
  rule: Rule,
  options: EvaluateOptions,
  diagnostics: Diagnostic[],
): TypedRule | undefined {
  return attempt(diagnostics, () => typedRule(table, rule, options));
}

/** The typed form of `rule`, or a failure. */
export function typedRule(table: TableScope, rule: Rule, options: EvaluateOptions): TypedRule {
  const statements = evaluateStatements(table, rule, options);
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
  rule: Rule,
  options: EvaluateOptions,
): readonly TypedStatement[] {
  const evaluation = new Evaluation(table, options);
  let terminal: Statement | undefined;
  for (const statement of rule.statements) {
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
