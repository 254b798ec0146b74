// Writes V8's code cache of the command line's programs, of the functions that short rulesets run through:
// src/cli/start.ts reads it. Only this version of V8 on this architecture can use it.

import { readFileSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { setImmediate } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { Script } from 'node:vm';

const require = createRequire(import.meta.url);
const { wrap } = require('node:module');
const root = join(dirname(fileURLToPath(import.meta.url)), '..');
const samples = ['server.nft', 'edge.nft', 'blocked.nft'].map(name => join(root, 'examples', name));
/** Each program, and the commands that are run with it. */
const programs = { 'cli-ir': ['ir'], 'cli-program': ['check', 'print'] };

/** Runs the program in this process, which compiles what it calls. */
async function runProgram(script, filename, ...args) {
  const { argv, stdout } = process;
  const write = stdout.write;
  process.argv = [...argv.slice(0, 2), ...args];
  stdout.write = () => true;
  try {
    const module = { exports: {} };
    script.runInThisContext()(module.exports, require, module, filename, '');
    await setImmediate();
  } finally {
    process.argv = argv;
    stdout.write = write;
  }
  if (process.exitCode) throw new Error(`nft2bpf ${args.join(' ')} failed`);
}

for (const [program, commands] of Object.entries(programs)) {
  const filename = join(root, 'dist', `${program}.cjs`);
  const text = wrap(readFileSync(filename, 'utf8'));
  const script = new Script(text, { filename });
  for (const command of commands)
    for (const sample of samples) await runProgram(script, filename, command, sample);
  const cache = script.createCachedData();
  if (new Script(text, { filename, cachedData: cache }).cachedDataRejected)
    throw new Error('V8 refuses the code cache that it has made');
  const name = `${program}.${process.versions.v8}-${process.arch}.cache`;
  writeFileSync(join(root, 'dist', name), cache);
  console.log(`dist/${name}: ${Math.round(cache.length / 1024)} KB`);
}
