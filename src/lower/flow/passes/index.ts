// The passes over the flow graph, in the order they run.

import type { Graph } from '../graph.ts';
import { joinRuns } from './runs.ts';
import { threadEdges } from './thread.ts';

export type Pass = (graph: Graph) => Graph;

export const passes: readonly Pass[] = [threadEdges, joinRuns, threadEdges];

export function optimizeFlow(graph: Graph): Graph {
  return passes.reduce((current, pass) => pass(current), graph);
}
