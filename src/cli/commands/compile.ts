// nft2bpf compile: programs as ELF objects, raw instructions or the JSON manifest. Nothing is written unless everything
// was translated.

import { basename, join } from 'node:path';
import { toElf } from '../../lower/output/elf.ts';
import { toJson } from '../../lower/output/manifest.ts';
import { type Translation, translate } from '../../translate.ts';
import {
  choiceOption,
  readArguments,
  rulesetOptions,
  singleFile,
  textOption,
  UsageError,
} from '../arguments.ts';
import type { Command, Io } from '../command.ts';
import { writeOutput, writeOutputs } from '../files.ts';
import { readRuleset, report, translateOptions } from '../ruleset.ts';

const formats = ['elf', 'raw', 'json'] as const;
type Format = (typeof formats)[number];
const suffixes: Readonly<Record<Format, string>> = { elf: '.o', raw: '.bin', json: '.json' };

/** File names without suffix, each with its content; undefined if something could not be written (it was reported). */
function contents(
  translation: Translation,
  format: Format,
  io: Io,
): ReadonlyMap<string, Uint8Array> | undefined {
  if (format === 'json') return new Map([['manifest', new TextEncoder().encode(toJson(translation))]]);
  if (format === 'raw') return new Map(translation.programs.map(program => [program.name, program.code]));
  const { ok, objects, diagnostics } = toElf(translation);
  report(diagnostics, translation.sources, io);
  return ok ? new Map(objects.map(object => [object.name, object.bytes])) : undefined;
}

function defaultOutput(file: string, suffix: string): string {
  if (file === '-') throw new UsageError('with the standard input, -o is needed');
  return join('.', basename(file).replace(/\.nft$/, '') + suffix);
}

/** One file to a file or the standard output; several into a directory. */
function write(
  files: ReadonlyMap<string, Uint8Array>,
  file: string,
  output: string | undefined,
  format: Format,
  io: Io,
): void {
  const [first] = files.values();
  const suffix = suffixes[format];
  if (files.size > 1 || first === undefined) writeSeveral(files, suffix, output ?? defaultOutput(file, ''));
  else if (output === '-') io.out(first);
  else writeOutput(output ?? defaultOutput(file, suffix), first);
}

function writeSeveral(files: ReadonlyMap<string, Uint8Array>, suffix: string, directory: string): void {
  if (directory === '-')
    throw new UsageError(`${files.size} objects do not go to one stream: -o wants a directory`);
  writeOutputs(directory, new Map([...files].map(([name, content]) => [name + suffix, content])));
}

export const compile: Command = (argv, io) => {
  const args = readArguments(argv, {
    ...rulesetOptions,
    target: { type: 'string' },
    format: { type: 'string' },
    output: { type: 'string', short: 'o' },
  });
  const file = singleFile(args);
  const format = choiceOption(args, 'format', formats, 'elf');
  const options = translateOptions(args);
  const translation = translate(readRuleset(file), options);
  report(translation.diagnostics, translation.sources, io);
  if (!translation.ok) return 1;
  if (format === 'raw' && translation.programs.length !== 1) {
    io.error(
      `nft2bpf: the raw format holds one program, and this ruleset makes ${translation.programs.length}\n`,
    );
    return 1;
  }
  const files = contents(translation, format, io);
  if (files === undefined) return 1;
  if (files.size === 0) {
    io.error('nft2bpf: the ruleset has no base chain, so there is nothing to write\n');
    return 0;
  }
  write(files, file, textOption(args, 'output'), format, io);
  return 0;
};
