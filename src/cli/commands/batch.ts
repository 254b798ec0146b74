// nft2bpf batch: answers requests from the standard input until it ends (src/batch). One process serves any number of them.

import { serve } from '../../batch/serve.ts';
import { readArguments, textOption, UsageError, unsignedOption } from '../arguments.ts';
import type { Service } from '../command.ts';
import { machineOptions, timeLimit } from '../ruleset.ts';

/** A ruleset of 100,000 elements is some 2 MiB. */
const defaultLineLimit = 64 * 1024 * 1024;

/** Resolves when the line is out; false if nobody reads any more. */
function write(line: string): Promise<boolean> {
  return new Promise(resolve => process.stdout.write(line, error => resolve(!error)));
}

export const batch: Service = async argv => {
  const args = readArguments(argv, {
    kernel: { type: 'string' },
    cpu: { type: 'string' },
    vmlinux: { type: 'string' },
    'line-limit': { type: 'string' },
    'time-limit': { type: 'string' },
  });
  const [extra] = args.positionals;
  if (extra !== undefined) throw new UsageError(`batch reads the standard input: '${extra}' is one too many`);
  const limit = textOption(args, 'line-limit');
  const lineLimit = limit === undefined ? defaultLineLimit : unsignedOption(limit, '--line-limit');
  const options = { defaults: machineOptions(args), lineLimit, startWaiting: timeLimit(args) };
  await serve(process.stdin, write, options);
  return 0;
};
