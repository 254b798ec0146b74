#!/usr/bin/env node
// The command line, joined to the process that it runs in.

import { runCli } from './cli.ts';

// A reader that stops early (`| head`) is no error of ours.
process.stdout.on('error', error => {
  if (!('code' in error) || error.code !== 'EPIPE') throw error;
});

process.exitCode = runCli(process.argv.slice(2), {
  out: content => process.stdout.write(content),
  error: text => process.stderr.write(text),
  color: process.stderr.isTTY === true && !process.env['NO_COLOR'],
});
