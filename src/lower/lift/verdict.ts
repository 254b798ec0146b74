// Verdicts as nodes.

import type { VerdictExpression } from '../../ast/nodes/index.ts';
import type { Span } from '../../source/span.ts';
import type { Verdict } from '../linear/ir.ts';
import { nameNode } from './make.ts';

export function verdictNode(verdict: Verdict, span: Span): VerdictExpression {
  const chain = 'chain' in verdict ? { chain: nameNode(verdict.chain, span) } : {};
  return { kind: 'verdict', verdict: verdict.kind, ...chain, span };
}
