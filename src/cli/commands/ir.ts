// nft2bpf ir: the register bytecode, as `nft --debug=netlink` prints it.

import { evaluate } from '../../ast/evaluate.ts';
import { linearize } from '../../lower/linear/linearize.ts';
import { printIr } from '../../lower/linear/print.ts';
import { parse } from '../../nft-grammar/parse.ts';
import { hasFailure } from '../../source/diagnostic.ts';
import { readArguments, rulesetOptions, singleFile } from '../arguments.ts';
import type { Command } from '../command.ts';
import { readRuleset, report, translateOptions } from '../ruleset.ts';

export const ir: Command = (argv, io) => {
  const args = readArguments(argv, rulesetOptions);
  const options = translateOptions(args);
  const parsed = parse(readRuleset(singleFile(args)), options);
  const evaluated = evaluate(parsed, options);
  const linear = linearize(evaluated.ruleset);
  const diagnostics = [...parsed.diagnostics, ...evaluated.diagnostics, ...linear.diagnostics];
  report(diagnostics, parsed.files, io);
  if (hasFailure(diagnostics)) return 1;
  io.out(printIr(linear.ir));
  return 0;
};
