// Look-up in a list of ranges (sets/layout-scan.ts).

import {
  add64,
  call,
  exit,
  jump,
  jumpIf,
  load,
  loadMap,
  mayGoto,
  mov32,
  mov64,
  R0,
  R1,
  R2,
  R6,
  R7,
  R10,
  store,
} from '../../bpf-asm/build.ts';
import { helperNumber } from '../../bpf-asm/helpers.ts';
import type { MapQuery } from '../flow/graph.ts';
import { partLengths } from '../sets/layout-elements.ts';
import { scanOffsets, scanState, wordCount } from '../sets/layout-scan.ts';
import type { Code } from './code.ts';

const INDEX = -4;

/** Leaves for `next` unless the part at `word` lies between the entry's bounds. */
function insidePart(code: Code, word: number, length: number, words: number, next: string): void {
  const { from, to } = scanOffsets(words);
  code.emit(load(8, R1, R6, word * 8));
  if (length <= 8) {
    code.emit(load(8, R2, R0, from + word * 8), jumpIf('lt', R1, R2, next));
    code.emit(load(8, R2, R0, to + word * 8), jumpIf('gt', R1, R2, next));
    return;
  }
  for (const [bound, condition] of [
    [from, 'lt'],
    [to, 'gt'],
  ] as const) {
    const inside = code.fresh('inside');
    code.emit(load(8, R1, R6, word * 8), load(8, R2, R0, bound + word * 8), jumpIf(condition, R1, R2, next));
    code.emit(
      jumpIf('ne', R1, R2, inside),
      load(8, R1, R6, word * 8 + 8),
      load(8, R2, R0, bound + word * 8 + 8),
    );
    code.emit(jumpIf(condition, R1, R2, next));
    code.label(inside);
  }
}

/** scan(key): R0 = the value of the first entry that holds the key, or 0. */
export function emitScan(code: Code, { set, map }: MapQuery): void {
  const lengths = partLengths(set);
  const words = wordCount(lengths);
  const [head, next, none] = ['entry', 'next', 'none'].map(name => code.fresh(name)) as [
    string,
    string,
    string,
  ];
  code.emit(mov64(R6, R1), mov32(R7, 0));
  code.label(head);
  code.emit(mayGoto(none), store(4, R10, INDEX, R7), mov64(R2, R10), add64(R2, INDEX), loadMap(R1, map));
  code.emit(call(helperNumber.map_lookup_elem), jumpIf('eq', R0, 0, none), load(8, R1, R0, 0));
  code.emit(jumpIf('eq', R1, scanState.end, none), jumpIf('ne', R1, scanState.element, next));
  let word = 0;
  for (const length of lengths) {
    insidePart(code, word, length, words, next);
    word += length > 8 ? 2 : 1;
  }
  code.emit(add64(R0, scanOffsets(words).value), exit());
  code.label(next);
  code.emit(add64(R7, 1), jump(head));
  code.label(none);
  code.emit(mov32(R0, 0), exit());
}
