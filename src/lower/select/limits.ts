// What the kernel's verifier does not take of a program, as far as that can be seen before it is asked: its size, the
// branches that wait to be explored, the number of maps (facts of the verifier in docs/hooks.md).

import type { AssemblyItem } from '../../bpf-asm/instruction.ts';
import { type Line, toLines } from './cleanup.ts';

/** Slots of 8 bytes. */
const mostSlots = 1_000_000;
/** BPF_COMPLEXITY_LIMIT_JMP_SEQ. */
const mostBranches = 8192;
/** MAX_USED_MAPS. */
const mostMaps = 64;

export interface Excess {
  readonly message: string;
  /** Origin of the instruction at which the limit is passed. */
  readonly origin: number | undefined;
}

function tooManySlots(lines: readonly Line[]): Excess | undefined {
  let slots = 0;
  for (const { meaning, instruction } of lines) {
    slots += meaning.kind === 'imm64' ? 2 : 1;
    if (slots <= mostSlots) continue;
    const message = `with this rule the program has more than ${mostSlots} instructions, which no kernel takes`;
    return { message, origin: instruction.origin };
  }
  return undefined;
}

/**
 * The verifier goes on behind a conditional jump and keeps its target for later. Each place is taken here as explored
 * once it was seen, so this is the least that can wait.
 */
function tooManyBranches(lines: readonly Line[]): Excess | undefined {
  const seen = new Uint8Array(lines.length);
  const waiting: number[] = [0];
  while (waiting.length > 0) {
    let at = waiting.pop()!;
    while (at < lines.length && seen[at] === 0) {
      seen[at] = 1;
      const { meaning, target, instruction } = lines[at]!;
      if (meaning.kind === 'exit') break;
      const isBranch = meaning.kind === 'branch' || meaning.kind === 'may_goto' || meaning.kind === 'call';
      if (isBranch && target >= 0) waiting.push(target);
      if (waiting.length > mostBranches) {
        const message = `from this rule on more than ${mostBranches} branches wait for the kernel's verifier, which it does not take: split the ruleset, or write its long lists as sets`;
        return { message, origin: instruction.origin };
      }
      at = meaning.kind === 'goto' ? target : at + 1;
    }
  }
  return undefined;
}

function tooManyMaps(lines: readonly Line[]): Excess | undefined {
  const maps = new Set<string>();
  for (const { instruction } of lines) {
    const { reference, origin } = instruction;
    if (reference?.kind !== 'map') continue;
    maps.add(reference.name);
    const message = `with this rule the program uses more than ${mostMaps} maps, which no kernel takes`;
    if (maps.size > mostMaps) return { message, origin };
  }
  return undefined;
}

/** Why no kernel takes the program; undefined if nothing is known against it. */
export function findExcess(items: readonly AssemblyItem[]): Excess | undefined {
  const lines = toLines(items);
  return tooManySlots(lines) ?? tooManyMaps(lines) ?? tooManyBranches(lines);
}
