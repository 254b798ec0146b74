// What we print for a text against what the reference lists once it has loaded it.

import { evaluate } from '../../../src/ast/evaluate.ts';
import type { OutputOptions } from '../../../src/ast/print/options.ts';
import type { EvaluateOptions } from '../../../src/ast/type/options.ts';
import { printRuleset } from '../../../src/lower/lift/print.ts';
import type { IrRuleset } from '../../../src/lower/linear/ir.ts';
import { linearize } from '../../../src/lower/linear/linearize.ts';
import { printIr } from '../../../src/lower/linear/print.ts';
import type { IncludeReader } from '../../../src/nft-grammar/options.ts';
import { parse } from '../../../src/nft-grammar/parse.ts';
import { hasFailure } from '../../../src/source/diagnostic.ts';
import { machine } from '../reference/translate.ts';

/**
 * `same`: print and listing are equal, and give the bytecode that the text gave. `changed`: they are equal, but the
 * reference itself lists something that means something else. `different`: they are not equal. `unknown`: the reference or
 * its kernel does not take the text, so that there is only the way back to tell. `lost`: what is then printed gives other
 * bytecode. `refused`: we do not take the text. `thrown`: something was thrown.
 */
export type Outcome = 'same' | 'changed' | 'different' | 'unknown' | 'lost' | 'refused' | 'thrown';

export interface Listing {
  readonly outcome: Outcome;
  /** The first lines that differ, or a message. */
  readonly expected: string;
  readonly actual: string;
}

const noFiles: IncludeReader = { read: () => undefined, list: () => [] };

/** `undefined` if we do not take the text. */
export function irOf(text: string, options: EvaluateOptions): IrRuleset | undefined {
  const parsed = parse(text, { include: noFiles });
  const evaluated = evaluate(parsed, options);
  const linear = linearize(evaluated.ruleset);
  const diagnostics = [...parsed.diagnostics, ...evaluated.diagnostics, ...linear.diagnostics];
  return hasFailure(diagnostics) ? undefined : linear.ir;
}

/** Milliseconds of a tick of the kernel's clock (CONFIG_HZ), in whole numbers of which it keeps times. */
const tick = 4;

/** Time goes on between loading and listing. */
function withoutClock(text: string): string {
  return (
    text
      .replace(/ expires \w+/g, '')
      // Tables are counted on, whatever was flushed.
      .replace(/^(table .*) # handle \d+$/gm, '$1')
      .replace(/\blast used (?!never)\w+/g, 'last used')
      .replace(/(\d+)ms\b/g, (_, digits: string) => `${Math.floor(Number(digits) / tick) * tick}ms`)
  );
}

/** Whether a listing and a print are the same text, but for what a clock changes. */
export function isSameListing(listed: string, printed: string): boolean {
  return withoutClock(listed) === withoutClock(printed);
}

function firstDifference(expected: string, actual: string): Pick<Listing, 'expected' | 'actual'> {
  const wanted = expected.split('\n');
  const given = actual.split('\n');
  const at = wanted.findIndex((line, index) => line !== given[index]);
  return { expected: wanted[at]?.trim() ?? '(end)', actual: given[at]?.trim() ?? '(end)' };
}

const plain: OutputOptions = {};

/** `listed`: what the reference lists, if it takes the text. With other output options only the text is compared. */
export function compareListing(
  text: string,
  listed: string | undefined,
  options: EvaluateOptions = machine,
  output: OutputOptions = plain,
): Listing {
  try {
    return compareWith(text, listed, options, output);
  } catch (thrown) {
    const stack = thrown instanceof Error ? (thrown.stack ?? '') : String(thrown);
    return { outcome: 'thrown', expected: listed ?? '', actual: stack.split('\n').slice(0, 4).join('\n') };
  }
}

function compareWith(
  text: string,
  listed: string | undefined,
  options: EvaluateOptions,
  output: OutputOptions,
): Listing {
  const ir = irOf(text, options);
  if (ir === undefined) return { outcome: 'refused', expected: '', actual: '' };
  const printed = printRuleset(ir, { ...options, ...output });
  if (listed !== undefined && withoutClock(listed) !== withoutClock(printed))
    return { outcome: 'different', ...firstDifference(withoutClock(listed), withoutClock(printed)) };
  if (output !== plain) return { outcome: 'same', expected: '', actual: '' };
  const again = irOf(printed, options);
  const before = withoutOrder(printIr(ir));
  const after = again === undefined ? 'refused' : withoutOrder(printIr(again));
  if (before !== after)
    return { outcome: listed === undefined ? 'lost' : 'changed', ...firstDifference(before, after) };
  return { outcome: listed === undefined ? 'unknown' : 'same', expected: '', actual: '' };
}

/** Elements of a set have no order, those that are there twice are there once, and rules give their sets a size. */
function withoutOrder(printed: string): string {
  const sorted = (line: string): string => [...new Set(line.split('\t'))].sort().join('\t');
  return printed
    .replace(/^(family .*) size 65535$/gm, '$1')
    .split('\n')
    .map(line => (line.startsWith('\telement') ? sorted(line) : line))
    .join('\n');
}

export function tally(listings: Iterable<Listing>): Readonly<Record<string, number>> {
  const counts: Record<string, number> = {};
  for (const { outcome } of listings) counts[outcome] = (counts[outcome] ?? 0) + 1;
  return counts;
}
