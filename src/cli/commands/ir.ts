// nft2bpf ir: the register bytecode, as `nft --debug=netlink` prints it.

import { readIr } from '../../front.ts';
import { printIrPieces } from '../../lower/linear/print.ts';
import { readArguments, rulesetOptions, singleFile } from '../arguments.ts';
import type { Command } from '../command.ts';
import { readRuleset, report, translateOptions } from '../ruleset.ts';

export const ir: Command = (argv, io) => {
  const args = readArguments(argv, rulesetOptions);
  const options = translateOptions(args);
  const front = readIr(readRuleset(singleFile(args)), options);
  report(front.diagnostics, front.sources, io);
  if (!front.ok) return 1;
  for (const piece of printIrPieces(front.ir)) io.out(piece);
  return 0;
};
