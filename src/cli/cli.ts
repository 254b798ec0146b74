// Finds the command, and turns what goes wrong into a message and an exit status: 0 done (with warnings, too), 1 errors
// or refusals in the input, 2 wrong usage.

import { UsageError } from './arguments.ts';
import type { Command, Io } from './command.ts';
import { FileError } from './files.ts';
import { type CommandName, commandHelp, commandNames, overview } from './usage.ts';
import { version } from './version.ts';

/** Each command is a file of its own, so that one does not wait for what the others need. */
const loaders: Readonly<Record<CommandName, () => Promise<Command>>> = {
  compile: async () => (await import('./commands/compile.ts')).compile,
  ir: async () => (await import('./commands/ir.ts')).ir,
  disasm: async () => (await import('./commands/disasm.ts')).disasm,
  check: async () => (await import('./commands/check.ts')).check,
  run: async () => (await import('./commands/run.ts')).run,
  fmt: async () => (await import('./commands/fmt.ts')).fmt,
};

/** The command that `argv` names, if it names one. */
export async function loadCommand(argv: readonly string[]): Promise<Command | undefined> {
  const name = commandNames.find(candidate => candidate === argv[0]);
  return name && loaders[name]();
}

function dispatch(argv: readonly string[], io: Io, loaded: Command | undefined): number {
  const [name, ...rest] = argv;
  const print = (text: string): number => {
    io.out(text);
    return 0;
  };
  if (name === '--version') return print(`${version}\n`);
  if (name === '--help' || name === '-h' || name === 'help') return print(overview);
  if (name === undefined) throw new UsageError('a command is missing');
  const command = commandNames.find(candidate => candidate === name);
  if (command === undefined || loaded === undefined)
    throw new UsageError(`no command '${name}'; the commands are ${commandNames.join(', ')}`);
  if (rest.includes('--help') || rest.includes('-h')) return print(commandHelp[command]);
  return loaded(rest, io);
}

/** `loaded`: what `loadCommand` gave for `argv`. */
export function runCli(argv: readonly string[], io: Io, loaded: Command | undefined): number {
  try {
    return dispatch(argv, io, loaded);
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
