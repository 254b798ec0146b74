// The flow graph: what a packet experiences at one hook. Registers are gone: a `switch` reads a field and goes on by
// its value, or to `absent` if the field could not be loaded (in nf_tables the rule ends there, whatever the test).
// Nodes are numbered; a node's number says nothing about its place, `layOut` does.

import type { Limit } from '../limit.ts';
import type { IrSet, RuleId } from '../linear/ir.ts';
import type { ElementForm } from '../sets/element-form.ts';
import type { Field } from './field.ts';

declare const brand: unique symbol;
export type NodeId = number & { readonly [brand]: 'node' };

/** Values low to high, both included, lead to `to`. */
export interface Arm {
  readonly low: bigint;
  readonly high: bigint;
  readonly to: NodeId;
}

/** A statement that does something to the packet or to a map. */
export type Effect =
  | { readonly do: 'count'; readonly slot: number }
  | { readonly do: 'set_meta'; readonly key: string; readonly value: Field }
  /** Token bucket; the rule goes on if the packet is within it, or (`over`) if not. Times in nanoseconds. */
  | { readonly do: 'limit'; readonly state: number; readonly limit: Limit; readonly over: boolean }
  /** Bytes seen so far, this packet included, against `bytes`. */
  | { readonly do: 'quota'; readonly state: number; readonly bytes: bigint; readonly over: boolean }
  /** A number into a stack slot: the next of a count, or a random one (no `state`). Below `modulus`, plus `offset`. */
  | {
      readonly do: 'number';
      readonly state: number | undefined;
      readonly modulus: number;
      readonly offset: number;
      readonly slot: number;
    }
  /** A record for the ring buffer: a statement of the map's role, and how much of the packet. */
  | { readonly do: 'log'; readonly statement: number; readonly capture: number; readonly withUser: boolean }
  /** A constant into a stack slot: a map's data found by code. */
  | { readonly do: 'keep'; readonly slot: number; readonly bytes: Uint8Array };

/** `timeout` in nanoseconds; absent: elements that are added never expire. */
export interface SetChange {
  readonly operation: 'add' | 'update' | 'delete';
  readonly timeout?: bigint;
}

/** How a set is asked in a map; see sets/layout.ts. */
export interface MapQuery {
  readonly set: IrSet;
  readonly map: string;
  readonly kind: 'hash' | 'lpm' | 'scan';
  /** Of sets whose elements carry something; `runs` if a hit runs their statements, which may turn it into a miss. */
  readonly elements?: { readonly form: ElementForm; readonly runs: boolean };
  /** The set is changed first: an element is added, or one that is there begins anew (`update`), or is removed. */
  readonly change?: SetChange;
  /** What the value says: nothing, data for a stack slot, or an index into `targets`. */
  readonly result:
    | { readonly kind: 'none' }
    | { readonly kind: 'data'; readonly slot: number; readonly length: number }
    | { readonly kind: 'index'; readonly targets: readonly NodeId[] };
}

/** What every node carries. `origin` indexes the graph's spans. */
interface Common {
  readonly rule: RuleId | undefined;
  readonly origin: number;
}

export type Node = Common &
  (
    | {
        readonly kind: 'switch';
        readonly field: Field;
        /** Sorted, disjoint. */
        readonly arms: readonly Arm[];
        readonly otherwise: NodeId;
        readonly absent: NodeId;
      }
    /** Goes on only if all the fields can be loaded. */
    | {
        readonly kind: 'present';
        readonly fields: readonly Field[];
        readonly next: NodeId;
        readonly absent: NodeId;
      }
    /** Asks a map for the key that the parts make. */
    | {
        readonly kind: 'lookup';
        readonly parts: readonly Field[];
        readonly query: MapQuery;
        readonly found: NodeId;
        readonly missing: NodeId;
        readonly absent: NodeId;
      }
    | { readonly kind: 'effect'; readonly effect: Effect; readonly next: NodeId; readonly stop?: NodeId }
    /** Shared chains: remembers where to go back to (`level` is the chain's, the value an index of `back.targets`). */
    | { readonly kind: 'call'; readonly level: number; readonly back: number; readonly next: NodeId }
    | { readonly kind: 'back'; readonly level: number; readonly targets: readonly NodeId[] }
    | { readonly kind: 'end'; readonly verdict: 'accept' | 'drop' }
  );

export interface Graph {
  readonly nodes: readonly Node[];
  readonly entry: NodeId;
}

/** All successors, those that are best laid out right behind the node last. */
export function successors(node: Node): readonly NodeId[] {
  switch (node.kind) {
    case 'switch':
      return [node.absent, node.otherwise, ...node.arms.map(arm => arm.to).reverse()];
    case 'present':
      return [node.absent, node.next];
    case 'lookup': {
      const { result } = node.query;
      const targets = result.kind === 'index' ? [...result.targets].reverse() : [];
      return [node.absent, node.missing, ...targets, node.found];
    }
    case 'effect':
      return node.stop === undefined ? [node.next] : [node.stop, node.next];
    case 'call':
      return [node.next];
    case 'back':
      return node.targets;
    case 'end':
      return [];
  }
}

/** The node with every successor replaced. */
export function redirect(node: Node, to: (id: NodeId) => NodeId): Node {
  switch (node.kind) {
    case 'switch': {
      const arms = node.arms.map(arm => ({ ...arm, to: to(arm.to) }));
      return { ...node, arms, otherwise: to(node.otherwise), absent: to(node.absent) };
    }
    case 'present':
      return { ...node, next: to(node.next), absent: to(node.absent) };
    case 'lookup': {
      const { result } = node.query;
      const query =
        result.kind === 'index'
          ? { ...node.query, result: { ...result, targets: result.targets.map(to) } }
          : node.query;
      return { ...node, query, found: to(node.found), missing: to(node.missing), absent: to(node.absent) };
    }
    case 'effect':
      return node.stop === undefined
        ? { ...node, next: to(node.next) }
        : { ...node, next: to(node.next), stop: to(node.stop) };
    case 'call':
      return { ...node, next: to(node.next) };
    case 'back':
      return { ...node, targets: node.targets.map(to) };
    case 'end':
      return node;
  }
}

/**
 * Reverse postorder from the entries: every node behind its predecessors (but for ways back into a shared chain), and
 * the last of its successors right behind it wherever that can be.
 */
export function layOut(nodes: readonly Node[], entries: readonly NodeId[]): NodeId[] {
  const state = new Uint8Array(nodes.length);
  const postorder: NodeId[] = [];
  const stack: { readonly id: NodeId; readonly next: Iterator<NodeId> }[] = [];
  const visit = (id: NodeId): void => {
    if (state[id] !== 0) return;
    state[id] = 1;
    stack.push({ id, next: successors(nodes[id]!)[Symbol.iterator]() });
  };
  for (const entry of [...entries].reverse()) {
    visit(entry);
    while (stack.length > 0) {
      const top = stack.at(-1)!;
      const step = top.next.next();
      if (step.done) {
        postorder.push(top.id);
        stack.pop();
      } else visit(step.value);
    }
  }
  return postorder.reverse();
}

/** Collects nodes. */
export class GraphBuilder {
  readonly nodes: Node[] = [];

  add(node: Node): NodeId {
    this.nodes.push(node);
    return (this.nodes.length - 1) as NodeId;
  }
}
