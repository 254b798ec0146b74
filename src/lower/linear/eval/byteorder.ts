// byteorder (nft_byteorder.c): host to network order and back, which are the same swap (or none) on one machine.

import type { Expression } from '../ir.ts';
import type { Execution } from './execution.ts';
import { next, notEvaluable, type Step } from './step.ts';

function swapUnits(bytes: Uint8Array, size: number): Uint8Array {
  const swapped = new Uint8Array(bytes.length);
  for (let start = 0; start + size <= bytes.length; start += size)
    swapped.set(bytes.slice(start, start + size).reverse(), start);
  return swapped;
}

/**
 * `nft_byteorder_eval`. Several 2-byte units at once have another stride in registers than 4- and 8-byte ones, which
 * was not tried, and nft does not send them.
 */
export function evaluateByteOrder(
  execution: Execution,
  expression: Extract<Expression, { op: 'byteorder' }>,
): Step {
  const { source, dest, length, size } = expression;
  if (size === 2 && length !== 2) return notEvaluable('byteorder over several 2-byte units is not modelled');
  if (length % size !== 0) return notEvaluable('byteorder over a part of a unit is not modelled');
  const bytes = execution.registers.read(source, length);
  const isLittle = execution.machine.byteOrder === 'little';
  execution.registers.write(dest, isLittle ? swapUnits(bytes, size) : bytes);
  return next;
}
