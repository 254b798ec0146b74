// What the user should know of programs that stand all the same.

import type { Diagnostic, DiagnosticNote } from '../source/diagnostic.ts';
import type { Reader } from './flow/reader.ts';
import { type IrSet, SetFlag } from './linear/ir.ts';
import type { Resources } from './resources.ts';
import type { RangeSet } from './sets/layout-elements.ts';
import { findUncertainOverlap } from './sets/overlap.ts';

/** Once a ruleset: verdicts are exact, but the records are not where nf_tables puts them. */
function logWarnings(readers: readonly Reader[]): Diagnostic[] {
  const log = readers.find(reader => reader.log !== undefined)?.log;
  const trace = readers.find(reader => reader.trace !== undefined)?.trace;
  const warnings: Diagnostic[] = [];
  if (log !== undefined) {
    const message =
      'log statements write records to a ring buffer (map `rule_log`), not to the kernel log or an nfnetlink group';
    warnings.push({ code: 'log-to-ring-buffer', severity: 'warning', message, span: log });
  }
  if (trace !== undefined) {
    const message =
      '`meta nftrace set` writes a record to a ring buffer (map `rule_log`): the rules behind it make no trace events, neither here nor in nf_tables';
    warnings.push({ code: 'trace-to-ring-buffer', severity: 'warning', message, span: trace });
  }
  return warnings;
}

/** Large maps with elements that overlap: which of them decides is not the same on all machines. */
function overlapWarning(set: IrSet, contents: RangeSet): Diagnostic[] {
  const overlap = findUncertainOverlap(set, contents);
  if (overlap === undefined) return [];
  const name = (set.flags & SetFlag.anonymous) === 0 ? `\`${set.name}\`` : 'this map';
  const message = `elements of ${name} overlap: the program takes the first one inserted, as nf_tables does unless it looks large maps up by AVX2`;
  const { spans } = set.elements;
  const notes = (['first', 'second'] as const).flatMap((which): readonly DiagnosticNote[] => {
    const span = spans?.[overlap[which]];
    return span === undefined ? [] : [{ message: `the ${which} of two that overlap`, span }];
  });
  return [{ code: 'uncertain-overlap', severity: 'warning', message, span: set.span, notes }];
}

/** Once a ruleset, or once a map. */
export function warningsOf(readers: readonly Reader[], resources: Resources): readonly Diagnostic[] {
  const sets = new Set(readers.flatMap(reader => reader.sets()));
  return [
    ...logWarnings(readers),
    ...[...sets].flatMap(set => overlapWarning(set, resources.layoutOf(set).contents)),
  ];
}
