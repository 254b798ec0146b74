// A switch: loads its field and goes by its value.

import { and32, jumpIf, load, R1, R7, R8, R9, R10, sub64 } from '../../bpf-asm/build.ts';
import type { Field, Source } from '../flow/field.ts';
import type { Arm, Node, NodeId } from '../flow/graph.ts';
import { complement } from '../flow/values.ts';
import { fragmentMask, fragmentOffset } from '../hooks/code.ts';
import type { Copy } from './copy.ts';
import { locate } from './load.ts';
import type { Located } from './located.ts';
import { emitPieces, needsPieces } from './pieces.ts';
import { emitSearch, type SearchTargets, type Subject } from './search.ts';
import { BUFFER } from './stack.ts';
import { searchable } from './subject.ts';

type Switch = Extract<Node, { kind: 'switch' }>;
type Payload = Extract<Source, { from: 'payload' }>;

/** The same switch with the fewest arms: `x != 5` is one arm for 5 and not two for the rest. */
function simplest(node: Switch): { arms: readonly Arm[]; otherwise: NodeId } {
  const to = node.arms[0]?.to;
  const { arms, otherwise } = node;
  if (to === undefined || arms.some(arm => arm.to !== to)) return { arms, otherwise };
  const gaps = complement(arms, node.field.length);
  const isPoints = gaps.every(({ low, high }) => low === high) && arms.some(({ low, high }) => low !== high);
  if (gaps.length > arms.length || (gaps.length === arms.length && !isPoints)) return { arms, otherwise };
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
  const { arms } = simplest(node);
  divertPaged(copy, node);
  const located = locateFor(copy, field, arms, () => copy.to(node.absent));
  emitArms(copy, node, located);
}

function emitArms(copy: Copy, node: Switch, located: Located): void {
  const { field } = node;
  const { arms, otherwise } = simplest(node);
  const targets = targetsOf(copy, field, arms, otherwise);
  const [only] = arms;
  const isPoint = arms.length === 1 && only!.low === only!.high;
  if (isPoint && needsPieces(field, located) && (located.kind === 'memory' || located.kind === 'name')) {
    emitPieces(copy.code, field, located, only!, otherwise, targets);
    return;
  }
  const search = searchable(copy.code, field, located, arms);
  emitSearch(copy.code, search.subject, search.arms, otherwise, targets);
}

/**
 * The last load from a packet needs no slow copy: where its bytes are not in the linear part, they are copied to the stack,
 * compared there, and it goes on in the fast copy, which will not miss what it knew.
 */
function divertPaged(copy: Copy, node: Switch): void {
  const { source } = node.field;
  const isTransport = source.from === 'payload' && source.base === 'transport';
  const isLast = isTransport && copy.compilation.last.has(copy.node);
  if (!isLast || copy.isSlow || !copy.target.hasPaged || copy.facts.protocol === undefined) return;
  const paged = copy.code.fresh('paged');
  const { protocol } = copy.facts;
  copy.divert(paged);
  const detached = copy.detached();
  copy.code.later(() => {
    copy.code.label(paged);
    emitPaged(detached, node, source, protocol);
  });
}

/** A later fragment is read only where it is linear (fact 14): the guard that failed asked for the field's bytes, no more. */
function emitPaged(copy: Copy, node: Switch, source: Payload, protocol: number | undefined): void {
  const { code, target } = copy;
  const absent = copy.to(node.absent);
  // IPv6 fragments are not met here.
  if (protocol === 0x0800)
    code.emit(load(2, R1, R7, fragmentOffset), and32(R1, fragmentMask), jumpIf('ne', R1, 0, absent));
  code.emit(sub64(R8, R7));
  target.prepareSlow(code);
  target.copyBytes(code, { index: R8, offset: source.offset }, source.length, BUFFER, absent);
  emitArms(copy, node, { kind: 'memory', base: R10, offset: BUFFER });
}

/** Below 0x600 the type field of a frame is a length, which no protocol is: tests for protocols need not care. */
const smallestType = 0x600n;

function locateFor(copy: Copy, field: Field, arms: readonly Arm[], absent: () => string): Located {
  const { source, steps } = field;
  const isType = source.from === 'meta' && source.key === 'protocol' && steps.length === 0;
  const isPlain = isType && arms.every(({ low }) => low >= smallestType);
  if (isPlain && copy.target.locateType) return copy.target.locateType(copy);
  return locate(copy, source, absent);
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
