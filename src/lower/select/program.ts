// Flow graph -> instructions of one program: the fast copy, then (if some guard can fail) the slow one.

import { exit, jump, load, mayGoto, mov32, R0, R1, R10, storeImm } from '../../bpf-asm/build.ts';
import type { AssemblyItem } from '../../bpf-asm/instruction.ts';
import { kernelAtLeast } from '../../bpf-asm/isa.ts';
import type { Step } from '../../source/patience.ts';
import { commonDominator, type Dominators, dominatorsOf } from '../flow/dominators.ts';
import type { Field } from '../flow/field.ts';
import { type Graph, layOut, type Node, type NodeId, successors } from '../flow/graph.ts';
import type { TargetCode } from '../hooks/code.ts';
import type { Place } from '../hooks/target.ts';
import { cleanUp } from './cleanup.ts';
import { Code } from './code.ts';
import { type Compilation, Copy, enterSlow, SlowEntries, slowLabel } from './copy.ts';
import { emitEffect, mostInlineCounters } from './effect.ts';
import { type Facts, nothing } from './facts.ts';
import { locate, needsInfo } from './load.ts';
import { emitLookup } from './lookup.ts';
import { ignoresFragments } from './packet.ts';
import { fieldsOf, lastReaders } from './reads.ts';
import { emitSearch } from './search.ts';
import { backOffset, RESUME } from './stack.ts';
import { emitSubprograms } from './subprograms.ts';
import { emitSwitch } from './switch.ts';

export interface SelectInput {
  readonly graph: Graph;
  readonly target: TargetCode;
  readonly place: Place;
  /** False: only the slow copy, with every load made where it stands. */
  readonly optimize: boolean;
  readonly countersMap: string;
  readonly stateMap: string;
  readonly logMap: string;
  readonly lossesMap: string;
  readonly clockMap: string;
  readonly step: Step;
}

function isCounter(node: Node): boolean {
  return node.kind === 'effect' && node.effect.do === 'count';
}

function dependsOnFragment({ source }: Field, place: Place): boolean {
  return source.from === 'payload' && source.base === 'transport' && !ignoresFragments(source, place.kernel);
}

function emitNode(copy: Copy, node: Node): void {
  switch (node.kind) {
    case 'switch':
      emitSwitch(copy, node);
      return;
    case 'present':
      for (const { source } of node.fields) locate(copy, source, () => copy.to(node.absent));
      copy.go(node.next);
      return;
    case 'lookup':
      emitLookup(copy, node);
      return;
    case 'effect':
      emitEffect(copy, node);
      return;
    case 'call':
      copy.code.emit(storeImm(4, R10, backOffset(node.level), node.back));
      copy.go(node.next);
      return;
    case 'back':
      emitBack(copy, node);
      return;
    case 'end':
      copy.code.emit(mov32(R0, copy.target.verdicts[node.verdict]), exit());
  }
}

function emitBack(copy: Copy, { level, targets }: Extract<Node, { kind: 'back' }>): void {
  const arms = targets.map((to, index) => ({ low: BigInt(index), high: BigInt(index), to }));
  const last = arms.pop();
  if (last === undefined) return;
  if (arms.length > 0) copy.code.emit(load(4, R1, R10, backOffset(level)));
  const subject = { low: R1, narrow: true, maximum: (1n << 32n) - 1n };
  emitSearch(copy.code, subject, arms, last.to, { to: id => copy.to(id), next: copy.next });
}

/**
 * The entry of a shared chain. The verifier has forgotten where the chain was called from, so that it walks the chain once
 * and not once a call; it then takes the way back to an earlier call for a loop, and wants to see that it ends.
 */
function enterShared({ code, target }: Copy): void {
  const [chain, endless] = [code.fresh('chain'), code.fresh('endless')];
  code.emit(mayGoto(endless), jump(chain));
  code.label(endless);
  code.emit(mov32(R0, target.verdicts.drop), exit());
  code.label(chain);
}

function sharedEntries(graph: Graph): ReadonlySet<NodeId> {
  return new Set(graph.nodes.flatMap(node => (node.kind === 'call' ? [node.next] : [])));
}

/** Emits all nodes that can be reached from the entries. */
function emitCopy(
  copy: Copy,
  entries: readonly NodeId[],
  step: Step,
  dominators: Dominators | undefined,
): void {
  const { graph, infoAt } = copy.compilation;
  const order = layOut(graph.nodes, entries);
  const place = new Map(order.map((id, index) => [id, index]));
  const behind = new Set<NodeId>();
  for (const id of order) {
    for (const to of successors(graph.nodes[id]!)) if (place.get(to)! <= place.get(id)!) behind.add(to);
  }
  const shared = sharedEntries(graph);
  order.forEach((id, index) => {
    step();
    const knowsInfo = (): boolean =>
      infoAt !== undefined && infoAt !== id && (dominators?.dominates(infoAt, id) ?? false);
    const floor = behind.has(id) ? { ...nothing, info: knowsInfo() } : copy.isSlow ? nothing : undefined;
    // What leads here from behind is not emitted yet, and may be all that does.
    if (behind.has(id)) copy.to(id, nothing);
    // No way leads here after all: the values of its arms cannot come up.
    if (!copy.begin(id, order[index + 1], floor)) return;
    if (id === infoAt && !copy.isSlow) copy.target.loadInfo(copy);
    if (shared.has(id)) enterShared(copy);
    emitNode(copy, graph.nodes[id]!);
  });
  copy.code.flush();
}

function emitSlowCopy(compilation: Compilation, step: Step): void {
  const { code, target, slowEntries } = compilation;
  code.label(slowLabel);
  target.prepareSlow(code);
  const [first] = slowEntries.nodes;
  const copy = new Copy(compilation, true, first!, nothing);
  if (usesInfo(compilation)) target.loadInfo(copy);
  const arms = slowEntries.nodes.map((to, index) => ({
    low: BigInt(index + 1),
    high: BigInt(index + 1),
    to,
  }));
  const last = arms.pop()!;
  if (arms.length > 0) code.emit(load(4, R1, R10, RESUME));
  const subject = { low: R1, narrow: true, maximum: (1n << 32n) - 1n };
  emitSearch(code, subject, arms, last.to, { to: id => copy.to(id), next: undefined });
  code.flush();
  emitCopy(copy, slowEntries.nodes, step, undefined);
}

function usesInfo({ graph }: Compilation): boolean {
  return graph.nodes.some(node => fieldsOf(node).some(field => needsInfo(field.source)));
}

/** A TCP header: what lies behind is not worth the packets that would be sent to the slow copy. */
const largestProof = 20;

/**
 * With several loads from transport headers one guard where the header is found serves all: no way loses it. Where a guard
 * that fails is an absent field, it has to ask for exactly the field's bytes, so this takes a slow copy, which pays off later.
 */
function transportProof(graph: Graph, order: readonly NodeId[], target: TargetCode): number {
  const loads = order.flatMap(id => fieldsOf(graph.nodes[id]!).map(field => field.source));
  const ends = loads.flatMap(source =>
    source.from === 'payload' && source.base === 'transport' ? [source.offset + source.length] : [],
  );
  const useful = ends.filter(end => end <= largestProof);
  return useful.length > (target.hasPaged ? 1 : 4) ? Math.max(4, ...useful) : 0;
}

/** The nearest node that every way to a use of the packet's set-up goes through. */
function placeInfo(graph: Graph, order: readonly NodeId[], dominators: Dominators): NodeId | undefined {
  const uses = order.filter(id => fieldsOf(graph.nodes[id]!).some(field => needsInfo(field.source)));
  return uses.length === 0 ? undefined : commonDominator(dominators, order, uses);
}

export function select(input: SelectInput): AssemblyItem[] {
  const { graph, target, place, optimize, countersMap, stateMap } = input;
  const code = new Code();
  const order = layOut(graph.nodes, [graph.entry]);
  const dominators = dominatorsOf(graph, order);
  const needsFragment = order.some(id =>
    fieldsOf(graph.nodes[id]!).some(field => dependsOnFragment(field, place)),
  );
  const compilation: Compilation = {
    graph,
    target,
    place,
    code,
    slowEntries: new SlowEntries(),
    infoAt: placeInfo(graph, order, dominators),
    transportProof: transportProof(graph, order, target),
    last: lastReaders(graph, order),
    needsFragment,
    countersMap,
    stateMap,
    sharesCounters: order.filter(id => isCounter(graph.nodes[id]!)).length > mostInlineCounters,
    scans: new Map(),
    logs: new Map(),
    elements: new Map(),
    logMap: input.logMap,
    lossesMap: input.lossesMap,
    clockMap: input.clockMap,
    subprograms: new Set(),
  };
  const hasFast = target.fastSince === undefined || kernelAtLeast(place.kernel, target.fastSince);
  if (optimize && hasFast) {
    const facts: Facts = target.enter(code, place);
    const copy = new Copy(compilation, false, graph.entry, facts);
    target.divert?.(copy);
    emitCopy(copy, [graph.entry], input.step, dominators);
  } else {
    target.enterSlow(code, place);
    enterSlow(code, compilation.slowEntries.numberOf(graph.entry));
  }
  if (compilation.slowEntries.nodes.length > 0) emitSlowCopy(compilation, input.step);
  emitSubprograms(code, compilation.subprograms, compilation);
  return cleanUp(code.items);
}
