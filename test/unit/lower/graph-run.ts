// Runs a flow graph on values for its fields: what the passes must not change.

import { sourceKey } from '../../../src/lower/flow/field.ts';
import type { Graph, Node } from '../../../src/lower/flow/graph.ts';

/** A number by source key; undefined: the load fails. */
export type Values = Readonly<Record<string, number | undefined>>;

export interface Run {
  readonly verdict: string;
  /** Counter slots in the order they were counted. */
  readonly counted: readonly number[];
}

function read(node: Extract<Node, { kind: 'switch' | 'present' }>, values: Values): number | undefined {
  const fields = node.kind === 'switch' ? [node.field] : node.fields;
  const read = fields.map(field => values[sourceKey(field.source)]);
  return read.includes(undefined) ? undefined : read[0];
}

export function runGraph({ nodes, entry }: Graph, given: Values): Run {
  const values: Record<string, number | undefined> = { ...given };
  const counted: number[] = [];
  let at = entry;
  for (let steps = 0; steps < 10_000; steps++) {
    const node = nodes[at]!;
    switch (node.kind) {
      case 'end':
        return { verdict: node.verdict, counted };
      case 'switch': {
        const value = read(node, values);
        const arm = node.arms.find(({ low, high }) => value !== undefined && low <= value && value <= high);
        at = value === undefined ? node.absent : (arm?.to ?? node.otherwise);
        break;
      }
      case 'present':
        at = read(node, values) === undefined ? node.absent : node.next;
        break;
      case 'effect': {
        const { effect } = node;
        if (effect.do === 'count') counted.push(effect.slot);
        if (effect.do === 'set_meta') {
          const { source } = effect.value;
          if (source.from === 'constant') values[`meta ${effect.key}`] = source.bytes[0]!;
        }
        at = node.next;
        break;
      }
      default:
        throw new Error(`${node.kind} nodes are not run here`);
    }
  }
  throw new Error('the graph does not end');
}
