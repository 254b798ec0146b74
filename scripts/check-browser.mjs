// The core must run in a browser: bundles each public entry for one and fails if anything of Node is reached.

import { gzipSync } from 'node:zlib';
import { build } from 'esbuild';

for (const entry of ['index', 'asm', 'vm']) {
  const result = await build({
    entryPoints: [`dist/${entry}.js`],
    bundle: true,
    minify: true,
    write: false,
    format: 'esm',
    platform: 'browser',
    logLevel: 'error',
  });
  const bytes = result.outputFiles[0].contents;
  const text = new TextDecoder().decode(bytes);
  for (const pattern of [
    /["'`]node:/,
    /\beval\(/,
    /\bnew Function\b/,
    /\bBuffer\./,
    /\bprocess\.(?:env|argv|exit)/,
  ]) {
    const found = pattern.exec(text);
    if (found) throw new Error(`dist/${entry}.js contains ${text.slice(found.index - 40, found.index + 40)}`);
  }
  console.log(`browser bundle of ${entry}: ${(gzipSync(bytes).length / 1024).toFixed(1)} KiB gzip`);
}
