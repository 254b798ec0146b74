// Jump threading: an edge on which the next test's outcome is known leads on to that outcome. No test is made twice on a
// way; what a rule found out, all later rules know. Walks are remembered by what is known, so that a thousand rules that
// begin alike cost one walk and not a thousand.

import type { Step } from '../../../source/patience.ts';
import { type Graph, layOut, type Node, type NodeId, successors } from '../graph.ts';
import { complement } from '../values.ts';
import {
  afterEffect,
  common,
  decided,
  ignorance,
  intersection,
  type Knowledge,
  possibleValues,
  withPresence,
  withValue,
} from './knowledge.ts';

/** Fields compared with more constants than this are left to the pass over runs: their values are not tracked. */
const mostConstants = 24;

function wideFields(nodes: readonly Node[], order: readonly NodeId[]): Set<string> {
  const constants = new Map<string, Set<bigint>>();
  for (const id of order) {
    const node = nodes[id]!;
    if (node.kind !== 'switch') continue;
    const known = constants.get(node.field.key) ?? new Set();
    constants.set(node.field.key, known);
    for (const { low, high } of node.arms.slice(0, mostConstants + 1)) known.add(low).add(high);
  }
  return new Set([...constants].filter(([, known]) => known.size > mostConstants).map(([key]) => key));
}

class Threading {
  readonly nodes: Node[];
  entry: NodeId;
  private readonly original: readonly Node[];
  private readonly incoming = new Map<NodeId, Knowledge>();
  private readonly walks = new Map<string, NodeId>();
  private readonly wide: ReadonlySet<string>;

  constructor({ nodes, entry }: Graph, step: Step) {
    this.original = nodes;
    this.nodes = [...nodes];
    this.entry = entry;
    const order = layOut(nodes, [entry]);
    this.wide = wideFields(nodes, order);
    const place = new Map(order.map((id, index) => [id, index]));
    for (const id of order) {
      // Ways back into a shared chain: nothing is known there.
      for (const to of successors(nodes[id]!))
        if (place.get(to)! <= place.get(id)!) this.incoming.set(to, ignorance);
    }
    this.entry = this.arrive(entry, ignorance);
    for (const id of order) {
      step();
      const knowledge = this.incoming.get(id);
      if (knowledge !== undefined) this.nodes[id] = this.threaded(nodes[id]!, knowledge);
    }
  }

  /** Follows an edge as far as its way is certain, and notes what is known at its end. */
  private arrive(to: NodeId, knowledge: Knowledge): NodeId {
    const visited: string[] = [];
    let at = to;
    for (;;) {
      const key = `${at} ${knowledge.text}`;
      const known = this.walks.get(key);
      if (known !== undefined) {
        at = known;
        break;
      }
      const next = decided(this.original[at]!, knowledge);
      visited.push(key);
      if (next === undefined) break;
      at = next;
    }
    for (const key of visited) this.walks.set(key, at);
    this.incoming.set(at, common(this.incoming.get(at), knowledge));
    return at;
  }

  private threaded(node: Node, knowledge: Knowledge): Node {
    switch (node.kind) {
      case 'switch':
        return this.threadedSwitch(node, knowledge);
      case 'present':
        return {
          ...node,
          next: this.arrive(node.next, withPresence(knowledge, node.fields, true)),
          absent: this.arrive(
            node.absent,
            node.fields.length === 1 ? withPresence(knowledge, node.fields, false) : knowledge,
          ),
        };
      case 'lookup':
        return this.threadedLookup(node, knowledge);
      case 'effect': {
        const after = afterEffect(knowledge, node.effect);
        const next = this.arrive(node.next, after);
        return node.stop === undefined
          ? { ...node, next }
          : { ...node, next, stop: this.arrive(node.stop, after) };
      }
      case 'call':
        return { ...node, next: this.arrive(node.next, knowledge) };
      case 'back':
        return { ...node, targets: node.targets.map(to => this.arrive(to, knowledge)) };
      case 'end':
        return node;
    }
  }

  private threadedSwitch(node: Extract<Node, { kind: 'switch' }>, knowledge: Knowledge): Node {
    const { field } = node;
    const possible = possibleValues(knowledge, field);
    const isWide = this.wide.has(field.key);
    const present = withPresence(knowledge, [field], true);
    const edge = (to: NodeId, ranges: readonly { readonly low: bigint; readonly high: bigint }[]): NodeId =>
      this.arrive(to, isWide ? present : withValue(knowledge, field, intersection(possible, ranges)));
    const arms = node.arms.map(arm => ({ ...arm, to: edge(arm.to, [arm]) }));
    const rest = isWide ? [] : complement(node.arms, field.length);
    return {
      ...node,
      arms,
      otherwise: edge(node.otherwise, rest),
      absent: this.arrive(node.absent, withPresence(knowledge, [field], false)),
    };
  }

  private threadedLookup(node: Extract<Node, { kind: 'lookup' }>, knowledge: Knowledge): Node {
    const present = withPresence(knowledge, node.parts, true);
    const { result } = node.query;
    const query =
      result.kind === 'index'
        ? {
            ...node.query,
            result: { ...result, targets: result.targets.map(to => this.arrive(to, present)) },
          }
        : node.query;
    const absent = this.arrive(
      node.absent,
      node.parts.length === 1 ? withPresence(knowledge, node.parts, false) : knowledge,
    );
    return {
      ...node,
      query,
      found: this.arrive(node.found, present),
      missing: this.arrive(node.missing, present),
      absent,
    };
  }
}

export function threadEdges(graph: Graph, step: Step = () => undefined): Graph {
  const { nodes, entry } = new Threading(graph, step);
  return { nodes, entry };
}
