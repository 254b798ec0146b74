// Passes over finished instructions. They need no knowledge of what the code is for:
//   - jumps to jumps go to the end of the chain, jumps to the next instruction vanish
//   - what cannot be reached is dropped (the verifier refuses it)
//   - registers that nobody reads are not written

import type { AssemblyItem, Instruction, Label } from '../../bpf-asm/instruction.ts';
import { findRow, type Meaning } from '../../bpf-asm/isa.ts';

/** Instructions in a row, jump targets as indexes. */
export interface Line {
  readonly instruction: Instruction;
  readonly meaning: Meaning;
  /** Where it jumps; -1 if it does not. */
  target: number;
  dead: boolean;
}

function isLabel(item: AssemblyItem): item is Label {
  return 'label' in item;
}

function meaningOf({ opcode, src, offset, imm }: Instruction): Meaning {
  const number = (field: typeof imm): number => (typeof field === 'number' ? field : 0);
  const row = findRow(opcode, src, number(offset), number(imm));
  if (row === undefined) throw new Error(`an instruction with opcode ${opcode} is not in the table`);
  return row.meaning;
}

/** The label an instruction jumps to, or calls. */
function targetOf({ offset, imm }: Instruction): string | undefined {
  if (typeof offset === 'object') return offset.label;
  return typeof imm === 'object' ? imm.label : undefined;
}

export function toLines(items: readonly AssemblyItem[]): Line[] {
  const places = new Map<string, number>();
  let count = 0;
  for (const item of items) {
    if (isLabel(item)) places.set(item.label, count);
    else count++;
  }
  return items
    .filter((item): item is Instruction => !isLabel(item))
    .map(instruction => {
      const label = targetOf(instruction);
      const target = label === undefined ? -1 : places.get(label);
      if (target === undefined) throw new Error(`no label ${label}`);
      return { instruction, meaning: meaningOf(instruction), target, dead: false };
    });
}

/** The first instruction from there on that is still alive. */
function alive(lines: readonly Line[], index: number): number {
  let at = index;
  while (at < lines.length && lines[at]!.dead) at++;
  return at;
}

/** The end of a chain of jumps. */
function finalTarget(lines: readonly Line[], index: number): number {
  let at = alive(lines, index);
  for (let steps = 0; steps < 64 && lines[at]?.meaning.kind === 'goto'; steps++)
    at = alive(lines, lines[at]!.target);
  return at;
}

function threadJumps(lines: readonly Line[]): void {
  for (const line of lines) {
    if (line.target >= 0 && !line.dead && line.meaning.kind !== 'call')
      line.target = finalTarget(lines, line.target);
  }
}

function dropUnreachable(lines: readonly Line[]): void {
  const reached = new Uint8Array(lines.length);
  const work = [0];
  while (work.length > 0) {
    const index = work.pop()!;
    if (index >= lines.length || reached[index] === 1) continue;
    reached[index] = 1;
    const line = lines[index]!;
    if (line.dead) work.push(index + 1);
    else {
      if (line.target >= 0) work.push(line.target);
      if (line.meaning.kind !== 'goto' && line.meaning.kind !== 'exit') work.push(index + 1);
    }
  }
  lines.forEach((line, index) => {
    if (reached[index] === 0) line.dead = true;
  });
}

function dropEmptyJumps(lines: readonly Line[]): boolean {
  let changed = false;
  lines.forEach((line, index) => {
    if (line.dead || (line.meaning.kind !== 'goto' && line.meaning.kind !== 'branch')) return;
    if (alive(lines, line.target) !== alive(lines, index + 1)) return;
    line.dead = true;
    changed = true;
  });
  return changed;
}

/** Registers that an instruction reads and writes, as bit masks. */
export function usesOf({ instruction, meaning }: Line): { reads: number; writes: number } {
  const dst = 1 << instruction.dst;
  const src = 1 << instruction.src;
  switch (meaning.kind) {
    case 'alu': {
      const second = meaning.source === 'reg' ? src : 0;
      return { reads: second | (meaning.operator === 'mov' ? 0 : dst), writes: dst };
    }
    case 'neg':
    case 'endian':
      return { reads: dst, writes: dst };
    case 'movsx':
    case 'load':
      return { reads: src, writes: dst };
    case 'store':
      return { reads: dst | (meaning.source === 'reg' ? src : 0), writes: 0 };
    case 'atomic':
      return { reads: dst | src | 1, writes: 0 };
    case 'branch':
      return { reads: dst | (meaning.source === 'reg' ? src : 0), writes: 0 };
    case 'imm64':
      return { reads: 0, writes: dst };
    // Arguments are in R1 to R5; how many a function has is not known here.
    case 'call':
      return { reads: 0b111110, writes: 0b111111 };
    case 'exit':
      return { reads: 1, writes: 0 };
    case 'goto':
    case 'may_goto':
      return { reads: 0, writes: 0 };
  }
}

/** Without any effect but on registers. */
function isPure(meaning: Meaning): boolean {
  return ['alu', 'neg', 'movsx', 'endian', 'load', 'imm64'].includes(meaning.kind);
}

/** Registers read before they are written, in front of each instruction. */
function liveness(lines: readonly Line[]): Uint16Array {
  const live = new Uint16Array(lines.length + 1);
  for (let changed = true; changed; ) {
    changed = false;
    for (let index = lines.length - 1; index >= 0; index--) {
      const line = lines[index]!;
      const before = line.dead ? live[index + 1]! : liveBefore(line, liveAfter(lines, live, index));
      if (before === live[index]) continue;
      live[index] = before;
      changed = true;
    }
  }
  return live;
}

function liveBefore(line: Line, after: number): number {
  const { reads, writes } = usesOf(line);
  return (after & ~writes) | reads;
}

export function liveAfter(lines: readonly Line[], live: Uint16Array, index: number): number {
  const { meaning, target } = lines[index]!;
  if (meaning.kind === 'call') return live[index + 1]!;
  const falls = meaning.kind === 'goto' || meaning.kind === 'exit' ? 0 : live[index + 1]!;
  return target >= 0 ? falls | live[target]! : falls;
}

function dropUnread(lines: readonly Line[]): boolean {
  const live = liveness(lines);
  let changed = false;
  lines.forEach((line, index) => {
    if (line.dead || !isPure(line.meaning)) return;
    if ((usesOf(line).writes & liveAfter(lines, live, index)) !== 0) return;
    line.dead = true;
    changed = true;
  });
  return changed;
}

function toItems(lines: readonly Line[]): AssemblyItem[] {
  const targets = new Set<number>();
  for (const { target, dead } of lines) if (!dead && target >= 0) targets.add(alive(lines, target));
  const items: AssemblyItem[] = [];
  lines.forEach((line, index) => {
    if (line.dead) return;
    if (targets.has(index)) items.push({ label: `l${index}` });
    const { instruction, target } = line;
    items.push(target < 0 ? instruction : withTarget(instruction, `l${alive(lines, target)}`));
  });
  return items;
}

function withTarget(instruction: Instruction, label: string): Instruction {
  return typeof instruction.offset === 'object'
    ? { ...instruction, offset: { label } }
    : { ...instruction, imm: { label } };
}

/** Number of the two instructions at `index` if they are `r0 = number; exit`. */
function verdictAt(lines: readonly Line[], index: number): number | undefined {
  const first = alive(lines, index);
  const [line, next] = [lines[first], lines[alive(lines, first + 1)]];
  const isMove =
    line?.meaning.kind === 'alu' && line.meaning.operator === 'mov' && line.meaning.source === 'imm';
  const isVerdict = isMove && line.instruction.dst === 0 && next?.meaning.kind === 'exit';
  return isVerdict && typeof line.instruction.imm === 'number' ? line.instruction.imm : undefined;
}

/** The function each line belongs to: one begins wherever a local call goes. */
function functionsOf(lines: readonly Line[]): Int32Array {
  const starts = new Set(lines.filter(line => line.meaning.kind === 'call').map(line => line.target));
  let current = 0;
  return Int32Array.from(lines, (_, index) => (starts.has(index) ? ++current : current));
}

/** Jumps to one of several equal ends of a function all go to the last one. */
function joinEnds(lines: readonly Line[]): void {
  const functions = functionsOf(lines);
  const ends = new Map<string, number>();
  lines.forEach((line, index) => {
    const verdict = line.dead ? undefined : verdictAt(lines, index);
    if (verdict !== undefined) ends.set(`${functions[index]} ${verdict}`, index);
  });
  lines.forEach((line, index) => {
    if (line.dead || line.target < 0 || line.meaning.kind === 'call') return;
    const verdict = verdictAt(lines, line.target);
    if (verdict !== undefined) line.target = ends.get(`${functions[index]} ${verdict}`)!;
  });
}

/**
 * Where R0 is written for the verdict only, one verdict can be put there at the start: the last end, whose
 * instruction in front of `exit` is dropped; the end before it, if it runs into that one, needs no `exit` then.
 */
function presetVerdict(lines: Line[]): Line[] {
  if (lines.some(line => !line.dead && line.meaning.kind === 'call')) return lines;
  const live = lines.filter(line => !line.dead);
  const [other, exit, move, end] = live.slice(-4);
  const verdict = move && verdictAt(lines, lines.indexOf(move));
  if (verdict === undefined || end === undefined || exit?.meaning.kind !== 'exit') return lines;
  if (other === undefined || verdictAt(lines, lines.indexOf(other)) === undefined) return lines;
  const writers = live.filter(line => (usesOf(line).writes & 1) !== 0);
  if (writers.some(line => verdictAt(lines, lines.indexOf(line)) === undefined)) return lines;
  const atEnd = lines.indexOf(end);
  for (const line of lines) if (line.target === lines.indexOf(move!)) line.target = atEnd;
  move!.dead = true;
  exit.dead = true;
  const first = { ...move!, dead: false };
  for (const line of lines) if (line.target >= 0) line.target++;
  return [first, ...lines];
}

export function cleanUp(items: readonly AssemblyItem[]): AssemblyItem[] {
  const lines = toLines(items);
  for (let changed = true; changed; ) {
    threadJumps(lines);
    joinEnds(lines);
    dropUnreachable(lines);
    const emptied = dropEmptyJumps(lines);
    changed = dropUnread(lines) || emptied;
  }
  return toItems(presetVerdict(lines));
}
