// The Ethernet header, with or without a VLAN tag.

import { R1, R10, rsh64, store } from '../../bpf-asm/build.ts';
import type { Code } from '../select/code.ts';
import { BUFFER } from '../select/stack.ts';

/** A stretch of the rebuilt header: `at` in the wanted bytes. */
export type RebuiltPiece =
  | { readonly from: 'frame'; readonly at: number; readonly offset: number; readonly length: number }
  /** One or both bytes of a two-byte field. */
  | {
      readonly from: 'tag';
      readonly at: number;
      readonly field: 'protocol' | 'tci' | 'type';
      readonly first: 0 | 1;
      readonly length: 1 | 2;
    };

/** Both addresses. */
const addresses = 12;
const tagLength = 4;
const fields = ['protocol', 'tci', 'type'] as const;

/** How the header is put together that nf_tables shows of a tagged frame: addresses, tag, skb->protocol, the rest. */
function rebuilt(offset: number, length: number): RebuiltPiece[] {
  const end = offset + length;
  const pieces: RebuiltPiece[] = [];
  if (offset < addresses) {
    pieces.push({ from: 'frame', at: 0, offset, length: Math.min(end, addresses) - offset });
  }
  fields.forEach((field, index) => {
    const start = addresses + index * 2;
    const [from, to] = [Math.max(offset, start), Math.min(end, start + 2)];
    if (from >= to) return;
    pieces.push({
      from: 'tag',
      at: from - offset,
      field,
      first: (from - start) as 0 | 1,
      length: (to - from) as 1 | 2,
    });
  });
  const behind = Math.max(offset, addresses + fields.length * 2);
  if (end > behind)
    pieces.push({ from: 'frame', at: behind - offset, offset: behind - tagLength, length: end - behind });
  return pieces;
}

/** Stores the wanted bytes of the two in R1. */
function storeTwo(code: Code, { at, first, length }: Extract<RebuiltPiece, { from: 'tag' }>): void {
  if (first === 1) code.emit(rsh64(R1, 8));
  code.emit(store(1, R10, BUFFER + at, R1));
  if (length === 2) code.emit(rsh64(R1, 8), store(1, R10, BUFFER + at + 1, R1));
}

export const ethernet: {
  readonly addresses: number;
  readonly rebuilt: (offset: number, length: number) => RebuiltPiece[];
  readonly storeTwo: (code: Code, piece: Extract<RebuiltPiece, { from: 'tag' }>) => void;
} = { addresses, rebuilt, storeTwo };
