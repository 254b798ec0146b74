// The passes over the flow graph, in the order they run.

import type { Graph } from '../graph.ts';

export type Pass = (graph: Graph) => Graph;

export const passes: readonly Pass[] = [];

export function optimizeFlow(graph: Graph): Graph {
  return passes.reduce((current, pass) => pass(current), graph);
}
