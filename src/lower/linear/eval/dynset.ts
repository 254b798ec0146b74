// Rules that change sets (nft_dynset.c): facts 43 to 48. A set that is full takes no more; which places expired elements
// still hold then is the garbage collector's matter, which is not modelled.

import { type Expression, SetFlag } from '../ir.ts';
import { compareBytes } from './compare.ts';
import type { Execution } from './execution.ts';
import { jiffies, runElementExpressions } from './lookup.ts';
import { findElement, type SetContents, type SetElement } from './set-contents.ts';
import { createCell } from './state.ts';
import { breakRule, next, notEvaluable, type Step } from './step.ts';

type Dynset = Extract<Expression, { op: 'dynset' }>;

/** nft_dynset_init: where the set has no size. */
const defaultSize = 0xffff;

/** Timeouts count in whole jiffies, one at least (fact 47). */
function expiryOf(milliseconds: bigint, now: bigint, hz: number): bigint {
  const span = (milliseconds * BigInt(hz)) / 1000n;
  return now + (span > 0n ? span : 1n);
}

function remove(contents: SetContents, key: Uint8Array): void {
  const at = contents.elements.findIndex(element => compareBytes(element.key, key) === 0);
  if (at < 0) return;
  contents.elements.splice(at, 1);
  contents.removed++;
}

/** Undefined: there is room for one more. */
function fullness({ set, elements, removed }: SetContents, now: bigint | undefined): Step | undefined {
  const size = set.size ?? defaultSize;
  if (elements.length + removed < size) return undefined;
  const hasDead =
    removed > 0 || elements.some(({ expires }) => expires !== undefined && expires <= (now ?? 0n));
  return hasDead ? notEvaluable('garbage collection of sets is not modelled') : breakRule;
}

/** `nft_dynset_new`. */
function create(
  dynset: Dynset,
  { set }: SetContents,
  key: Uint8Array,
  expires: bigint | undefined,
): SetElement | Step {
  const expressions = dynset.expressions.length > 0 ? dynset.expressions : (set.expressions ?? []);
  const cells = expressions.map(createCell).filter(cell => cell !== undefined);
  if (cells.length !== expressions.length) return notEvaluable("an element's statement is not modelled");
  return { key, isIntervalEnd: false, isCatchAll: false, cells, ...(expires !== undefined && { expires }) };
}

function isStep(value: SetElement | Step): value is Step {
  return 'kind' in value;
}

function add(execution: Execution, dynset: Dynset, contents: SetContents, key: Uint8Array): Step {
  const { set, elements } = contents;
  const milliseconds = dynset.timeout ?? set.timeout;
  const now = jiffies(execution);
  if (milliseconds !== undefined && now === undefined)
    return notEvaluable("the packet's clock is not modelled");
  const expires = milliseconds === undefined ? undefined : expiryOf(milliseconds, now!, execution.machine.hz);
  const known = findElement(contents, key, now);
  if (known?.unmodelled) return notEvaluable(known.unmodelled);
  if (known !== undefined) {
    if (dynset.operation === 'update' && known.expires !== undefined && expires !== undefined)
      known.expires = expires;
    return runElementExpressions(execution, known) ?? next;
  }
  const full = fullness(contents, now);
  if (full) return full;
  const made = create(dynset, contents, key, expires);
  if (isStep(made)) return made;
  remove(contents, key);
  elements.push(made);
  return runElementExpressions(execution, made) ?? next;
}

/** `nft_dynset_eval`. */
export function evaluateDynset(execution: Execution, dynset: Dynset): Step {
  const contents = execution.findSet(dynset.set);
  if (!contents) return notEvaluable('a set is missing from the ruleset');
  if (dynset.data !== undefined || (contents.set.flags & SetFlag.interval) !== 0)
    return notEvaluable('maps that packets fill are not modelled');
  const key = execution.registers.read(dynset.key, contents.set.keyLength);
  if (dynset.operation !== 'delete') return add(execution, dynset, contents, key);
  remove(contents, key);
  return next;
}
