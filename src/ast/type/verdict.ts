// Verdicts, and the chains they name.

import { verdictType } from '../../model/datatype.ts';
import type { Expression, Name, VariableExpression, VerdictExpression } from '../nodes/index.ts';
import type { Evaluation } from './evaluation.ts';
import { fail } from './failure.ts';
import type { TypedVerdict } from './typed.ts';

const longestChainName = 255;

/** The name of a chain is read when it is asked for: commands may still rename it. */
export function verdictOf(evaluation: Evaluation, expression: VerdictExpression): TypedVerdict {
  const { verdict, chain, span } = expression;
  const facts = { kind: 'verdict', type: verdictType, bits: 0, order: 'none', span } as const;
  if (chain === undefined) return { ...facts, verdict };
  const target = evaluation.table.chain(chainName(chain));
  return {
    ...facts,
    verdict,
    get chain() {
      return target.name;
    },
  };
}

function variableText(variable: VariableExpression): string {
  let value: Expression = variable.value;
  while (value.kind === 'variable') value = value.value;
  if (value.kind === 'symbol') return value.text;
  return fail('not-a-chain', `\`$${variable.name}\` is not the name of a chain`, variable.span);
}

function chainName(chain: Name | VariableExpression): string {
  const name = chain.kind === 'name' ? chain.text : variableText(chain);
  if (name.length > longestChainName)
    fail('name-too-long', `a chain's name has at most ${longestChainName} characters`, chain.span);
  return name;
}
