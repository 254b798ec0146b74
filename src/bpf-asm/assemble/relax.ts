// Second pass: which jumps need 32-bit offsets. Every jump starts short; one that does not reach becomes long, which
// may push others out of reach, and so on until nothing changes. Jumps never shrink again, so this ends.
//
// A long `goto` is a `gotol` (same size). A long branch is the inverted branch over a `gotol` (one slot more); `set`
// has no inverse, so it jumps over a `goto` (two slots more):
//
//   if !c goto +1            if a & b goto +1
//   gotol target             goto +1
//                            gotol target
//
// A chain of jumps that push each other out one by one would make the rounds many. After `patience` rounds distances
// are therefore taken as if every branch were long: what fits then fits for good, and no further round is needed.

import type { IsaRow } from '../isa.ts';
import type { Layout } from './layout.ts';

export interface Placement {
  /** First slot of each instruction, and the number of slots behind the last. */
  readonly starts: Int32Array;
  /** 1 for jumps that take the long form. */
  readonly far: Uint8Array;
}

const patience = 8;

/** What a signed 16-bit offset holds. */
export const largestReach = 0x7fff;

function shortSize(row: IsaRow): number {
  return row.meaning.kind === 'imm64' ? 2 : 1;
}

/** Slots of the long form of a jump. */
export function longSize(row: IsaRow): number {
  if (row.meaning.kind !== 'branch') return 1;
  return row.meaning.condition === 'set' ? 3 : 2;
}

function place(sizes: Uint8Array): Int32Array {
  const starts = new Int32Array(sizes.length + 1);
  let start = 0;
  for (let i = 0; i < sizes.length; i++) {
    starts[i] = start;
    start += sizes[i]!;
  }
  starts[sizes.length] = start;
  return starts;
}

/** Jumps with a label in the 16-bit offset: the ones that may have to grow. */
function growing({ rows, targets }: Layout): Int32Array {
  const indexes: number[] = [];
  rows.forEach((row, index) => {
    const isShortJump = row.meaning.kind === 'branch' || (row.meaning.kind === 'goto' && !row.meaning.far);
    if (isShortJump && targets[index]! >= 0) indexes.push(index);
  });
  return Int32Array.from(indexes);
}

/** Slots between the end of a short jump and its target. */
export function shortDistance(starts: Int32Array, index: number, target: number): number {
  return starts[target]! - starts[index]! - 1;
}

/**
 * Places all instructions. Jumps over more than `reach` slots become long; without `allowLong` every jump stays short and
 * the emitter reports what does not reach.
 */
export function relax(layout: Layout, allowLong: boolean, reach: number = largestReach): Placement {
  const { rows, targets } = layout;
  const sizes = Uint8Array.from(rows, shortSize);
  const far = new Uint8Array(rows.length);
  const jumps = growing(layout);
  let starts = place(sizes);
  for (let round = 0; allowLong; round++) {
    const assumed = round < patience ? starts : place(pessimisticSizes());
    if (!lengthen(assumed)) break;
    starts = place(sizes);
    if (round >= patience) break;
  }
  return { starts, far };

  function lengthen(assumed: Int32Array): boolean {
    let changed = false;
    for (const jump of jumps) {
      const distance = shortDistance(assumed, jump, targets[jump]!);
      if (far[jump] === 1 || (distance >= -reach - 1 && distance <= reach)) continue;
      far[jump] = 1;
      sizes[jump] = longSize(rows[jump]!);
      changed = true;
    }
    return changed;
  }

  function pessimisticSizes(): Uint8Array {
    const largest = sizes.slice();
    for (const jump of jumps) largest[jump] = longSize(rows[jump]!);
    return largest;
  }
}
