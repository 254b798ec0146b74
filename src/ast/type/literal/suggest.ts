// A misspelt name is replaced by the nearest that is known.

import { nearest } from '../../../nft-grammar/near.ts';
import type { Span } from '../../../source/span.ts';
import type { FailureDetails } from '../failure.ts';

/** A replacement of `text` at `span` by the nearest of `names`, if one is near. */
export function suggest(text: string, span: Span, names: Iterable<string>): FailureDetails {
  const name = nearest(text, names);
  return name === undefined ? {} : { fixes: [{ span, text: name }] };
}
