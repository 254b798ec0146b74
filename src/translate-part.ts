// A part of a ruleset to programs, the rest to nf_tables. What a program turns out to be too much for (its length, the
// target machine) is only known once it is made: then the chain that it is for stays too, and the cut is made again.

import { readIr } from './front.ts';
import type { KernelVersion } from './lower/hooks/target.ts';
import { chainsBeside } from './lower/leave/beside.ts';
import { type Cut, cutRuleset } from './lower/leave/cut.ts';
import { stayNotes } from './lower/leave/notes.ts';
import { movedPart } from './lower/leave/parts.ts';
import { remainderOf } from './lower/leave/remainder.ts';
import type { IrChain, IrRuleset } from './lower/linear/ir.ts';
import { withOnly } from './lower/reading.ts';
import { type Diagnostic, isFailure } from './source/diagnostic.ts';
import type { TranslateOptions, Translation } from './translate.ts';

type PartOptions = Pick<TranslateOptions, 'target' | 'kernel' | 'log' | 'names' | 'timeZoneOffset'>;
type Result = Omit<Translation, 'sources'>;
/** Register IR to programs. */
type BackHalf<Options> = (ir: IrRuleset, options: Options) => Result;

const defaultKernel: KernelVersion = [6, 18];

/**
 * Translates what can move of `ir` by `back`. Fails only if there are errors or if what stays has no text, never for a
 * refusal. `ownText`: the ruleset as it was written, if that is one text for nft.
 */
export function translatePart<Options extends PartOptions>(
  ir: IrRuleset,
  options: Options,
  back: BackHalf<Options>,
  ownText: string | undefined,
): Result {
  const { target = 'auto', kernel = defaultKernel, log = 'ring-buffer' } = options;
  const refused = new Map<IrChain, readonly Diagnostic[]>();
  for (;;) {
    const cut = cutRuleset(ir, { target, kernel, log }, refused);
    const result = back(movedPart(ir, cut), options);
    if (result.ok) return { ...result, ...withRemainder(ir, cut, options, ownText, result) };
    const isError = result.diagnostics.some(({ severity }) => severity === 'error');
    if (isError || cut.moves.size === 0) return result;
    for (const [chain, diagnostics] of culprits(ir, cut, options, back, result))
      refused.set(chain, diagnostics);
  }
}

function withRemainder(
  ir: IrRuleset,
  cut: Cut,
  { names, timeZoneOffset }: PartOptions,
  ownText: string | undefined,
  result: Result,
): Partial<Result> {
  // Names and times are printed as the ruleset was read, so that they are read again as they were.
  const printing = { ...(names && { names }), ...(timeZoneOffset !== undefined && { timeZoneOffset }) };
  const readAgain = (text: string): IrRuleset | undefined => {
    const front = readIr({ name: 'remainder', text }, printing);
    return front.ok ? front.ir : undefined;
  };
  const { text, refusals } = remainderOf(ir, cut, { printing, readAgain, ownText });
  const diagnostics = [...stayNotes(ir, cut.stays), ...result.diagnostics, ...refusals];
  if (refusals.length > 0) return { ok: false, programs: [], maps: [], diagnostics };
  const programs = result.programs.map(program => ({
    ...program,
    beside: chainsBeside(ir, cut.stays, program.attach),
  }));
  return { programs, diagnostics, remainder: text };
}

/** The chains whose programs are refused, each made alone; all of them if none is refused alone. */
function culprits<Options extends PartOptions>(
  ir: IrRuleset,
  { moves }: Cut,
  options: Options,
  back: BackHalf<Options>,
  together: Result,
): ReadonlyMap<IrChain, readonly Diagnostic[]> {
  const alone = [...moves.keys()].map(chain => [chain, back(withOnly(ir, chain), options)] as const);
  const failed = alone.filter(([, { ok }]) => !ok);
  const blamed = failed.length > 0 ? failed : alone.map(([chain]) => [chain, together] as const);
  return new Map(blamed.map(([chain, { diagnostics }]) => [chain, diagnostics.filter(isFailure)]));
}
