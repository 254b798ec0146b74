// The registers of a rule, each with the tree of what it holds. A value is known by its first word.

import type { Register } from '../linear/ir.ts';
import { splitConstant } from './payload.ts';
import { type Concat, type Constant, concat, copyTree, type Tree } from './tree.ts';

const wordBits = 32;

const words = (bits: number): number => Math.max(1, Math.ceil(bits / wordBits));

export class Registers {
  readonly #held = new Map<number, Tree>();

  store(register: Register, tree: Tree): void {
    this.#held.set(register, tree);
  }

  /** A copy of what the register holds. */
  load(register: number): Tree {
    const tree = this.#held.get(register);
    if (tree === undefined) throw new Error(`nothing was loaded into word ${register}`);
    return copyTree(tree);
  }

  /** The value of `bits` bits: one tree, or several that stand one behind the other. */
  value(register: Register, bits: number): Tree {
    const first = this.load(register);
    return Math.ceil(first.bits / 8) * 8 >= bits ? first : this.several(register, bits);
  }

  /** What stands in as many words as `bits` need, whatever it is. */
  several(register: Register, bits: number): Concat {
    const parts: Tree[] = [];
    let word: number = register;
    for (let left = words(bits); left > 0 && (parts.length === 0 || this.#held.has(word)); ) {
      const part = this.load(word);
      parts.push(part);
      word += words(part.bits);
      left -= words(part.bits);
    }
    const all = concat(parts);
    all.bits = bits;
    return all;
  }
}

/** Cuts a constant into the parts that it is compared with; each is padded to whole words. */
export function constantParts(value: Constant, parts: readonly Tree[]): Concat {
  let rest = value;
  const cut: Tree[] = [];
  for (const { bits } of parts) {
    const split = splitConstant(rest, Math.min(Math.ceil(bits / 8) * 8, rest.bits));
    cut.push(split.head);
    const padding = Math.min(words(bits) * wordBits - split.head.bits, split.rest.bits);
    rest = splitConstant(split.rest, padding).rest;
  }
  const all = concat(cut);
  all.bits = value.bits;
  return all;
}
