// Set and map look-ups (nft_lookup.c) and object references (nft_objref.c). Facts 40 to 42 and 50.

import type { Expression } from '../ir.ts';
import type { Execution } from './execution.ts';
import { findElement, type SetElement } from './set-contents.ts';
import { evaluateStateful } from './stateful.ts';
import { breakRule, next, notEvaluable, type Step, verdictStep } from './step.ts';

type Lookup = Extract<Expression, { op: 'lookup' }>;

const unknownSet = notEvaluable('a set is missing from the ruleset');

/** The packet's time in jiffies, if it has one. */
export function jiffies({ packet, machine }: Execution): bigint | undefined {
  const now = packet.clock?.monotonic;
  return now === undefined ? undefined : (now * BigInt(machine.hz)) / 1_000_000_000n;
}

/** `nft_set_elem_update_expr`: until the first that ends the rule. Undefined: all went through. */
export function runElementExpressions(execution: Execution, element: SetElement): Step | undefined {
  for (const cell of element.cells) {
    const step = evaluateStateful(execution, cell);
    if (step.kind !== 'next') return step;
  }
  return undefined;
}

function takeData(execution: Execution, { dest }: Lookup, element: SetElement): Step {
  if (dest === undefined) return next;
  if (dest === 'verdict') return element.verdict ? verdictStep(element.verdict) : breakRule;
  if (!element.data) return notEvaluable('an element of a map has no data');
  execution.registers.write(dest, element.data);
  return next;
}

/** `nft_lookup_eval`. */
export function evaluateLookup(execution: Execution, lookup: Lookup): Step {
  const contents = execution.findSet(lookup.set);
  if (!contents) return unknownSet;
  const key = execution.registers.read(lookup.source, contents.set.keyLength);
  const element = findElement(contents, key, jiffies(execution));
  if (element?.unmodelled) return notEvaluable(element.unmodelled);
  if ((element !== undefined) === lookup.invert) return breakRule;
  if (!element) return next;
  const outcome = takeData(execution, lookup, element);
  return runElementExpressions(execution, element) ?? outcome;
}

function useObject(execution: Execution, type: number | undefined, name: string): Step {
  const cell = execution.findObject(type, name);
  return cell ? evaluateStateful(execution, cell) : notEvaluable(`object ${name} is not modelled`);
}

/** `nft_objref_eval`: the object is shared with all its users. */
export function evaluateObjectReference(
  execution: Execution,
  { type, name }: Extract<Expression, { op: 'objref' }>,
): Step {
  return useObject(execution, type, name);
}

/** `nft_objref_map_eval`: a miss ends the rule. */
export function evaluateObjectMap(
  execution: Execution,
  { source, set }: Extract<Expression, { op: 'objref_map' }>,
): Step {
  const contents = execution.findSet(set);
  if (!contents) return unknownSet;
  const key = execution.registers.read(source, contents.set.keyLength);
  const element = findElement(contents, key, jiffies(execution));
  if (element?.unmodelled) return notEvaluable(element.unmodelled);
  if (element?.object === undefined) return breakRule;
  const { data } = contents.set;
  return useObject(execution, data?.kind === 'object' ? data.type : undefined, element.object);
}
