// What an opening brace in a line means. nft's grammar tells it by what stands before.

import { TokenKind } from '../token.ts';
import { words } from '../words.ts';
import type { Line } from './line.ts';

/** Where a line stands: it decides what may be in it. */
export type LineContext = 'file' | 'table' | 'chain' | 'rules' | 'set' | 'map' | 'object';

/**
 * - `elements`: a list of elements, folded into one token.
 * - `rules`: a block of rules, folded into one token.
 * - `inline`: a brace like any other token.
 * - `open`: the end of the line; a block follows.
 */
export type BraceMeaning = 'elements' | 'rules' | 'inline' | 'open';

const kinds = (text: string): ReadonlySet<number> =>
  new Set(text.split(' ').map(word => words.get(word)!.kind));
const kind = (text: string): number => words.get(text)!.kind;

const jumps = kinds('jump goto');
const listOwners = kinds('devices policy');
const setVerbs = kinds('add update delete');
const commandVerbs = kinds('add create delete destroy');
const blockOwners = kinds('table chain set map flowtable counter quota limit secmark synproxy tunnel');
const ctOwners = kinds('helper timeout expectation');
const equals = kind('=');
const at = kind('@');
const meter = kind('meter');
const size = kind('size');
const ct = kind('ct');

/** True for `add table t`, `ct helper h` and the like, with or without a verb. */
export function startsBlock(line: Line): boolean {
  const skip = commandVerbs.has(line.kindAt(0)) ? 1 : 0;
  const head = line.kindAt(skip);
  return blockOwners.has(head) || (head === ct && ctOwners.has(line.kindAt(skip + 1)));
}

/** `add @set {`, `update $set {`, `meter name {`, `meter name size 10 {`. */
function changesSet(line: Line): boolean {
  const named = line.back(2) === at && setVerbs.has(line.back(3));
  const byVariable = line.back(1) === TokenKind.variable && setVerbs.has(line.back(2));
  const meterKey = line.back(2) === meter || (line.back(2) === size && line.back(4) === meter);
  return named || byVariable || meterKey;
}

export function braceMeaning(line: Line, context: LineContext): BraceMeaning {
  if (context === 'object') return 'inline';
  if (jumps.has(line.back(1))) return 'rules';
  if (line.back(1) === equals && listOwners.has(line.back(2))) return 'inline';
  if ((context === 'file' || context === 'table') && startsBlock(line)) return 'open';
  return context !== 'set' && context !== 'map' && changesSet(line) ? 'inline' : 'elements';
}
