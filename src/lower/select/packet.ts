// Packet bytes. In the fast copy: a guard where the bytes are not proven to be there, then the header itself. In the
// slow copy: a helper that copies them to the stack. Both follow nft_payload.c: facts 14 to 18 of docs/semantics.md.

import {
  add64,
  callLocal,
  jumpIf,
  load,
  mov32,
  mov64,
  R0,
  R1,
  R3,
  R4,
  R5,
  R7,
  R8,
  R9,
  R10,
  type Register,
} from '../../bpf-asm/build.ts';
import type { Source } from '../flow/field.ts';
import { laterFragment, unknownProtocol } from '../hooks/code.ts';
import { checksFragments } from '../hooks/kernel.ts';
import type { KernelVersion } from '../hooks/target.ts';
import type { Copy } from './copy.ts';
import { afterCall } from './facts.ts';
import type { Located } from './located.ts';
import { BUFFER, FRAGMENT } from './stack.ts';
import type { SubprogramName } from './subprograms.ts';

type Payload = Extract<Source, { from: 'payload' }>;
type Absent = () => string;

/** Loads that nf_tables makes on its fast path, which reads in later fragments too if the bytes are linear. */
export function ignoresFragments({ offset, length }: Payload, kernel: KernelVersion): boolean {
  const isAligned = (length === 1 || length === 2 || length === 4) && offset % length === 0;
  return isAligned && !checksFragments(kernel);
}

/** Makes sure that R5 is the end of the linear part. */
export function needEnd(copy: Copy): void {
  if (copy.facts.end) return;
  copy.target.loadEnd(copy.code);
  copy.facts = { ...copy.facts, end: true };
}

/** Asking for a little more at once saves guards; what fails then is sorted out by the slow copy. */
function generous(copy: Copy, base: 'network' | 'transport', need: number): number {
  if (!copy.target.hasPaged) return base === 'network' ? headerAhead(copy, need) : need;
  if (base === 'transport') return copy.isDiverted ? need : Math.max(need, 4);
  if (need <= 0) return 0;
  return Math.max(need, headerLength(copy));
}

function headerLength({ facts }: Copy): number {
  return facts.protocol === 0x0800 ? 20 : facts.protocol === 0x86dd ? 40 : 0;
}

/**
 * Without a slow copy, a guard may ask for what the tests behind it need as well if all of them lead to the same place
 * when they fail: a packet that is too short for one of them goes there in any case.
 */
function headerAhead(copy: Copy, need: number): number {
  const { graph, infoAt } = copy.compilation;
  let node = copy.current;
  let asked = need;
  while (node.kind === 'switch' && node.absent === node.otherwise && node.arms.length === 1) {
    const { field, arms, otherwise } = node;
    const { source } = field;
    if (source.from === 'payload' && source.base === 'network')
      asked = Math.max(asked, source.offset + source.length);
    const id = arms[0]!.to;
    const next = graph.nodes[id]!;
    if (next.kind !== 'switch' || next.otherwise !== otherwise || next.absent !== otherwise) break;
    if (id === infoAt) asked = Math.max(asked, headerLength(copy));
    node = next;
  }
  return asked;
}

/** Proves `need` bytes behind a header, or leaves for `absent` or the slow copy. */
export function guard(copy: Copy, base: 'network' | 'transport', need: number, absent: Absent): void {
  if (copy.facts[base] >= need) return;
  needEnd(copy);
  const asked = generous(copy, base, need);
  copy.code.emit(mov64(R1, base === 'network' ? R7 : R8), add64(R1, asked));
  copy.code.emit(jumpIf('gt', R1, R5, copy.target.hasPaged ? copy.slowly() : absent()));
  copy.facts = { ...copy.facts, [base]: asked };
}

/** Leaves for `absent` if the l4 protocol is unknown. */
export function needKnown(copy: Copy, absent: Absent): void {
  if (copy.facts.known) return;
  copy.code.emit(jumpIf('eq', R9, unknownProtocol, absent()));
  copy.facts = { ...copy.facts, known: true };
}

/** Leaves for `absent` in later fragments. */
export function needWhole(copy: Copy, absent: Absent): void {
  if (copy.facts.whole) return;
  copy.code.emit(load(8, R1, R10, FRAGMENT), jumpIf('ne', R1, 0, absent()));
  copy.facts = { ...copy.facts, whole: true };
}

function locateFast(copy: Copy, source: Payload, absent: Absent): Located {
  const { base, offset, length } = source;
  if (base === 'transport') {
    needKnown(copy, absent);
    if (!ignoresFragments(source, copy.compilation.place.kernel)) needWhole(copy, absent);
    guard(copy, 'transport', offset + length, absent);
    return { kind: 'memory', base: R8, offset };
  }
  guard(copy, 'network', offset + length, absent);
  return { kind: 'memory', base: R7, offset };
}

/** Calls the helper that copies bytes to BUFFER. */
export function copyToBuffer(
  copy: Copy,
  offset: number,
  length: number,
  absent: Absent,
  index?: Register,
): void {
  const from = index === undefined ? { offset } : { offset, index };
  copy.target.copyBytes(copy.code, from, length, BUFFER, absent());
  copy.facts = afterCall(copy.facts);
}

/** Up to 4 bytes come back from a subprogram in a register; what is longer is copied to the stack. */
const longestResult = 4;

function locateSlow(copy: Copy, source: Payload, absent: Absent): Located {
  const { base, offset, length } = source;
  const isShort = length <= longestResult;
  if (base === 'transport')
    return isShort ? callTransport(copy, source, absent) : copyTransport(copy, source, absent);
  if (!isShort) {
    copyToBuffer(copy, offset, length, absent);
    return { kind: 'memory', base: R10, offset: BUFFER };
  }
  copy.target.loadArguments(copy.code, { offset });
  return result(copy, 'slow_load', [mov32(R3, length)], absent);
}

/** Calls a subprogram that gives a value, or less than 0. */
function result(
  copy: Copy,
  name: SubprogramName,
  more: readonly ReturnType<typeof mov32>[],
  absent: Absent,
): Located {
  copy.compilation.subprograms.add(name);
  copy.code.emit(...more, callLocal(name), jumpIf('slt', R0, 0, absent()), mov64(R1, R0));
  copy.facts = afterCall(copy.facts);
  return { kind: 'value', register: R1 };
}

function callTransport(copy: Copy, source: Payload, absent: Absent): Located {
  const reads = ignoresFragments(source, copy.compilation.place.kernel) ? 1 : 0;
  copy.target.loadArguments(copy.code, { index: R8, offset: 0 });
  const more = [mov32(R3, source.length), mov32(R4, source.offset), mov32(R5, reads)];
  return result(copy, 'slow_transport', more, absent);
}

/** Not on the fast path of nf_tables, so nothing is read in later fragments. */
function copyTransport(copy: Copy, { offset, length }: Payload, absent: Absent): Located {
  copy.code.emit(jumpIf('ge', R8, laterFragment, absent()));
  copyToBuffer(copy, offset, length, absent, R8);
  return { kind: 'memory', base: R10, offset: BUFFER };
}

export function locatePayload(copy: Copy, source: Payload, absent: Absent): Located {
  const { base, offset, length } = source;
  if (base === 'link') return copy.target.locateLink(copy, offset, length, absent);
  return copy.isSlow ? locateSlow(copy, source, absent) : locateFast(copy, source, absent);
}
