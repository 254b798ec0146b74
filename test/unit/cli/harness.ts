// The command line called as the shell calls it, in this process and in a directory of its own.

import { mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { runCli } from '../../../src/cli/cli.ts';

export interface CliResult {
  readonly status: number;
  readonly out: string;
  readonly error: string;
}

export class Workspace {
  readonly directory: string = mkdtempSync(join(tmpdir(), 'nft2bpf-cli-'));

  path(name: string): string {
    return join(this.directory, name);
  }

  write(name: string, content: string | Uint8Array): string {
    writeFileSync(this.path(name), content);
    return this.path(name);
  }

  files(): string[] {
    return readdirSync(this.directory).sort();
  }

  close(): void {
    rmSync(this.directory, { recursive: true, force: true });
  }
}

export function cli(...argv: readonly string[]): CliResult {
  let out = '';
  let error = '';
  const status = runCli(argv, {
    out: content => {
      out += typeof content === 'string' ? content : Buffer.from(content).toString('latin1');
    },
    error: text => {
      error += text;
    },
    color: false,
  });
  return { status, out, error };
}
