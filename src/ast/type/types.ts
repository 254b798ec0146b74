// Relations between datatypes: which are the same, what stands at the root, concatenations.

import { bitmaskType, type Datatype, integerType, markType, mptcpSubtypeType } from '../../model/datatype.ts';
import type { Concatenation } from './typed.ts';

/** The type at the root of the tree, which says what can be done with a value: a number, a string, … */
export function rootType(type: Datatype): Datatype {
  let root = type;
  while (root.base !== undefined) root = root.base;
  return root;
}

/** The type one step down, or the type itself. */
function baseType(type: Datatype): Datatype {
  return type.base ?? type;
}

export function isConcatenation(type: Datatype): type is Concatenation {
  return 'parts' in type;
}

/** Of flags: values without an operator are matched bit by bit. */
export function isFlags(type: Datatype): boolean {
  return type.base === bitmaskType;
}

/** Numbers without a meaning of their own: their width is that of the expression. */
export function isPlainInteger(type: Datatype): boolean {
  return type === integerType || type === mptcpSubtypeType;
}

/** True if values of one may be compared with values of the other as they are. Widths are not looked at. */
export function sameType(a: Datatype, b: Datatype): boolean {
  if (a === b) return true;
  if (isConcatenation(a) && isConcatenation(b))
    return (
      a.parts.length === b.parts.length && a.parts.every((part, index) => sameType(part, b.parts[index]!))
    );
  return isPlainInteger(a) && isPlainInteger(b);
}

/** As `sameType`; a mark also takes any type of numbers. */
export function isCompatible(wanted: Datatype, given: Datatype): boolean {
  if (wanted === markType && sameType(baseType(wanted), baseType(given))) return true;
  return sameType(wanted, given);
}

/** Every part of a concatenation is padded to whole 32-bit words. */
export function paddedBits(bits: number): number {
  return Math.ceil(bits / 32) * 32;
}

/** The type of values with these parts; `bits` is left 0 if a part has no width of its own. */
export function concatenation(parts: readonly Datatype[]): Concatenation {
  return {
    name: parts.map(part => part.name).join(' . '),
    description: `concatenation of (${parts.map(part => part.description).join(', ')})`,
    bits: parts.reduce((sum, part) => sum + paddedBits(part.bits), 0),
    order: 'none',
    class: 'invalid',
    literal: 'none',
    parts,
  };
}

/** An integer type that is as wide as the expression it was met with. */
export function isVariableWidth(type: Datatype): boolean {
  return type.bits === 0 && !isConcatenation(type);
}
