// In which structure the kernel keeps a set, as far as that decides what it refuses: a hash table of a fixed size is
// allocated when the set is made, and has no way to collect connections that have ended. Checked when all commands are
// applied, because rules that add to a set make it a dynamic one, which has another structure.

import { SetFlag } from '../../model/set-flags.ts';
import type { Diagnostic } from '../../source/diagnostic.ts';
import type { TypedSet } from './typed.ts';

const flexible = SetFlag.interval | SetFlag.timeout | SetFlag.eval;

function isFixedHash({ flags, size, policy }: TypedSet): boolean {
  if (size === undefined || (flags & flexible) !== 0) return false;
  return policy !== 'memory' || isSmallerThanTree(size);
}

/** A power of two above four thirds of the size; the kernel reckons in 32 bits. */
function bucketsOf(size: number): number {
  const least = Math.floor(((size * 4) % 2 ** 32) / 3);
  return 2 ** Math.ceil(Math.log2(Math.max(least, 1)));
}

/**
 * With `policy memory` the smallest structure is taken. An element of the tree has eight bytes more than one of a hash
 * table, the tree itself 64 more than the head of a table (Linux 6.18), and a bucket has eight.
 */
function isSmallerThanTree(size: number): boolean {
  return bucketsOf(size) <= size + 8;
}

/** Sets of short keys without anything else are bitmaps, whatever size they are given. */
function isBitmap({ keyParts, data, statements }: TypedSet): boolean {
  return data === undefined && statements.length === 0 && keyParts.length === 1 && keyParts[0]!.bits <= 16;
}

/** Elements for which the table of 8-byte buckets fits into 2 GiB. */
const mostPreallocated = 3 * 2 ** 25;

function errorAt(set: TypedSet, code: string, message: string): Diagnostic {
  return { code, severity: 'error', message, span: set.span };
}

/** Whether rules may add to a set that is there, and take away. */
export function isChangeable(set: TypedSet): boolean {
  return !isFixedHash(set) && ((set.flags & flexible) !== 0 || !isBitmap(set));
}

/** What the kernel has against a named set. */
export function checkStructure(set: TypedSet): readonly Diagnostic[] {
  const { name, size = 0, statements, flags } = set;
  const isFixed = isFixedHash(set);
  if (isFixed && !isBitmap(set) && size > mostPreallocated) {
    const message = `\`${name}\` is allocated whole: it can have at most ${mostPreallocated} elements`;
    return [errorAt(set, 'set-too-large', message)];
  }
  if (!statements.some(({ kind }) => kind === 'connlimit')) return [];
  if ((flags & SetFlag.timeout) !== 0)
    return [errorAt(set, 'unsupported-statement', 'elements with a timeout cannot count connections')];
  if (!isFixed) return [];
  return [
    errorAt(
      set,
      'unsupported-statement',
      'elements of a set with a size can count connections if it is dynamic',
    ),
  ];
}
