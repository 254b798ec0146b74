// nft2bpf disasm: the instructions of a ruleset's programs under the rules they come from, or of an object file.

import { listing } from '../../lower/output/listing.ts';
import { translate } from '../../translate.ts';
import { readArguments, rulesetOptions, singleFile } from '../arguments.ts';
import type { Command } from '../command.ts';
import { readBytes, textOf } from '../files.ts';
import { objectListing } from '../object-listing.ts';
import { report, translateOptions } from '../ruleset.ts';

const elfMagic = [0x7f, 0x45, 0x4c, 0x46];

export const disasm: Command = (argv, io) => {
  const args = readArguments(argv, { ...rulesetOptions, target: { type: 'string' } });
  const file = singleFile(args);
  const options = translateOptions(args);
  const bytes = readBytes(file);
  if (elfMagic.every((byte, index) => bytes[index] === byte)) {
    io.out(objectListing(file, bytes));
    return 0;
  }
  const source = { name: file === '-' ? '<stdin>' : file, text: textOf(bytes) };
  const translation = translate(source, options);
  report(translation.diagnostics, translation.sources, io);
  if (!translation.ok) return 1;
  io.out(translation.programs.map(program => listing(program, translation.sources)).join('\n'));
  return 0;
};
