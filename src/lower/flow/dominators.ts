// Dominators of a flow graph (Cooper, Harvey and Kennedy): a node dominates another if every way from the entry to that
// one goes through it.

import { type Graph, type NodeId, successors } from './graph.ts';

export interface Dominators {
  /** The nearest other node that dominates; the entry's is itself. */
  readonly immediate: (id: NodeId) => NodeId;
  /** Place in reverse postorder. */
  readonly place: (id: NodeId) => number;
  readonly dominates: (above: NodeId, below: NodeId) => boolean;
}

function predecessorsOf(
  graph: Graph,
  order: readonly NodeId[],
  place: ReadonlyMap<NodeId, number>,
): number[][] {
  const predecessors: number[][] = order.map(() => []);
  order.forEach((id, index) => {
    for (const to of successors(graph.nodes[id]!)) predecessors[place.get(to)!]!.push(index);
  });
  return predecessors;
}

/** `order` is the graph's reverse postorder from its entry. */
export function dominatorsOf(graph: Graph, order: readonly NodeId[]): Dominators {
  const place = new Map(order.map((id, index) => [id, index]));
  const predecessors = predecessorsOf(graph, order, place);
  const immediate = new Int32Array(order.length).fill(-1);
  immediate[0] = 0;
  const meet = (a: number, b: number): number => {
    while (a !== b) {
      while (a > b) a = immediate[a]!;
      while (b > a) b = immediate[b]!;
    }
    return a;
  };
  for (let changed = true; changed; ) {
    changed = false;
    for (let index = 1; index < order.length; index++) {
      const known = predecessors[index]!.filter(predecessor => immediate[predecessor] !== -1);
      const found = known.reduce(meet);
      if (immediate[index] === found) continue;
      immediate[index] = found;
      changed = true;
    }
  }
  const at = (id: NodeId): number => place.get(id)!;
  return {
    immediate: id => order[immediate[at(id)]!]!,
    place: at,
    dominates: (above, below) => {
      let index = at(below);
      while (index > at(above)) index = immediate[index]!;
      return index === at(above);
    },
  };
}

/** The nearest node that dominates all of them (one of them may be it). `order` is the graph's reverse postorder. */
export function commonDominator(
  dominators: Dominators,
  order: readonly NodeId[],
  nodes: readonly NodeId[],
): NodeId | undefined {
  const below = new Int32Array(order.length);
  for (const id of nodes) below[dominators.place(id)]!++;
  for (let index = order.length - 1; index >= 0; index--) {
    if (below[index] === nodes.length) return order[index];
    below[dominators.place(dominators.immediate(order[index]!))]! += below[index]!;
  }
  return undefined;
}
