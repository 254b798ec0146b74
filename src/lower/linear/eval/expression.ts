// Which evaluator belongs to which expression.

import type { Expression } from '../ir.ts';
import { evaluateCombine, evaluateMask, evaluateShift } from './bitwise.ts';
import { evaluateByteOrder } from './byteorder.ts';
import { evaluateCompare, evaluateRange } from './compare.ts';
import { evaluateConntrack, evaluateConntrackSet, evaluateNotrack } from './conntrack.ts';
import { evaluateDynset } from './dynset.ts';
import type { Execution } from './execution.ts';
import { evaluateExthdr } from './exthdr.ts';
import { evaluateHash } from './hash.ts';
import { evaluateLookup, evaluateObjectMap, evaluateObjectReference } from './lookup.ts';
import { evaluateMeta, evaluateMetaSet } from './meta.ts';
import { evaluatePayload } from './payload.ts';
import type { StatefulCell } from './state.ts';
import { evaluateStateful } from './stateful.ts';
import { next, notEvaluable, type Step, verdictStep } from './step.ts';

/** `cell` is the expression's state, if it keeps any. */
export function evaluateExpression(
  execution: Execution,
  expression: Expression,
  cell: StatefulCell | undefined,
): Step {
  if (cell) return evaluateStateful(execution, cell);
  switch (expression.op) {
    case 'payload':
      return evaluatePayload(execution, expression);
    case 'exthdr':
      return evaluateExthdr(execution, expression);
    case 'meta':
      return evaluateMeta(execution, expression);
    case 'meta_set':
      return evaluateMetaSet(execution, expression);
    case 'ct':
      return evaluateConntrack(execution, expression);
    case 'ct_set':
      return evaluateConntrackSet(execution, expression);
    case 'cmp':
      return evaluateCompare(execution, expression);
    case 'range':
      return evaluateRange(execution, expression);
    case 'bitwise':
      return evaluateMask(execution, expression);
    case 'bitwise_shift':
      return evaluateShift(execution, expression);
    case 'bitwise_register':
      return evaluateCombine(execution, expression);
    case 'byteorder':
      return evaluateByteOrder(execution, expression);
    case 'lookup':
      return evaluateLookup(execution, expression);
    case 'immediate':
      execution.registers.write(expression.dest, expression.value.bytes);
      return next;
    case 'verdict':
      return verdictStep(expression.verdict);
    case 'objref':
      return evaluateObjectReference(execution, expression);
    case 'objref_map':
      return evaluateObjectMap(execution, expression);
    case 'dynset':
      return evaluateDynset(execution, expression);
    case 'hash':
      return evaluateHash(execution, expression);
    case 'notrack':
      return evaluateNotrack(execution);
    // Neither changes the packet's way (facts 33 and 80).
    case 'log':
    case 'last':
      return next;
    // Whether an answer is sent is another matter (fact 74).
    case 'reject':
      return verdictStep({ kind: 'drop' });
    case 'other':
      return notEvaluable(`${expression.name} is not modelled`);
    default:
      return notEvaluable(`${expression.op} is not modelled`);
  }
}
