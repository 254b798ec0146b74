// One of the two copies of the flow graph in code. The fast copy reads headers where they lie, under guards that it never
// makes twice. Where a guard fails, it goes on at the same node in the slow copy, which reads everything through
// helpers and needs no guards (and so never has to come back, which would lose what the fast copy knew).

import { jump, R10, storeImm } from '../../bpf-asm/build.ts';
import type { Graph, MapQuery, Node, NodeId } from '../flow/graph.ts';
import type { TargetCode } from '../hooks/code.ts';
import type { Place } from '../hooks/target.ts';
import type { Code } from './code.ts';
import type { ElementQuery } from './element.ts';
import { type Facts, meet, nothing } from './facts.ts';
import type { LogForm } from './log.ts';
import { RESUME } from './stack.ts';
import type { SubprogramName } from './subprograms.ts';

/** Nodes at which the slow copy is entered, numbered from 1. */
export class SlowEntries {
  readonly nodes: NodeId[] = [];
  private readonly numbers = new Map<NodeId, number>();

  numberOf(id: NodeId): number {
    const number = this.numbers.get(id) ?? this.nodes.push(id);
    this.numbers.set(id, number);
    return number;
  }
}

/** What both copies share. */
export interface Compilation {
  readonly graph: Graph;
  readonly target: TargetCode;
  readonly place: Place;
  readonly code: Code;
  readonly slowEntries: SlowEntries;
  /** The node before which the packet's set-up is worked out, if any needs it. */
  readonly infoAt: NodeId | undefined;
  /** Some load of the program depends on the fragment offset, so FRAGMENT is kept. */
  readonly needsFragment: boolean;
  /** Nodes behind which no way reads the packet again. */
  readonly last: ReadonlySet<NodeId>;
  /** Bytes behind the transport header that are proven once for the whole program; 0: each load has its own guard. */
  readonly transportProof: number;
  readonly countersMap: string;
  readonly stateMap: string;
  /** Counters are moved by a subprogram. */
  readonly sharesCounters: boolean;
  /** What each subprogram for a list of ranges asks. */
  readonly scans: Map<SubprogramName, MapQuery>;
  /** The sets that subprograms for elements are made for. */
  readonly elements: Map<SubprogramName, ElementQuery>;
  /** What the records of each subprogram for log statements hold. */
  readonly logs: Map<SubprogramName, LogForm>;
  readonly logMap: string;
  readonly lossesMap: string;
  readonly clockMap: string;
  /** Subprograms that were called. */
  readonly subprograms: Set<SubprogramName>;
}

export class Copy {
  readonly compilation: Compilation;
  readonly isSlow: boolean;
  facts: Facts;
  /** The node being emitted. */
  node: NodeId;
  /** The node that will be laid out behind it. */
  next: NodeId | undefined;
  private incoming = new Map<NodeId, Facts>();
  private readonly entry: NodeId;
  private stub: string | undefined;
  /** Guards of this node that fail do not lead to the slow copy. */
  isDiverted = false;

  constructor(compilation: Compilation, isSlow: boolean, entry: NodeId, facts: Facts) {
    this.compilation = compilation;
    this.isSlow = isSlow;
    this.node = entry;
    this.entry = entry;
    this.facts = facts;
    this.incoming.set(entry, facts);
  }

  get code(): Code {
    return this.compilation.code;
  }

  get target(): TargetCode {
    return this.compilation.target;
  }

  get current(): Node {
    return this.compilation.graph.nodes[this.node]!;
  }

  /** Starts a node; `floor` is what is known where a way to it has not been emitted yet. False if none leads there. */
  begin(node: NodeId, next: NodeId | undefined, floor: Facts | undefined): boolean {
    const facts = this.incoming.get(node);
    if (facts === undefined) return false;
    this.node = node;
    this.next = next;
    this.stub = undefined;
    this.isDiverted = false;
    this.facts = { ...(floor ?? facts), type: facts.type && node === this.entry };
    this.code.setOrigin(this.current.origin);
    this.code.label(this.name(node));
    return true;
  }

  private name(id: NodeId): string {
    return `${this.isSlow ? 's' : 'n'}${id}`;
  }

  /** The label of a node to which a jump from here goes. */
  to(id: NodeId, facts: Facts = this.facts): string {
    this.incoming.set(id, meet(this.incoming.get(id), facts));
    return this.name(id);
  }

  /** Goes on at a node from the end of what is emitted. */
  go(id: NodeId): void {
    const name = this.to(id);
    if (this.next !== id) this.code.emit(jump(name));
  }

  /** The same place once all else is emitted, with nothing known. */
  detached(): Copy {
    const other = new Copy(this.compilation, this.isSlow, this.node, nothing);
    other.incoming = this.incoming;
    return other;
  }

  /** From now on guards of this node go to `label` when they fail. */
  divert(label: string): void {
    this.stub = label;
    this.isDiverted = true;
  }

  /** The label of the code that goes on with this node in the slow copy. */
  slowly(): string {
    if (this.stub !== undefined) return this.stub;
    const stub = this.code.fresh('slow');
    this.stub = stub;
    const number = this.compilation.slowEntries.numberOf(this.node);
    this.code.later(() => {
      this.code.label(stub);
      enterSlow(this.code, number);
    });
    return stub;
  }
}

/** The label at which the slow copy begins. */
export const slowLabel = 'slow_copy';

export function enterSlow(code: Code, number: number): void {
  code.emit(storeImm(4, R10, RESUME, number), jump(slowLabel));
}
