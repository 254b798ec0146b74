// A whole ruleset: first everything that has a name, so that rules can refer to it, then elements, then rules.

import type { Diagnostic } from '../../source/diagnostic.ts';
import type { Chain, Ruleset, Table } from '../apply/ruleset.ts';
import type { ObjectDeclaration } from '../nodes/index.ts';
import { declareSet, fillSet } from './declaration.ts';
import { attempt } from './failure.ts';
import { objectTypes } from './object-types.ts';
import type { EvaluateOptions } from './options.ts';
import { evaluateRule } from './rule.ts';
import { Ordinals, TableScope } from './scope.ts';
import { evaluateLimit, evaluateQuota } from './stateful.ts';
import type { TypedChain, TypedObject, TypedRuleset, TypedStateful, TypedTable } from './typed.ts';

export interface TypedResult {
  /** Without the rules, sets and objects that are wrong. */
  readonly ruleset: TypedRuleset;
  readonly diagnostics: readonly Diagnostic[];
}

/** Finds the types of everything in `ruleset`, and reports every rule and declaration that has none. */
export function typeRuleset(ruleset: Ruleset, options: EvaluateOptions = {}): TypedResult {
  const diagnostics: Diagnostic[] = [];
  const ordinals = new Ordinals();
  const tables = ruleset.tables.map(table => typeTable(table, ordinals, options, diagnostics));
  return { ruleset: { tables }, diagnostics };
}

function typeTable(
  table: Table,
  ordinals: Ordinals,
  options: EvaluateOptions,
  diagnostics: Diagnostic[],
): TypedTable {
  const scope = new TableScope(table, ordinals);
  for (const chain of table.chains) scope.chains.add(chain.name);
  for (const flowtable of table.flowtables) scope.flowtables.add(flowtable.name.text);
  for (const object of table.objects) scope.addObject(object.objectType, object.name.text);
  typeSets(table, scope, options, diagnostics);
  const objects = table.objects.flatMap(object => typeObject(object, scope, diagnostics));
  const chains = table.chains.map(chain => typeChain(chain, scope, options, diagnostics));
  diagnostics.push(...scope.warnings);
  const { family, name, span, dormant } = table;
  const all = [...chains, ...scope.anonymousChains];
  return { family, name, span, dormant, chains: all, sets: scope.sets, objects };
}

function typeSets(
  table: Table,
  scope: TableScope,
  options: EvaluateOptions,
  diagnostics: Diagnostic[],
): void {
  const declared = table.sets.map(entry => {
    const set = attempt(diagnostics, () => declareSet(scope, entry));
    if (set !== undefined) scope.addNamed(set);
    return [entry, set] as const;
  });
  for (const [entry, set] of declared)
    if (set !== undefined) attempt(diagnostics, () => fillSet(scope, set, entry, options));
}

function typeChain(
  chain: Chain,
  scope: TableScope,
  options: EvaluateOptions,
  diagnostics: Diagnostic[],
): TypedChain {
  const { name, span, base } = chain;
  const rules = chain.rules.flatMap(rule => evaluateRule(scope, rule, options, diagnostics) ?? []);
  const facts = { name: scope.currentName(name), span, rules };
  if (base === undefined) return facts;
  const { span: _, offload: __, ...rest } = base;
  return { ...facts, base: rest, rules };
}

function typeObject(
  object: ObjectDeclaration,
  scope: TableScope,
  diagnostics: Diagnostic[],
): readonly TypedObject[] {
  const state = attempt(diagnostics, () => ({ value: objectState(object, scope) }));
  if (state === undefined) return [];
  const { objectType: kind, name, span } = object;
  const facts = { kind, type: objectTypes[kind], name: name.text, span };
  return [state.value === undefined ? facts : { ...facts, state: state.value }];
}

/** State of the objects that can also stand in a rule. */
function objectState(object: ObjectDeclaration, scope: TableScope): TypedStateful | undefined {
  const { span } = object;
  switch (object.objectType) {
    case 'counter':
      return {
        kind: 'counter',
        packets: object.packets?.value ?? 0n,
        bytes: object.bytes?.value ?? 0n,
        span,
      };
    case 'quota':
      return object.quota === undefined ? undefined : evaluateQuota(scope, object.quota, span);
    case 'limit':
      return object.limit === undefined ? undefined : evaluateLimit(scope, object.limit, span);
    default:
      return undefined;
  }
}
