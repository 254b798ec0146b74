// "Did you mean": the known name that is nearest to a misspelt one.

import type { Span } from '../../../source/span.ts';
import type { FailureDetails } from '../failure.ts';

/** Edits (insert, delete, replace) that lead from `a` to `b`. */
function distance(a: string, b: string): number {
  let previous = Array.from({ length: b.length + 1 }, (_, index) => index);
  for (let i = 1; i <= a.length; i++) {
    const current = [i];
    for (let j = 1; j <= b.length; j++) {
      const replaced = previous[j - 1]! + (a[i - 1] === b[j - 1] ? 0 : 1);
      current.push(Math.min(replaced, previous[j]! + 1, current[j - 1]! + 1));
    }
    previous = current;
  }
  return previous[b.length]!;
}

const longestName = 64;

/** The name that `text` was probably meant to be: at most a third of it differs. */
export function nearest(text: string, names: Iterable<string>): string | undefined {
  if (text.length > longestName) return undefined;
  let best: string | undefined;
  let least = Math.max(1, Math.floor(text.length / 3)) + 1;
  for (const name of names) {
    if (Math.abs(name.length - text.length) >= least) continue;
    const edits = distance(text, name);
    if (edits < least) {
      least = edits;
      best = name;
    }
  }
  return best;
}

/** A replacement of `text` at `span` by the nearest of `names`, if one is near. */
export function suggest(text: string, span: Span, names: Iterable<string>): FailureDetails {
  const name = nearest(text, names);
  return name === undefined ? {} : { fixes: [{ span, text: name }] };
}
