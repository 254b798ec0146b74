// A switch: loads its field and goes by its value.

import { jump, jumpIf, load, loadImm64, R1, R2, R9 } from '../../bpf-asm/build.ts';
import { bytesOf, type Field } from '../flow/field.ts';
import type { Arm, Node, NodeId } from '../flow/graph.ts';
import { complement } from '../flow/values.ts';
import { chunks, type Size } from './chunks.ts';
import type { Copy } from './copy.ts';
import { locate } from './load.ts';
import type { Located } from './located.ts';
import { applyConstant, littleEndian } from './number.ts';
import { emitSearch, type SearchTargets, type Subject } from './search.ts';
import { searchable } from './subject.ts';

type Switch = Extract<Node, { kind: 'switch' }>;

/** The same switch with the fewest arms: `x != 5` is one arm for 5 and not two for the rest. */
function simplest(node: Switch): { arms: readonly Arm[]; otherwise: NodeId } {
  const to = node.arms[0]?.to;
  const { arms, otherwise } = node;
  if (to === undefined || arms.some(arm => arm.to !== to)) return { arms, otherwise };
  const gaps = complement(arms, node.field.length);
  if (gaps.length >= arms.length) return { arms, otherwise };
  return { arms: gaps.map(gap => ({ ...gap, to: otherwise })), otherwise: to };
}

/** What is known where an arm leads. */
function factsOn(copy: Copy, field: Field, value: bigint | undefined): Copy['facts'] {
  const { source, steps } = field;
  if (source.from !== 'meta' || steps.length > 0) return copy.facts;
  if (source.key === 'l4proto' && value !== undefined) return { ...copy.facts, known: true };
  if (source.key !== 'protocol' && source.key !== 'nfproto') return copy.facts;
  const protocol = value === 2n ? 0x0800 : value === 10n ? 0x86dd : Number(value ?? 0n);
  if (value === undefined) return copy.facts;
  const network = Math.max(copy.facts.network, copy.target.provenHeader(protocol));
  return { ...copy.facts, protocol, network };
}

/** Ways out of a switch, each with what is known on it. */
function targetsOf(copy: Copy, field: Field, arms: readonly Arm[], otherwise: NodeId): SearchTargets {
  const values = new Map<NodeId, bigint | undefined>([[otherwise, undefined]]);
  for (const { to, low, high } of arms) values.set(to, values.has(to) || low !== high ? undefined : low);
  return { to: id => copy.to(id, factsOn(copy, field, values.get(id))), next: copy.next };
}

export function emitSwitch(copy: Copy, node: Switch): void {
  const { field } = node;
  if (isProtocolTest(node)) {
    emitProtocolTest(copy, node);
    return;
  }
  const absent = (): string => copy.to(node.absent);
  const { arms, otherwise } = simplest(node);
  const located = locate(copy, field.source, absent);
  const targets = { ...targetsOf(copy, field, arms, otherwise), otherwise };
  const [only] = arms;
  const isPoint = arms.length === 1 && only!.low === only!.high;
  if (isPoint && needsPieces(field, located)) {
    emitPieces(copy, field, located, only!, targets);
    return;
  }
  const search = searchable(copy.code, field, located, arms);
  emitSearch(copy.code, search.subject, search.arms, otherwise, targets);
}

/** A test of the l4 protocol needs no test of its own for `unknown` if that leads where other values do. */
function isProtocolTest({ field, absent, otherwise, arms }: Switch): boolean {
  const { source, steps } = field;
  const isPlain = source.from === 'meta' && source.key === 'l4proto' && steps.length === 0;
  return isPlain && absent === otherwise && arms.every(arm => arm.low === arm.high);
}

function emitProtocolTest(copy: Copy, node: Switch): void {
  const subject: Subject = { low: R9, narrow: true, maximum: copy.facts.known ? 0xffn : 0x1ffn };
  const targets = targetsOf(copy, node.field, node.arms, node.otherwise);
  emitSearch(copy.code, subject, node.arms, node.otherwise, targets);
}

/** Lengths that no register holds at once, and names, are compared piece by piece where one value is asked for. */
function needsPieces({ source, steps }: Field, located: Located): boolean {
  if (steps.some(step => step.do !== 'mask' && step.do !== 'slice')) return false;
  if (located.kind === 'name') return true;
  return (
    located.kind === 'memory' &&
    ![1, 2, 4].includes(source.length) &&
    !steps.some(step => step.do === 'slice' && source.length <= 8)
  );
}

type PieceTargets = SearchTargets & { readonly otherwise: NodeId };

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

function emitPieces(copy: Copy, field: Field, located: Located, arm: Arm, targets: PieceTargets): void {
  const { mask, bytes } = expected(field, arm.low);
  const no = targets.to(targets.otherwise);
  const isPossible = bytes.every((byte, i) => (byte & ~mask[i]!) === 0);
  if (!isPossible || located.kind === 'value' || located.kind === 'kept') {
    if (targets.next !== targets.otherwise || isPossible) copy.code.emit(jump(no));
    return;
  }
  const end = located.kind === 'name' ? nameEnd(bytes, mask) : bytes.length;
  if (end === undefined) {
    copy.code.emit(jump(no));
    return;
  }
  for (const { at, size } of chunks(located.base, located.offset, end)) {
    const piece = mask.subarray(at, at + size);
    if (piece.every(byte => byte === 0)) continue;
    comparePiece(copy, located, at, piece, bytes.subarray(at, at + size), no);
  }
  const yes = targets.to(arm.to);
  if (targets.next !== arm.to) copy.code.emit(jump(yes));
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
  copy: Copy,
  located: Extract<Located, { kind: 'memory' | 'name' }>,
  start: number,
  mask: Uint8Array,
  bytes: Uint8Array,
  no: string,
): void {
  const { code } = copy;
  const size = mask.length as Size;
  code.emit(load(size, R1, located.base, located.offset + start));
  if (mask.some(byte => byte !== 0xff)) applyConstant(code, 'and', R1, littleEndian(mask), size);
  const value = littleEndian(bytes);
  if (size <= 4) code.emit(jumpIf('ne', R1, Number(value), no, { width: 32 }));
  else if (value < 1n << 31n) code.emit(jumpIf('ne', R1, Number(value), no));
  else code.emit(loadImm64(R2, value), jumpIf('ne', R1, R2, no));
}
