// Finds the command, and turns what goes wrong into a message and an exit status: 0 done (with warnings, too), 1 errors
// or refusals in the input, 2 wrong usage.

import { UsageError } from './arguments.ts';
import type { Command, Io } from './command.ts';
import { check } from './commands/check.ts';
import { compile } from './commands/compile.ts';
import { disasm } from './commands/disasm.ts';
import { ir } from './commands/ir.ts';
import { run } from './commands/run.ts';
import { FileError } from './files.ts';
import { type CommandName, commandHelp, commandNames, overview } from './usage.ts';
import { version } from './version.ts';

const commands: Readonly<Record<CommandName, Command>> = { compile, ir, disasm, check, run };

function dispatch(argv: readonly string[], io: Io): number {
  const [name, ...rest] = argv;
  const print = (text: string): number => {
    io.out(text);
    return 0;
  };
  if (name === '--version') return print(`${version}\n`);
  if (name === '--help' || name === '-h' || name === 'help') return print(overview);
  if (name === undefined) throw new UsageError('a command is missing');
  const command = commandNames.find(candidate => candidate === name);
  if (command === undefined)
    throw new UsageError(`no command '${name}'; the commands are ${commandNames.join(', ')}`);
  if (rest.includes('--help') || rest.includes('-h')) return print(commandHelp[command]);
  return commands[command](rest, io);
}

export function runCli(argv: readonly string[], io: Io): number {
  try {
    return dispatch(argv, io);
  } catch (error) {
    if (error instanceof UsageError) {
      io.error(`nft2bpf: ${error.message}\ntry 'nft2bpf --help'\n`);
      return 2;
    }
    if (error instanceof FileError) {
      io.error(`nft2bpf: ${error.message}\n`);
      return 1;
    }
    throw error;
  }
}
