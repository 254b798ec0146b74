// Bit operations: `(value & mask) ^ xor` back into the fewest operations that nft lists for it.

import type { Expression } from '../linear/ir.ts';
import { lowestZero } from './bits.ts';
import type { Registers } from './registers.ts';
import { type BinaryOperator, binary, type Constant, constantOf, type Tree } from './tree.ts';

type Of<Op extends Expression['op']> = Extract<Expression, { readonly op: Op }>;

/** The tree of the result; `undefined` of an expression that is no bit operation. */
export function bitwiseTree(expression: Expression, registers: Registers): Tree | undefined {
  switch (expression.op) {
    case 'bitwise':
      return masked(expression, registers.load(expression.source));
    case 'bitwise_shift': {
      const shift: Constant = {
        ...constantOf({ bytes: new Uint8Array(4), parts: [] }),
        value: BigInt(expression.shift),
      };
      const operator = expression.direction === 'left' ? '<<' : '>>';
      return binary(operator, registers.load(expression.source), shift, expression.length * 8);
    }
    case 'bitwise_register': {
      const operator = registerOperators[expression.operator];
      return binary(operator, registers.load(expression.source), registers.load(expression.source2));
    }
    case 'byteorder': {
      const argument = registers.load(expression.source);
      return { kind: 'swapped', argument, type: argument.type, bits: argument.bits, order: 'none' };
    }
    default:
      return undefined;
  }
}

const registerOperators: Readonly<Record<Of<'bitwise_register'>['operator'], BinaryOperator>> = {
  and: '&',
  or: '|',
  xor: '^',
};

function masked({ mask: maskValue, xor: xorValue }: Of<'bitwise'>, left: Tree): Tree {
  const mask = constantOf(maskValue);
  const xor = constantOf(xorValue);
  // Bits that are set whatever they were: cleared by the mask, then set.
  const set = (mask.value & xor.value) ^ xor.value;
  const flipped = xor.value & mask.value;
  const kept = mask.value | set;
  const isWhole = left.bits > 0 && lowestZero(kept) >= left.bits;
  let tree = left;
  if (!isWhole) tree = binary('&', tree, { ...mask, value: kept }, left.bits);
  if (flipped !== 0n) tree = binary('^', tree, { ...xor, value: flipped }, left.bits);
  if (set !== 0n) tree = binary('|', tree, { ...xor, value: set }, left.bits);
  return tree;
}
