// nft2bpf compile: programs as ELF objects, raw instructions or the JSON manifest; with --leave refused, what stays in
// nf_tables beside them. Nothing is written unless everything is ready to be.

import { basename, join } from 'node:path';
import { toElf } from '../../lower/output/elf.ts';
import { toJson } from '../../lower/output/manifest.ts';
import { type Translation, translate } from '../../translate.ts';
import {
  type Arguments,
  choiceOption,
  readArguments,
  rulesetOptions,
  singleFile,
  textOption,
  UsageError,
} from '../arguments.ts';
import type { Command, Io } from '../command.ts';
import { writeOutputs } from '../files.ts';
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

/** Where output goes: whole paths, a directory that has to be there first, and what is for the standard output. */
interface Destinations {
  readonly paths: Map<string, Uint8Array>;
  readonly directory?: string;
  readonly stream?: Uint8Array;
}

/** One file to a file or the standard output; several into a directory. */
function destinationsOf(
  files: ReadonlyMap<string, Uint8Array>,
  file: string,
  output: string | undefined,
  format: Format,
): Destinations {
  const [first] = files.values();
  if (first === undefined) return { paths: new Map() };
  const suffix = suffixes[format];
  if (files.size > 1) return inDirectory(files, suffix, output ?? defaultOutput(file, ''));
  if (output === '-') return { paths: new Map(), stream: first };
  return { paths: new Map([[output ?? defaultOutput(file, suffix), first]]) };
}

function inDirectory(
  files: ReadonlyMap<string, Uint8Array>,
  suffix: string,
  directory: string,
): Destinations {
  if (directory === '-')
    throw new UsageError(`${files.size} objects do not go to one stream: -o wants a directory`);
  return {
    directory,
    paths: new Map([...files].map(([name, bytes]) => [join(directory, name + suffix), bytes])),
  };
}

/** The file for what stays in nf_tables, which would be lost without one; only the manifest has it as well. */
function remainderPath(args: Arguments, leaves: boolean, format: Format): string | undefined {
  const path = textOption(args, 'remainder');
  if (path !== undefined && !leaves) throw new UsageError('--remainder goes with --leave refused');
  if (path === undefined && leaves && format !== 'json')
    throw new UsageError('--leave refused wants --remainder FILE, for what stays in nf_tables');
  if (path === '-') throw new UsageError('--remainder wants a file');
  return path;
}

function noProgram({ remainder = '' }: Translation): string {
  return remainder === ''
    ? 'the ruleset has no base chain, so there is nothing to write'
    : 'all base chains stay in nf_tables';
}

export const compile: Command = (argv, io) => {
  const args = readArguments(argv, {
    ...rulesetOptions,
    target: { type: 'string' },
    format: { type: 'string' },
    output: { type: 'string', short: 'o' },
    leave: { type: 'string' },
    remainder: { type: 'string' },
  });
  const file = singleFile(args);
  const format = choiceOption(args, 'format', formats, 'elf');
  const leave = choiceOption(args, 'leave', ['nothing', 'refused'], 'nothing');
  const remainder = remainderPath(args, leave === 'refused', format);
  const options = { ...translateOptions(args), leave };
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
  if (translation.programs.length === 0) io.error(`nft2bpf: ${noProgram(translation)}\n`);
  const { paths, directory, stream } = destinationsOf(files, file, textOption(args, 'output'), format);
  if (remainder !== undefined) paths.set(remainder, new TextEncoder().encode(translation.remainder ?? ''));
  writeOutputs(paths, directory);
  if (stream !== undefined) io.out(stream);
  return 0;
};
