// Constants, once their type is known: numbers in the order of the machine are read that way, texts become texts, flags
// are taken apart.

import { swapBytes } from '../../ast/type/literal/number.ts';
import type { Datatype } from '../../model/datatype.ts';
import { onesOf } from './bits.ts';
import { binary, type Constant, type Text, type Tree } from './tree.ts';
import { isFlags, isString } from './types.ts';

/** `asIs`: keys of sets of intervals stand in network order whatever their type. */
export function resolveConstant(constant: Constant, asIs: boolean): Tree {
  if (isString(constant.type)) return textOf(constant, false);
  if (constant.order === 'host' && !asIs)
    constant.value = swapBytes(constant.value, Math.floor(constant.bits / 8));
  return isFlags(constant.type) ? flagTree(constant) : constant;
}

/** Flags joined by `|`, the lowest first; one flag or none is what it is. */
export function flagTree(constant: Constant): Tree {
  const flags: Constant[] = [];
  for (let bit = 0; constant.value >> BigInt(bit) > 0n; bit++) {
    const value = 1n << BigInt(bit);
    if ((constant.value & value) !== 0n) flags.push({ ...constant, value });
  }
  if (flags.length < 2) return constant;
  return flags.reduce<Tree | undefined>(
    (tree, flag) => (tree === undefined ? flag : typed(binary('|', tree, flag), constant.type, constant)),
    undefined,
  )!;
}

function typed(tree: Tree, type: Datatype, { order }: Constant): Tree {
  tree.type = type;
  tree.order = order;
  return tree;
}

/**
 * The characters of a constant, the first in the highest byte. Without a zero at the end it is the start of a text.
 * `whole`: it is a text anyway.
 */
export function textOf({ value, bits, type, order }: Constant, whole: boolean): Text {
  const length = Math.ceil(bits / 8);
  const bytes = Array.from({ length }, (_, index) =>
    Number((value >> BigInt(8 * (length - 1 - index))) & 0xffn),
  );
  const end = bytes.indexOf(0);
  const shown = end < 0 ? bytes : bytes.slice(0, end);
  const text = new TextDecoder().decode(Uint8Array.from(shown));
  return { kind: 'text', text, wildcard: !whole && end < 0 && length > 0, bits, type, order };
}

/** Shifts a constant down to the width of what it is compared with. */
export function shiftConstant(constant: Constant, by: number, bits: number): void {
  constant.value = (constant.value >> BigInt(by)) & onesOf(Math.max(bits, constant.bits));
  constant.bits = bits;
}
