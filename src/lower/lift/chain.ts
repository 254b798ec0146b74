// Chains: what makes a base chain, and rules.

import type { BaseChainSpec, ChainDeclaration, Priority, SymbolExpression } from '../../ast/nodes/index.ts';
import type { Family, Hook } from '../../model/family.ts';
import { nearestPriority } from '../../model/hooks.ts';
import type { Span } from '../../source/span.ts';
import type { IrBaseChain, IrChain } from '../linear/ir.ts';
import { handleOf, nameNode, symbolNode, textNode } from './make.ts';
import { liftRule } from './rule.ts';
import type { TableContext } from './table-context.ts';

export function liftChain(context: TableContext, chain: IrChain): ChainDeclaration {
  const { name, span, base, comment } = chain;
  return {
    kind: 'chain',
    table: context.reference,
    name: nameNode(name, span),
    block: true,
    ...(base !== undefined && {
      base: baseNode(context, base, span),
      policy: { kind: 'policy', policy: base.policy, span },
    }),
    offload: base?.offload === true,
    ...(comment !== undefined && { comment: textNode(comment, span) }),
    get rules() {
      return chain.rules.map(rule => liftRule(context, rule));
    },
    ...handleOf(chain),
    span,
  };
}

function baseNode(context: TableContext, base: IrBaseChain, span: Span): BaseChainSpec {
  const { type, hook, priority, devices } = base;
  return {
    kind: 'base_chain',
    type,
    hook: nameNode(hook, span),
    priority: priorityNode(context, hook, priority, span),
    ...(devices.length > 0 && { devices: deviceNodes(devices, span) }),
    span,
  };
}

/** Names are quoted, a pattern among them too. */
export function deviceNodes(devices: readonly string[], span: Span): readonly SymbolExpression[] {
  return devices.map(name => symbolNode(name, span, name.endsWith('*') ? 'wildcard' : 'quoted'));
}

/** A name within ten of the number, and the difference; or the number. */
export function priorityNode(
  context: Pick<TableContext, 'options'> & { readonly family: Family },
  hook: Hook,
  priority: number,
  span: Span,
): Priority {
  const { numeric, numericPriority } = context.options;
  const near = numeric || numericPriority ? undefined : nearestPriority(context.family, hook, priority);
  if (near === undefined) return { kind: 'priority', offset: BigInt(priority), span };
  const offset = priority - near.value;
  return {
    kind: 'priority',
    name: nameNode(near.name, span),
    ...(offset !== 0 && { offset: BigInt(offset) }),
    span,
  };
}
