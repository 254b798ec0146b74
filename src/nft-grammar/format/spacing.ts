// What stands between two tokens of one line. Blanks are put in freely, since they end a token wherever they stand; they
// are taken out only where the tokens beside them cannot grow together.

import type { TokenPiece } from './pieces.ts';

const operators: ReadonlySet<string> = new Set([
  '=',
  '==',
  '!=',
  '<',
  '>',
  '<=',
  '>=',
  '|',
  '&',
  '^',
  '<<',
  '>>',
]);
const braces: ReadonlySet<string> = new Set(['{', '}']);
/** Nothing stands before these, and behind those. */
const closing: ReadonlySet<string> = new Set([',', ';', ')']);
const opening: ReadonlySet<string> = new Set(['(', '@', '$']);

const isOneOf = (set: ReadonlySet<string>, ...texts: readonly string[]): boolean =>
  texts.some(text => set.has(text));

/** Where in a statement a token stands. */
export interface Place {
  /** In the braces of a list of elements. */
  readonly inList: boolean;
  /** In `@base,offset,length`. */
  readonly inRawPayload: boolean;
  /** In a line that gives a set its types. */
  readonly inTypes: boolean;
}

export function gapBetween(before: TokenPiece, next: TokenPiece, place: Place): '' | ' ' {
  if (closing.has(next.text) || opening.has(before.text)) return '';
  if (isOneOf(braces, before.text, next.text) && next.text !== ':') return ' ';
  if (before.text === ';') return ' ';
  if (before.text === ',') return place.inList && !place.inRawPayload ? ' ' : '';
  if (isOneOf(operators, before.text, next.text)) return ' ';
  const isColon = before.text === ':' || next.text === ':';
  if (isColon && (place.inList || place.inTypes)) return ' ';
  return next.apart ? ' ' : '';
}
