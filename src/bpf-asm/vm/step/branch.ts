// Conditional jumps. As with the ALU, `s` is a register or an immediate in the register file.

import type { Condition, Width } from '../../isa.ts';
import type { State } from '../state.ts';

type Test = () => boolean;
type Build = (state: State, d: number, s: number) => Test;

const tests32: Readonly<Record<Condition, (a: number, b: number) => boolean>> = {
  eq: (a, b) => a === b,
  ne: (a, b) => a !== b,
  gt: (a, b) => a >>> 0 > b >>> 0,
  ge: (a, b) => a >>> 0 >= b >>> 0,
  lt: (a, b) => a >>> 0 < b >>> 0,
  le: (a, b) => a >>> 0 <= b >>> 0,
  sgt: (a, b) => a > b,
  sge: (a, b) => a >= b,
  slt: (a, b) => a < b,
  sle: (a, b) => a <= b,
  set: (a, b) => (a & b) !== 0,
};

/** An order on 64 bits: the high words decide, and the low words, unsigned, where those are equal. */
function order64(high: (a: number, b: number) => boolean, low: (a: number, b: number) => boolean): Build {
  return (state, d, s) => () => {
    const a = state.high[d]!;
    const b = state.high[s]!;
    return a === b ? low(state.low[d]!, state.low[s]!) : high(a, b);
  };
}

const builders64: Readonly<Record<Condition, Build>> = {
  eq:
    ({ low, high }, d, s) =>
    () =>
      low[d] === low[s] && high[d] === high[s],
  ne:
    ({ low, high }, d, s) =>
    () =>
      low[d] !== low[s] || high[d] !== high[s],
  set:
    ({ low, high }, d, s) =>
    () =>
      ((low[d]! & low[s]!) | (high[d]! & high[s]!)) !== 0,
  gt: order64(tests32.gt, tests32.gt),
  ge: order64(tests32.gt, tests32.ge),
  lt: order64(tests32.lt, tests32.lt),
  le: order64(tests32.lt, tests32.le),
  sgt: order64(tests32.sgt, tests32.gt),
  sge: order64(tests32.sgt, tests32.ge),
  slt: order64(tests32.slt, tests32.lt),
  sle: order64(tests32.slt, tests32.le),
};

/** Whether the branch is taken. */
export function branchTest(state: State, condition: Condition, width: Width, d: number, s: number): Test {
  if (width === 64) return builders64[condition](state, d, s);
  const test = tests32[condition];
  const { low } = state;
  return () => test(low[d]!, low[s]!);
}
