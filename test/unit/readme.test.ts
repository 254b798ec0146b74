// The README shows real output: what stands there is what comes out. UPDATE_README=1 writes it anew.

import { readFileSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import * as nft2bpf from '../../src/index.ts';
import { cli, Workspace } from './cli/harness.ts';

const path = fileURLToPath(new URL('../../README.md', import.meta.url));
const readme = readFileSync(path, 'utf8');

function block(text: string, marker: string): string {
  const found = new RegExp(`<!-- output: ${marker} -->\n\`\`\`\\w+\n([\\s\\S]*?)\`\`\``).exec(text);
  if (found === null) throw new Error(`README has no output block ${marker}`);
  return found[1]!;
}

function withBlock(text: string, marker: string, content: string): string {
  const start = text.indexOf('\n', text.indexOf('```', text.indexOf(`<!-- output: ${marker} -->`))) + 1;
  return text.slice(0, start) + content + text.slice(start + block(text, marker).length);
}

/** The first example of the README. */
function firstExample(): string {
  const found = /```ts\n([\s\S]*?)```/.exec(readme);
  if (found === null) throw new Error('README has no example');
  return found[1]!;
}

/** Runs an example as it stands; what it imports from the package comes from the sources. */
function runExample(code: string): string {
  const body = code.replace(/^import (\{[^}]*\}) from 'nft2bpf';$/m, 'const $1 = nft2bpf;');
  const lines: string[] = [];
  new Function('nft2bpf', 'console', body)(nft2bpf, { log: (line: string) => lines.push(line) });
  return `${lines.join('\n').trimEnd()}\n`;
}

function rulesetOfExample(): string {
  return `${/`([^`]*)`/.exec(firstExample())![1]!}\n`;
}

/** A `$ nft2bpf …` transcript, its commands run anew. */
function runTranscript(transcript: string): string {
  const workspace = new Workspace();
  const before = process.cwd();
  try {
    process.chdir(dirname(workspace.write('edge.nft', rulesetOfExample())));
    workspace.write('slip.nft', rulesetOfExample().replace('192.0.2.1', '192.0.2.1 tcp dport shh'));
    const commands = transcript.split('\n').filter(line => line.startsWith('$ nft2bpf '));
    return commands
      .map(command => {
        const { out, error } = cli(...command.split(' ').slice(2));
        return `${command}\n${error}${out}`;
      })
      .join('\n');
  } finally {
    process.chdir(before);
    workspace.close();
  }
}

const outputs: Readonly<Record<string, () => string>> = {
  listing: () => runExample(firstExample()),
  run: () => runTranscript(block(readme, 'run')),
};

describe('README', () => {
  for (const [marker, produce] of Object.entries(outputs)) {
    it(`shows the real output: ${marker}`, () => {
      const actual = produce();
      if (process.env['UPDATE_README'] === '1') {
        const current = readFileSync(path, 'utf8');
        writeFileSync(path, withBlock(current, marker, actual));
        return;
      }
      expect(block(readme, marker)).toBe(actual);
    });
  }

  it('names every option of translate and every command', () => {
    for (const word of ['compile', 'check', 'ir', 'disasm', 'run', 'target', 'vmlinux', 'names', 'include'])
      expect(readme).toContain(word);
  });
});
