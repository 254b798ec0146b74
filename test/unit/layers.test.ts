// The house rules of docs/architecture.md that a reader relies on: which folder may import which, and that only cli
// and loader touch Node.

import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join, relative, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';

const root = fileURLToPath(new URL('../../src/', import.meta.url));

/** Each folder and what it may import besides itself. */
const allowed: Readonly<Record<string, readonly string[]>> = {
  source: [],
  model: ['source'],
  'nft-grammar': ['source', 'model', 'ast'],
  ast: ['source', 'model', 'nft-grammar', 'lower/linear', 'lower/sets'],
  'bpf-asm': [],
  'lower/linear': ['source', 'model', 'ast', 'lower/sets'],
  'lower/lift': ['source', 'model', 'ast', 'lower/linear'],
  'lower/sets': ['source', 'model', 'lower/linear', 'lower', 'bpf-asm'],
  'lower/flow': ['source', 'model', 'lower/linear', 'lower/sets', 'lower/hooks', 'lower'],
  'lower/hooks': ['source', 'model', 'bpf-asm', 'lower/linear', 'lower/flow', 'lower/select', 'lower'],
  'lower/select': [
    'source',
    'model',
    'bpf-asm',
    'lower/linear',
    'lower/flow',
    'lower/hooks',
    'lower/sets',
    'lower',
  ],
  'lower/leave': ['source', 'model', 'lower/linear', 'lower/lift', 'lower/hooks', 'lower/flow', 'lower'],
  'lower/run': ['source', 'model', 'bpf-asm', 'lower/linear', 'lower/hooks', 'lower'],
  'lower/output': ['source', 'model', 'bpf-asm', 'lower/linear', 'lower/hooks', 'lower'],
  batch: [
    ...['.', 'source', 'model', 'nft-grammar', 'ast', 'bpf-asm'],
    ...['lower', 'lower/linear', 'lower/lift', 'lower/output', 'lower/run'],
  ],
  runtime: [
    ...['source', 'model', 'nft-grammar', 'ast', 'bpf-asm'],
    ...['lower', 'lower/lift', 'lower/linear', 'lower/output', 'lower/sets'],
  ],
  lower: [
    'source',
    'model',
    'bpf-asm',
    'lower/linear',
    'lower/flow',
    'lower/hooks',
    'lower/select',
    'lower/sets',
    'lower/leave',
  ],
};

function layerOf(path: string): string {
  const parts = dirname(path).split('/');
  const nested = parts.slice(0, 2).join('/');
  return nested in allowed ? nested : (parts[0] ?? '.');
}

function importsOf(path: string): string[] {
  // Examples in comments import the package by its name.
  const text = readFileSync(join(root, path), 'utf8').replace(/\/\*[\s\S]*?\*\//g, '');
  return [...text.matchAll(/^(?:import|export)\b[^'"]*?from\s+['"]([^'"]+)['"]/gms)].map(
    match => match[1] ?? '',
  );
}

const files = readdirSync(root, { recursive: true, encoding: 'utf8' }).filter(path => path.endsWith('.ts'));

describe('the layers of src/', () => {
  it('imports go one way', () => {
    const wrong: string[] = [];
    for (const path of files) {
      const rules = allowed[layerOf(path)];
      if (rules === undefined) continue;
      for (const specifier of importsOf(path).filter(name => name.startsWith('.'))) {
        const target = relative(root, resolve(root, dirname(path), specifier));
        const layer = layerOf(target);
        if (layer !== layerOf(path) && !rules.includes(layer)) wrong.push(`${path} -> ${target}`);
      }
    }
    expect(wrong).toEqual([]);
  });

  it('only cli and loader import from Node or from packages', () => {
    const wrong = files
      .filter(path => !/^(cli|loader)\//.test(path))
      .flatMap(path => importsOf(path).map(name => ({ path, name })))
      .filter(
        ({ path, name }) =>
          !name.startsWith('.') && !(path.startsWith('nft-grammar/') && /^(nearley|moo)$/.test(name)),
      )
      .map(({ path, name }) => `${path} -> ${name}`);
    expect(wrong).toEqual([]);
  });
});
