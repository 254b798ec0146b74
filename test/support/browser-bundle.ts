// The library for a browser, from the sources.

import { build } from 'esbuild';
import { repository } from './batch-process.ts';

/** A minified module with the exports `names` of the library; all of them without `names`. */
export async function browserBundle(names?: readonly string[]): Promise<Uint8Array> {
  const what = names === undefined ? '*' : `{ ${names.join(', ')} }`;
  const result = await build({
    stdin: { contents: `export ${what} from './src/index.ts';`, resolveDir: repository },
    bundle: true,
    minify: true,
    write: false,
    format: 'esm',
    platform: 'browser',
    logLevel: 'error',
  });
  return result.outputFiles[0]!.contents;
}
