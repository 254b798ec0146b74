// What nodes read.

import type { Field } from '../flow/field.ts';
import { type Graph, type Node, type NodeId, successors } from '../flow/graph.ts';

/** The fields a node loads. */
export function fieldsOf(node: Node): readonly Field[] {
  switch (node.kind) {
    case 'switch':
      return [node.field];
    case 'present':
      return node.fields;
    case 'lookup':
      return node.parts;
    case 'effect':
      return node.effect.do === 'set_meta' ? [node.effect.value] : [];
    default:
      return [];
  }
}

function readsPacket(node: Node): boolean {
  return fieldsOf(node).some(({ source }) => source.from !== 'slot' && source.from !== 'constant');
}

/** Nodes behind which no way reads the packet again. `order` is the graph's reverse postorder. */
export function lastReaders(graph: Graph, order: readonly NodeId[]): ReadonlySet<NodeId> {
  const last = new Set<NodeId>();
  const readers = new Set<NodeId>();
  for (const id of [...order].reverse()) {
    const node = graph.nodes[id]!;
    // A node that was not seen yet lies on a way back: whatever it is, it is not the last.
    const isLast = successors(node).every(to => last.has(to) && !readers.has(to));
    if (isLast) last.add(id);
    if (readsPacket(node)) readers.add(id);
  }
  return last;
}
