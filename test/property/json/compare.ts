// Bytecode of the same ruleset, printed by the reference and by the front half. Elements of an anonymous set stand in
// the order that the kernel gave them out in, which means nothing.

import { comparePrinted } from '../../unit/reference/corpus.ts';
import { type Printed, readPrinted } from '../../unit/reference/printed.ts';

function inOrder(text: string): Printed {
  const { rules, sets } = readPrinted(text);
  const sorted = [...rules].map(
    ([key, list]) =>
      [key, list.map(rule => ({ ...rule, sets: rule.sets.map(set => [...set].sort()) }))] as const,
  );
  return { rules: new Map(sorted), sets };
}

/** How they differ; nothing if they do not. */
export function differences(expected: string, actual: string): readonly string[] {
  return comparePrinted(inOrder(expected), inOrder(actual));
}
