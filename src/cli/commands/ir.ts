// nft2bpf ir: the register bytecode, as `nft --debug=netlink` prints it.

import { printIr } from '../../lower/linear/print.ts';
import { readArguments, rulesetOptions, singleFile } from '../arguments.ts';
import type { Command } from '../command.ts';
import { readIr } from '../front.ts';
import { report, translateOptions } from '../ruleset.ts';

export const ir: Command = (argv, io) => {
  const args = readArguments(argv, rulesetOptions);
  const front = readIr(singleFile(args), translateOptions(args));
  report(front.diagnostics, front.files, io);
  if (!front.ok) return 1;
  io.out(printIr(front.ir));
  return 0;
};
