#!/usr/bin/env node
// dist/cli.js: runs main.ts, which the build bundles into cli-program.cjs, or main-ir.ts. Compiling that is most of what
// a short ruleset would cost, so scripts/cache-cli.mjs leaves V8's code cache beside it. The cache is named after the V8
// that made it: another one finds none, and V8 itself refuses what does not fit the program.

import { readFileSync } from 'node:fs';
import nodeModule, { createRequire } from 'node:module';
import { setFlagsFromString } from 'node:v8';
import { Script } from 'node:vm';

const require: NodeJS.Require = createRequire(import.meta.url);
const programName = process.argv[2] === 'ir' ? 'cli-ir' : 'cli-program';

function readCache(): Buffer | undefined {
  try {
    return readFileSync(
      new URL(`${programName}.${process.versions.v8}-${process.arch}.cache`, import.meta.url),
    );
  } catch {
    return undefined;
  }
}

/** Runs the program as `require` would. */
function runCached(cachedData: Buffer): void {
  const filename = require.resolve(`./${programName}.cjs`);
  const script = new Script(nodeModule.wrap(readFileSync(filename, 'utf8')), { filename, cachedData });
  // A short run is over before optimized code pays: V8 makes it after four times the usual work, which long runs hardly
  // feel. It comes behind the cache, which V8 takes only under the flags that it was made with.
  setFlagsFromString('--interrupt-budget=540672');
  const module = { exports: {} };
  script.runInThisContext()(module.exports, require, module, filename, '');
}

const cache: Buffer | undefined = readCache();
if (cache === undefined) require(`./${programName}.cjs`);
else runCached(cache);
