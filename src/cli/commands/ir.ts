// nft2bpf ir: the register bytecode, as `nft --debug=netlink` prints it.

import { printIrPieces } from '../../lower/linear/print.ts';
import { readArguments, rulesetOptions, singleFile } from '../arguments.ts';
import type { Command } from '../command.ts';
import { readIr } from '../front.ts';
import { report, translateOptions } from '../ruleset.ts';

export const ir: Command = (argv, io) => {
  const args = readArguments(argv, rulesetOptions);
  const front = readIr(singleFile(args), translateOptions(args));
  report(front.diagnostics, front.files, io);
  if (!front.ok) return 1;
  for (const piece of printIrPieces(front.ir)) io.out(piece);
  return 0;
};
