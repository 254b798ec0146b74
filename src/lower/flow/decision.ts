// A look-up in a set that is code: nested switches, one a part of the key. Each part is cut where some element begins or
// ends; in each piece only the elements that hold it are left for the next part, in their order, so the first one
// inserted wins (fact 38 of docs/semantics.md).

import type { RangeElement, RangeSet } from '../sets/layout-elements.ts';
import type { Field } from './field.ts';
import type { NodeId } from './graph.ts';
import type { Range } from './values.ts';

export interface DecisionTargets {
  /** Where an element leads. */
  readonly hit: (element: RangeElement) => NodeId;
  readonly miss: NodeId;
  readonly addSwitch: (
    field: Field,
    arms: readonly (Range & { readonly to: NodeId })[],
    otherwise: NodeId,
  ) => NodeId;
}

interface Piece extends Range {
  readonly elements: readonly RangeElement[];
}

/** The stretches of one part in which the same elements hold. Elements that cover each other's pieces stay in order. */
function pieces(elements: readonly RangeElement[], part: number): Piece[] {
  const starts = new Set<bigint>();
  for (const { bounds } of elements) {
    starts.add(bounds[part]!.low);
    starts.add(bounds[part]!.high + 1n);
  }
  const cuts = [...starts].sort((a, b) => (a < b ? -1 : a > b ? 1 : 0));
  const byStart = elements.map((element, order) => ({ element, order }));
  byStart.sort((a, b) => (a.element.bounds[part]!.low < b.element.bounds[part]!.low ? -1 : 1));
  const result: Piece[] = [];
  let open: typeof byStart = [];
  let next = 0;
  cuts.slice(0, -1).forEach((low, index) => {
    open = open.filter(({ element }) => element.bounds[part]!.high >= low);
    while (next < byStart.length && byStart[next]!.element.bounds[part]!.low <= low)
      open.push(byStart[next++]!);
    if (open.length === 0) return;
    const held = [...open].sort((a, b) => a.order - b.order).map(({ element }) => element);
    result.push({ low, high: cuts[index + 1]! - 1n, elements: held });
  });
  return result;
}

/** The entry of the look-up. All fields must be known to be there, or `miss` be where absence leads as well. */
export function decide(contents: RangeSet, fields: readonly Field[], targets: DecisionTargets): NodeId {
  const level = (elements: readonly RangeElement[], part: number): NodeId => {
    const field = fields[part];
    if (field === undefined) return targets.hit(elements[0]!);
    const arms = pieces(elements, part).map(({ low, high, elements: held }) => ({
      low,
      high,
      to: level(held, part + 1),
    }));
    return targets.addSwitch(field, arms, targets.miss);
  };
  return contents.elements.length === 0 ? targets.miss : level(contents.elements, 0);
}
