// Text to JSON and back: what we write against what the reference lists, and the bytecode of both ways.

import type { OutputOptions } from '../../../src/ast/print/options.ts';
import type { EvaluateOptions } from '../../../src/ast/type/options.ts';
import { printRulesetJson } from '../../../src/lower/lift/print.ts';
import type { IrRuleset } from '../../../src/lower/linear/ir.ts';
import { printIr } from '../../../src/lower/linear/print.ts';
import { irOf } from '../../unit/listing/listing.ts';
import { differences } from './compare.ts';
import { firstDifference, isMisordered } from './listing.ts';

/**
 * `same`: equal to the reference's listing, and read again it gives the bytecode of the text. `lost`: equal to the
 * reference's listing, which does not say it all. `different`: not equal to the listing. `unlisted`: the reference does not
 * list the ruleset here, and the bytecode is the same; `strayed`: it is not. `refused`: we do not take the text.
 */
export type Outcome = 'same' | 'lost' | 'misordered' | 'different' | 'unlisted' | 'strayed' | 'refused';

export interface Round {
  readonly outcome: Outcome;
  readonly detail: string;
}

/** How the bytecode of the JSON differs from that of the ruleset. */
function wayBack(ir: IrRuleset, json: string, options: EvaluateOptions): string | undefined {
  const back = irOf(json, options);
  return back === undefined ? `refused: ${json}` : differences(printIr(ir), printIr(back))[0];
}

/** `listed` is the reference's listing in JSON with the same output options; it always has handles. */
export function roundOf(
  text: string,
  listed: string | undefined,
  options: EvaluateOptions,
  output: OutputOptions = {},
): Round {
  const ir = irOf(text, options);
  if (ir === undefined) return { outcome: 'refused', detail: '' };
  const { names, timeZoneOffset = 0 } = options;
  const json = printRulesetJson(ir, { ...output, handle: true, ...(names && { names }), timeZoneOffset });
  if (listed !== undefined) {
    const difference = firstDifference(listed, json);
    if (difference !== undefined && isMisordered(difference)) return { outcome: 'misordered', detail: '' };
    if (difference !== undefined)
      return { outcome: 'different', detail: `nft:  ${difference[0]}\nours: ${difference[1]}` };
  }
  const back = wayBack(ir, json, options);
  if (back === undefined) return { outcome: listed === undefined ? 'unlisted' : 'same', detail: '' };
  return { outcome: listed === undefined ? 'strayed' : 'lost', detail: back };
}

export function tally(rounds: readonly Round[]): Readonly<Record<Outcome, number>> {
  const counts = { same: 0, lost: 0, misordered: 0, different: 0, unlisted: 0, strayed: 0, refused: 0 };
  for (const { outcome } of rounds) counts[outcome]++;
  return counts;
}
