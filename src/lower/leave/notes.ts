// What the user is told of each base chain that stays.

import type { Diagnostic, DiagnosticNote } from '../../source/diagnostic.ts';
import type { IrChain, IrRuleset } from '../linear/ir.ts';
import type { StayReason } from './cut.ts';

/** A chain may be refused for as many reasons as it has rules; more than this many say nothing new. */
const mostNotes = 8;

/** One note for each chain that stays, in the order of the ruleset. */
export function stayNotes(
  { tables }: IrRuleset,
  stays: ReadonlyMap<IrChain, StayReason>,
): readonly Diagnostic[] {
  return tables.flatMap(({ family, name, chains }) =>
    chains.flatMap(chain => {
      const reason = stays.get(chain);
      if (reason === undefined) return [];
      const message = `base chain \`${family} ${name} ${chain.name}\` stays in nf_tables: ${reason.message}`;
      return [{ code: 'stays', severity: 'note', message, span: chain.span, notes: shortened(reason.notes) }];
    }),
  );
}

function shortened(notes: readonly DiagnosticNote[]): readonly DiagnosticNote[] {
  if (notes.length <= mostNotes) return notes;
  const more = notes.length - mostNotes + 1;
  return [...notes.slice(0, mostNotes - 1), { message: `and ${more} more reasons` }];
}
