// One value of a field compared where it lies, piece by piece: for lengths that no register holds at once, and for names.

import { jump, jumpIf, loadImm64, R1, R2 } from '../../bpf-asm/build.ts';
import { bytesOf, type Field } from '../flow/field.ts';
import type { Arm, NodeId } from '../flow/graph.ts';
import { chunks } from './chunks.ts';
import type { Code } from './code.ts';
import { type Located, loadAt, type Memory, toMember } from './located.ts';
import { applyConstant, littleEndian } from './number.ts';
import type { SearchTargets } from './search.ts';

/** Whether a comparison with one value is made in pieces. */
export function needsPieces({ source, steps }: Field, located: Located): boolean {
  if (steps.some(step => step.do !== 'mask' && step.do !== 'slice')) return false;
  if (located.kind === 'name') return true;
  const isSliced = steps.some(step => step.do === 'slice');
  return located.kind === 'memory' && ![1, 2, 4].includes(source.length) && (!isSliced || source.length > 8);
}

/** Mask, xor and slice folded into one mask and one constant over the source's bytes. */
function expected(field: Field, value: bigint): { mask: Uint8Array; bytes: Uint8Array } {
  const { length } = field.source;
  const mask = new Uint8Array(length).fill(0xff);
  const xor = new Uint8Array(length);
  let start = 0;
  let end = length;
  for (const step of field.steps) {
    if (step.do === 'slice') {
      start += step.start;
      end = start + step.length;
    } else if (step.do === 'mask') {
      for (let i = start; i < end; i++) {
        mask[i]! &= step.mask[i - start]!;
        xor[i] = (xor[i]! & step.mask[i - start]!) ^ step.xor[i - start]!;
      }
    }
  }
  const bytes = new Uint8Array(length);
  const constant = bytesOf(value, end - start);
  for (let i = 0; i < length; i++) {
    if (i < start || i >= end) mask[i] = 0;
    else bytes[i] = constant[i - start]! ^ xor[i]!;
  }
  return { mask, bytes };
}

type InMemory = Extract<Located, { kind: 'memory' | 'name' }>;

export function emitPieces(
  code: Code,
  field: Field,
  located: InMemory,
  arm: Arm,
  otherwise: NodeId,
  targets: SearchTargets,
): void {
  const { mask, bytes } = expected(field, arm.low);
  const no = (): string => targets.to(otherwise);
  const isPossible = bytes.every((byte, i) => (byte & ~mask[i]!) === 0);
  const end = located.kind === 'name' ? nameEnd(bytes, mask) : bytes.length;
  if (!isPossible || end === undefined) {
    goTo(code, otherwise, targets);
    return;
  }
  const memory = located.kind === 'name' ? nameOf(code, located, bytes, arm, no, targets) : located;
  for (const { at, size } of chunks(memory.base, memory.offset, end)) {
    const piece = mask.subarray(at, at + size);
    if (piece.some(byte => byte !== 0)) {
      comparePiece(code, memory, at, piece, bytes.subarray(at, at + size), no());
    }
  }
  goTo(code, arm.to, targets);
}

/** The name of a device; where there is none, the comparison is decided. */
function nameOf(
  code: Code,
  { base, field }: Extract<Located, { kind: 'name' }>,
  bytes: Uint8Array,
  arm: Arm,
  no: () => string,
  targets: SearchTargets,
): Memory {
  const isEmpty = bytes.every(byte => byte === 0);
  code.emit(jumpIf('eq', base, 0, isEmpty ? targets.to(arm.to) : no()));
  return toMember(code, base, field);
}

function goTo(code: Code, node: NodeId, { to, next }: SearchTargets): void {
  const label = to(node);
  if (next !== node) code.emit(jump(label));
}

/** Bytes of a name to compare: up to its zero. Undefined if no name is like this. */
function nameEnd(bytes: Uint8Array, mask: Uint8Array): number | undefined {
  const zero = bytes.findIndex((byte, i) => byte === 0 && mask[i] === 0xff);
  if (zero < 0) return lastMasked(mask) + 1;
  return bytes.subarray(zero).some(byte => byte !== 0) ? undefined : zero + 1;
}

function lastMasked(mask: Uint8Array): number {
  let last = mask.length - 1;
  while (last >= 0 && mask[last] === 0) last--;
  return last;
}

function comparePiece(
  code: Code,
  memory: Memory,
  start: number,
  mask: Uint8Array,
  bytes: Uint8Array,
  no: string,
): void {
  const size = mask.length as 1 | 2 | 4 | 8;
  loadAt(code, size, R1, memory, start);
  if (mask.some(byte => byte !== 0xff)) applyConstant(code, 'and', R1, littleEndian(mask), size);
  const value = littleEndian(bytes);
  if (size <= 4) code.emit(jumpIf('ne', R1, Number(value), no, { width: 32 }));
  else if (value < 1n << 31n) code.emit(jumpIf('ne', R1, Number(value), no));
  else code.emit(loadImm64(R2, value), jumpIf('ne', R1, R2, no));
}
