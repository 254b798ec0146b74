// counter, limit, quota and numgen (nft_counter.c, nft_limit.c, nft_quota.c, nft_numgen.c): section 9 of
// docs/semantics.md. All act at their place in the rule, even if a later test of the rule fails.

import type { Expression } from '../ir.ts';
import type { Execution } from './execution.ts';
import { packetLength } from './packet.ts';
import type { CounterState, LimitState, NumgenState, QuotaState, StatefulCell } from './state.ts';
import { next, nextIf, notEvaluable, type Step } from './step.ts';

type Limit = Extract<Expression, { op: 'limit' }>;
type Numgen = Extract<Expression, { op: 'numgen' }>;

const defaultBurst = 5n;

function u64(value: bigint): bigint {
  return BigInt.asUintN(64, value);
}

/** `nft_counter_do_eval`. */
function count(state: CounterState, length: number): Step {
  state.packets = u64(state.packets + 1n);
  state.bytes = u64(state.bytes + BigInt(length));
  return next;
}

/** Nanoseconds' worth of tokens that the packet costs, and that the bucket holds (`nft_limit_init`). */
function limitSizes(limit: Limit, length: number): { cost: bigint; capacity: bigint } {
  const nanoseconds = limit.unit * 1_000_000_000n;
  const burst = BigInt(limit.burst);
  if (limit.type === 'packets') {
    const cost = nanoseconds / limit.rate;
    return { cost, capacity: cost * (burst || defaultBurst) };
  }
  return {
    cost: u64(nanoseconds * BigInt(length)) / limit.rate,
    capacity: (nanoseconds * (limit.rate + burst)) / limit.rate,
  };
}

/** `nft_limit_eval`: a bucket that fills with time. It starts full at the first packet it sees. */
function takeTokens(limit: Limit, state: LimitState, length: number, now: bigint): boolean {
  const { cost, capacity } = limitSizes(limit, length);
  const filled = u64((state.tokens ?? capacity) + (now - (state.last ?? now)));
  const isFull = filled > capacity;
  const tokens = isFull ? capacity : filled;
  const left = BigInt.asIntN(64, tokens - cost);
  state.last = now;
  state.tokens = left >= 0n ? left : tokens;
  return left >= 0n;
}

/** `nft_overquota`: the packet is counted before the test, whatever its outcome. */
function isOverQuota(quota: bigint, state: QuotaState, length: number): boolean {
  state.consumed = u64(state.consumed + BigInt(length));
  return state.consumed > quota;
}

/** `nft_ng_inc_gen`. */
function increment(modulus: number, state: NumgenState): number {
  state.value = state.value + 1 < modulus ? state.value + 1 : 0;
  return state.value;
}

function generateNumber(execution: Execution, numgen: Numgen, state: NumgenState): Step {
  const { random } = execution.machine;
  if (numgen.mode === 'random' && !random) return notEvaluable('random numbers are not modelled');
  // `reciprocal_scale`, never a remainder.
  const drawn =
    numgen.mode === 'random'
      ? Number((BigInt(random!()) * BigInt(numgen.modulus)) >> 32n)
      : increment(numgen.modulus, state);
  execution.registers.writeNumber(numgen.dest, drawn + numgen.offset, 4);
  return next;
}

function evaluateLimit(execution: Execution, limit: Limit, state: LimitState, length: number): Step {
  const now = execution.packet.clock?.monotonic;
  if (now === undefined) return notEvaluable("the packet's clock is not modelled");
  return nextIf(takeTokens(limit, state, length, now) !== limit.over);
}

/** One stateful expression: of a rule, of a set element, or of a named object. */
export function evaluateStateful(execution: Execution, cell: StatefulCell): Step {
  const length = packetLength(execution.packet);
  switch (cell.op) {
    case 'counter':
      return count(cell.state, length);
    case 'limit':
      return evaluateLimit(execution, cell.expression, cell.state, length);
    case 'quota':
      return nextIf(isOverQuota(cell.expression.bytes, cell.state, length) === cell.expression.over);
    case 'numgen':
      return generateNumber(execution, cell.expression, cell.state);
  }
}
