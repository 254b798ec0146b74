// The command line, joined to the process that it runs in.

import { loadCommand, runCli } from './cli.ts';
import type { Commands, Io } from './command.ts';

/** Runs the command that the process was started with. */
export function runProcess(commands: Commands): void {
  // A reader that stops early (`| head`) is no error of ours.
  process.stdout.on('error', error => {
    if (!('code' in error) || error.code !== 'EPIPE') throw error;
  });
  const argv = process.argv.slice(2);
  const io: Io = {
    out: content => process.stdout.write(content),
    error: text => process.stderr.write(text),
    color: process.stderr.isTTY === true && !process.env['NO_COLOR'],
  };
  // Without `await`, which a CommonJS file has not at its top.
  loadCommand(argv, commands)
    .then(command => runCli(argv, io, command))
    .then(status => {
      process.exitCode = status;
    });
}
