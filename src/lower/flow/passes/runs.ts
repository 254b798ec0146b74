// Runs: rules one after the other that begin by comparing the same field with single values become one switch over all
// the values. Each value keeps its rules in their order, so the first match still wins; a rule that fails goes on with the
// next one for the same value, or behind the run. What a run's rules do is not touched.

import type { Step } from '../../../source/patience.ts';
import { type Arm, type Graph, layOut, type Node, type NodeId, redirect, successors } from '../graph.ts';

type Switch = Extract<Node, { kind: 'switch' }>;

/** Shorter runs are as fast as they are. */
const shortestRun = 4;
/** A rule's own nodes: more than this, and the run ends before it. */
const largestRule = 64;

interface Member {
  readonly id: NodeId;
  readonly node: Switch;
}

class Runs {
  readonly nodes: Node[];
  private readonly order: readonly NodeId[];
  private readonly predecessors = new Map<NodeId, NodeId[]>();

  constructor({ nodes, entry }: Graph, step: Step) {
    this.nodes = [...nodes];
    this.order = layOut(nodes, [entry]);
    for (const id of this.order) {
      for (const to of new Set(successors(nodes[id]!))) {
        const known = this.predecessors.get(to);
        if (known) known.push(id);
        else this.predecessors.set(to, [id]);
      }
    }
    const seen = new Set<NodeId>();
    for (const id of this.order) {
      step();
      if (seen.has(id)) continue;
      const run = this.runFrom(id);
      for (const member of run) seen.add(member.id);
      if (run.length >= shortestRun) this.join(run);
    }
  }

  private points(id: NodeId): Switch | undefined {
    const node = this.nodes[id]!;
    const isRun =
      node.kind === 'switch' && node.arms.length <= 8 && node.arms.every(arm => arm.low === arm.high);
    return isRun ? node : undefined;
  }

  /** Switches on one field, each the `otherwise` of the one before, all with the same way for an absent field. */
  private runFrom(start: NodeId): Member[] {
    const first = this.points(start);
    if (first === undefined) return [];
    const run: Member[] = [{ id: start, node: first }];
    for (;;) {
      const last = run.at(-1)!;
      const id = last.node.otherwise;
      const node = this.points(id);
      const isNext = node?.field.key === first.field.key && node.absent === first.absent && id !== start;
      if (!isNext || !this.isOwnedBy(id, last)) return run;
      run.push({ id, node });
    }
  }

  /** The next switch is reached only from the one before, by `otherwise` or from within its arms. */
  private isOwnedBy(next: NodeId, { id, node }: Member): boolean {
    const region = this.region(id, node.arms, next);
    return (
      region !== undefined && this.predecessors.get(next)!.every(from => from === id || region.has(from))
    );
  }

  /** The nodes behind some arms that can fail into `stop`; undefined if other ways than those arms lead into them. */
  private region(id: NodeId, arms: readonly Arm[], stop: NodeId): Set<NodeId> | undefined {
    const region = new Set<NodeId>();
    const work = arms.map(arm => arm.to);
    while (work.length > 0) {
      const at = work.pop()!;
      if (at === stop || region.has(at) || !this.leadsTo(at, stop)) continue;
      region.add(at);
      if (region.size > largestRule) return undefined;
      work.push(...successors(this.nodes[at]!));
    }
    const isOwned = (at: NodeId): boolean =>
      this.predecessors.get(at)!.every(from => from === id || region.has(from));
    return [...region].every(isOwned) ? region : undefined;
  }

  private readonly reach = new Map<NodeId, Set<NodeId>>();

  /** Whether a rule's node can fail into `stop`: looked for a few steps deep. */
  private leadsTo(id: NodeId, stop: NodeId): boolean {
    const known = this.reach.get(stop) ?? this.sources(stop);
    this.reach.set(stop, known);
    return known.has(id);
  }

  /** Nodes in front of `stop`, as far as a rule's own nodes may be. */
  private sources(stop: NodeId): Set<NodeId> {
    const sources = new Set<NodeId>();
    const work = [...(this.predecessors.get(stop) ?? [])];
    while (work.length > 0 && sources.size <= largestRule * 2) {
      const id = work.pop()!;
      if (sources.has(id)) continue;
      sources.add(id);
      work.push(...(this.predecessors.get(id) ?? []));
    }
    return sources;
  }

  /** One switch in place of the first; the others are reached no more. */
  private join(run: readonly Member[]): void {
    let behind = run.at(-1)!.node.otherwise;
    let first = new Map<bigint, NodeId>();
    // From the back: `first` says where a value's rules begin among those behind.
    for (let index = run.length - 1; index >= 0; index--) {
      const { node } = run[index]!;
      const next = run[index + 1];
      if (next !== undefined && !this.redirectFailures(run[index]!, next.id, first, behind)) {
        this.put(next, first, behind);
        behind = next.id;
        first = new Map();
      }
      for (const { low, to } of node.arms) first.set(low, to);
    }
    this.put(run[0]!, first, behind);
  }

  private put({ id, node }: Member, first: ReadonlyMap<bigint, NodeId>, otherwise: NodeId): void {
    const arms: Arm[] = [...first].map(([value, to]) => ({ low: value, high: value, to }));
    arms.sort((a, b) => (a.low < b.low ? -1 : 1));
    this.nodes[id] = { ...node, arms, otherwise };
  }

  /** A rule that fails goes on where its value's next rule is. False if its values do not go on alike. */
  private redirectFailures(
    { id, node }: Member,
    next: NodeId,
    first: ReadonlyMap<bigint, NodeId>,
    behind: NodeId,
  ): boolean {
    const goesOn = new Set(node.arms.map(arm => first.get(arm.low) ?? behind));
    const region = this.region(id, node.arms, next);
    if (region === undefined || (goesOn.size > 1 && region.size > 0)) return false;
    const [target = behind] = goesOn;
    for (const at of region) this.nodes[at] = redirect(this.nodes[at]!, to => (to === next ? target : to));
    return true;
  }
}

export function joinRuns(graph: Graph, step: Step = () => undefined): Graph {
  return { nodes: new Runs(graph, step).nodes, entry: graph.entry };
}
