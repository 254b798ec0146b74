// docs/embedding.md: the code is that of the examples, and every option of a request is named.

import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { operations, optionNames } from '../../src/batch/options.ts';
import { repository } from '../support/batch-process.ts';

const text = readFileSync(`${repository}docs/embedding.md`, 'utf8');

describe('docs/embedding.md', () => {
  const blocks = [...text.matchAll(/<!-- code: (\S+) -->\n```\w+\n([\s\S]*?)```/g)];

  it.each(blocks.map(([, file, code]) => [file!, code!]))('has the code of %s', (file, code) => {
    const example = readFileSync(repository + file, 'utf8');
    expect(code).toBe(example.replaceAll("'../src/index.ts'", "'nft2bpf'"));
    expect(example.split('\n').length).toBeLessThanOrEqual(61);
  });

  it('shows the manager', () => expect(blocks.length).toBe(1));

  it.each(operations)('names every option of %s', op => {
    expect(optionNames(op).filter(name => !text.includes(`\`${name}\``))).toEqual([]);
  });
});
