// The examples in the documentation of the public surface are run; the comment behind each console.log is what it prints.

import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { inspect } from 'node:util';
import { describe, expect, it, vi } from 'vitest';

const root = fileURLToPath(new URL('../../src/', import.meta.url));
const entries = {
  nft2bpf: join(root, 'index.ts'),
  'nft2bpf/asm': join(root, 'bpf-asm/index.ts'),
  'nft2bpf/vm': join(root, 'bpf-asm/vm/index.ts'),
  'nft2bpf/runtime': join(root, 'runtime/index.ts'),
};

interface Example {
  readonly file: string;
  readonly code: string;
}

function examplesOf(file: string): Example[] {
  const text = readFileSync(join(root, file), 'utf8');
  const blocks = [...text.matchAll(/ \* ```ts\n([\s\S]*?) \* ```/g)];
  return blocks.map(([, block = '']) => ({ file, code: block.replace(/^ \* ?/gm, '') }));
}

/** Those of a page of the documentation, which are plain JavaScript but for their types. */
function examplesOfPage(page: string): Example[] {
  const text = readFileSync(new URL(`../../docs/${page}`, import.meta.url), 'utf8');
  return [...text.matchAll(/^```ts\n([\s\S]*?)^```/gm)].map(([, code = '']) => ({ file: page, code }));
}

const examples = readdirSync(root, { recursive: true, encoding: 'utf8' })
  .filter(file => file.endsWith('.ts'))
  .flatMap(examplesOf)
  .concat(examplesOfPage('loading.md'));

/** The comment lines behind lines that print. */
function expectedOutput(code: string): string {
  const comments = [...code.matchAll(/console\.log.*\n((?:\/\/.*\n)+)/g)];
  return comments.map(([, lines = '']) => lines.replace(/^\/\/ ?/gm, '')).join('');
}

async function run(code: string): Promise<string> {
  const directory = mkdtempSync(join(tmpdir(), 'example-'));
  const printed: string[] = [];
  const log = vi.spyOn(console, 'log').mockImplementation((...values: readonly unknown[]) => {
    const text = values.map(value => (typeof value === 'string' ? value : inspect(value))).join(' ');
    printed.push(text.endsWith('\n') ? text : `${text}\n`);
  });
  try {
    const file = join(directory, 'example.ts');
    const local = Object.entries(entries).reduce(
      (text, [name, path]) => text.replaceAll(`'${name}'`, `'${path}'`),
      code,
    );
    writeFileSync(file, local);
    await import(/* @vite-ignore */ file);
    return printed.join('');
  } finally {
    log.mockRestore();
    rmSync(directory, { recursive: true });
  }
}

describe('examples in the documentation', () => {
  it('are there', () => {
    expect(examples.length).toBeGreaterThanOrEqual(15);
  });

  it.each(examples.map(example => [example.file, example.code]))('%s', async (_, code) => {
    const expected = expectedOutput(code!);
    expect(expected).not.toBe('');
    expect(await run(code!)).toBe(expected);
  });
});
