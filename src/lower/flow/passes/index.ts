// The passes over the flow graph, in the order they run.

import type { Step } from '../../../source/patience.ts';
import type { Graph } from '../graph.ts';
import { joinRuns } from './runs.ts';
import { threadEdges } from './thread.ts';

export type Pass = (graph: Graph, step: Step) => Graph;

export const passes: readonly Pass[] = [threadEdges, joinRuns, threadEdges];

export function optimizeFlow(graph: Graph, step: Step = () => undefined): Graph {
  return passes.reduce((current, pass) => pass(current, step), graph);
}
