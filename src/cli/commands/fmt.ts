// nft2bpf fmt: the formatter. A file that cannot be read as nft text is left alone.

import { format } from '../../nft-grammar/format/format.ts';
import { readArguments, singleFile, textOption, UsageError, unsignedOption } from '../arguments.ts';
import type { Command } from '../command.ts';
import { writeOutput } from '../files.ts';
import { readRuleset, report } from '../ruleset.ts';

const mostBlanks = 16;

function indentOf(text: string | undefined): string {
  if (text === undefined) return '\t';
  const blanks = unsignedOption(text, '--indent');
  if (blanks > mostBlanks) throw new UsageError(`--indent wants at most ${mostBlanks} blanks, not ${text}`);
  return ' '.repeat(blanks);
}

export const fmt: Command = (argv, io) => {
  const args = readArguments(argv, {
    write: { type: 'boolean' },
    check: { type: 'boolean' },
    indent: { type: 'string' },
  });
  const file = singleFile(args);
  const { write, check } = args.values;
  if (write && check) throw new UsageError('--write and --check do not go together');
  if (write && file === '-') throw new UsageError('the standard input cannot be written to');
  const source = readRuleset(file);
  const { ok, text, diagnostics, files } = format(source, { indent: indentOf(textOption(args, 'indent')) });
  report(diagnostics, files, io);
  if (!ok) return 1;
  const isFormatted = text === source.text;
  if (check) return isFormatted ? 0 : 1;
  if (!write) io.out(text);
  else if (!isFormatted) writeOutput(file, text);
  return 0;
};
