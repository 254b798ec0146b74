// The typed ruleset as register IR: what nf_tables would be given, and in which order.

import { attempt } from '../../ast/type/failure.ts';
import type { TypedChain, TypedObject, TypedRule, TypedRuleset, TypedTable } from '../../ast/type/typed.ts';
import type { Diagnostic } from '../../source/diagnostic.ts';
import { Emitter } from './emitter.ts';
import type { IrChain, IrObject, IrRule, IrRuleset, IrTable, RuleId } from './ir.ts';
import { linearizeSet } from './set.ts';
import { IrSetTemplates } from './set-templates.ts';
import { statefulExpression } from './stateful.ts';
import { genStatement } from './statement.ts';
import { IrTemplates } from './templates.ts';

export interface LinearizeOptions {
  readonly [option: string]: unknown;
}

export interface LinearizeResult {
  /** Without the rules that are refused. */
  readonly ir: IrRuleset;
  readonly diagnostics: readonly Diagnostic[];
}

/**
 * The register IR of `ruleset`.
 *
 * @example
 * ```ts
 * import { evaluate, linearize, parse, printIr } from 'nft2bpf';
 *
 * const { ruleset } = evaluate(parse('table ip t { chain c { tcp dport ssh accept; }; }'));
 * console.log(printIr(linearize(ruleset).ir));
 * // ip t c
 * //   [ meta load l4proto => reg 1 ]
 * //   [ cmp eq reg 1 0x06 ]
 * //   [ payload load 2b @ transport header + 2 => reg 1 ]
 * //   [ cmp eq reg 1 0x0016 ]
 * //   [ immediate reg 0 accept ]
 * ```
 */
export function linearize(ruleset: TypedRuleset, _options?: LinearizeOptions): LinearizeResult {
  const diagnostics: Diagnostic[] = [];
  const tables = ruleset.tables.map(table => linearizeTable(table, diagnostics));
  for (const rule of ruleset.discarded?.rules ?? []) linearizeRule(rule, diagnostics);
  for (const set of ruleset.discarded?.sets ?? []) linearizeSet(set, diagnostics);
  return { ir: { tables }, diagnostics };
}

function linearizeTable(table: TypedTable, diagnostics: Diagnostic[]): IrTable {
  const { family, name, span, dormant, flags, comment } = table;
  const templates = new IrTemplates(rule => linearizeRule(rule, []));
  const sets = new IrSetTemplates();
  return {
    family,
    name,
    span,
    dormant,
    chains: table.chains.map(chain => linearizeChain(chain, templates, diagnostics)),
    sets: table.sets.map(set => sets.setOf(set) ?? linearizeSet(set, diagnostics)),
    objects: table.objects.map(linearizeObject),
    flowtables: table.flowtables,
    ...(flags !== undefined && { flags }),
    ...(comment !== undefined && { comment }),
    ...(table.handle !== undefined && { handle: table.handle }),
  };
}

function linearizeChain(chain: TypedChain, templates: IrTemplates, diagnostics: Diagnostic[]): IrChain {
  const rules: IrRule[] = [];
  for (const each of chain.rules) {
    const rule = templates.ruleOf(each) ?? linearizeRule(each, diagnostics);
    if (rule !== undefined) rules.push(rule);
  }
  return { ...chain, rules };
}

/** Each rule begins with all registers free. */
function linearizeRule(rule: TypedRule, diagnostics: Diagnostic[]): IrRule | undefined {
  const emitter = new Emitter();
  const done = attempt(diagnostics, () => {
    for (const statement of rule.statements) genStatement(emitter, statement);
    return true;
  });
  if (done === undefined) return undefined;
  return {
    id: rule.id as RuleId,
    span: rule.span,
    expressions: emitter.expressions,
    origins: emitter.origins,
    ...(rule.comment !== undefined && { comment: rule.comment }),
    ...(rule.handle !== undefined && { handle: rule.handle }),
  };
}

function linearizeObject(object: TypedObject): IrObject {
  const { state, ...kept } = object;
  return state === undefined ? kept : { ...kept, expression: statefulExpression(state) };
}
