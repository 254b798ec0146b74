// nft2bpf print: the ruleset as `nft list ruleset`, or `nft -j list ruleset`, would list it, had nft loaded it.

import type { OutputOptions } from '../../ast/print/options.ts';
import { readIr } from '../../front.ts';
import { printRuleset, printRulesetJson } from '../../lower/lift/print.ts';
import { type Arguments, readArguments, rulesetOptions, singleFile, UsageError } from '../arguments.ts';
import type { Command } from '../command.ts';
import { readRuleset, report, translateOptions } from '../ruleset.ts';

/** nft's own letters and names. */
const outputOptions = {
  numeric: { type: 'boolean', short: 'n' },
  stateless: { type: 'boolean', short: 's' },
  service: { type: 'boolean', short: 'S' },
  guid: { type: 'boolean', short: 'u' },
  'numeric-priority': { type: 'boolean', short: 'y' },
  'numeric-protocol': { type: 'boolean', short: 'p' },
  'numeric-time': { type: 'boolean', short: 'T' },
  terse: { type: 'boolean', short: 't' },
  handle: { type: 'boolean', short: 'a' },
  json: { type: 'boolean', short: 'j' },
  reversedns: { type: 'boolean', short: 'N' },
} as const;

function outputOf({ values }: Arguments): OutputOptions {
  if (values['reversedns'] === true)
    throw new UsageError('--reversedns asks a name server, which is not done here');
  const isSet = (name: keyof typeof outputOptions): boolean => values[name] === true;
  return {
    numeric: isSet('numeric'),
    stateless: isSet('stateless'),
    service: isSet('service'),
    guid: isSet('guid'),
    numericPriority: isSet('numeric-priority'),
    numericProtocol: isSet('numeric-protocol'),
    numericTime: isSet('numeric-time'),
    terse: isSet('terse'),
    handle: isSet('handle'),
  };
}

export const print: Command = (argv, io) => {
  const args = readArguments(argv, { ...rulesetOptions, ...outputOptions });
  const output = outputOf(args);
  const options = translateOptions(args);
  const front = readIr(readRuleset(singleFile(args)), options);
  report(front.diagnostics, front.sources, io);
  if (!front.ok) return 1;
  const { names, timeZoneOffset } = options;
  const printed = args.values['json'] === true ? printRulesetJson : printRuleset;
  io.out(
    printed(front.ir, {
      ...output,
      ...(names !== undefined && { names }),
      ...(timeZoneOffset !== undefined && { timeZoneOffset }),
    }),
  );
  return 0;
};
