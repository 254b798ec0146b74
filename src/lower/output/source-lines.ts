// The line table of an object: which line of the ruleset each instruction stands for.

import type { SourceLine } from '../../bpf-asm/elf/functions.ts';
import type { Span } from '../../source/span.ts';
import type { Program } from '../program.ts';
import type { Places } from './places.ts';

/** A longer line (a generated list of elements) ends in an ellipsis: the kernel keeps a copy of every line. */
const maxLineLength = 400;

function clip(text: string): string {
  return text.length > maxLineLength ? `${text.slice(0, maxLineLength - 1)}…` : text;
}

/** Instructions that stand for no line in particular have line 0, as compilers write it. */
const nowhere: Omit<SourceLine, 'slot'> = { file: '', text: '', line: 0, column: 0 };

function lineOf(span: Span | undefined, places: Places): Omit<SourceLine, 'slot'> {
  const file = span && places.fileName(span);
  if (span === undefined || file === undefined) return nowhere;
  return { file, text: clip(places.lineText(span).trimEnd()), ...places.from(span) };
}

/** One entry wherever the origin changes; none at all if no instruction has an origin. */
export function sourceLines({ origins, spans }: Program, places: Places): SourceLine[] {
  if (origins.every(origin => origin < 0)) return [];
  const lines: SourceLine[] = [];
  origins.forEach((origin, slot) => {
    if (slot === 0 || origin !== origins[slot - 1]) lines.push({ slot, ...lineOf(spans[origin], places) });
  });
  return lines;
}
