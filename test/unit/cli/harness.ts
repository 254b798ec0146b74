// The command line called as the shell calls it, in this process and in a directory of its own.

import { mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { loadCommand, runCli } from '../../../src/cli/cli.ts';
import type { Command, Service } from '../../../src/cli/command.ts';
import { allCommands } from '../../../src/cli/commands/index.ts';
import { commandNames } from '../../../src/cli/usage.ts';

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

const commands: ReadonlyMap<string, Command | Service | undefined> = new Map(
  await Promise.all(commandNames.map(async name => [name, await loadCommand([name], allCommands)] as const)),
);

export function cli(...argv: readonly string[]): CliResult {
  let out = '';
  let error = '';
  const io = {
    out: (content: string | Uint8Array): void => {
      out += typeof content === 'string' ? content : Buffer.from(content).toString('latin1');
    },
    error: (text: string): void => {
      error += text;
    },
    color: false,
  };
  const status = runCli(argv, io, commands.get(argv[0] ?? ''));
  if (typeof status !== 'number') throw new Error(`nft2bpf ${argv[0]} ends later`);
  return { status, out, error };
}
