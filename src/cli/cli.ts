// Finds the command, and turns what goes wrong into a message and an exit status: 0 done (with warnings, too), 1 errors
// or refusals in the input, 2 wrong usage.

import { WrongOption } from '../batch/wrong-option.ts';
import { UsageError } from './arguments.ts';
import type { Command, Commands, Io, Service } from './command.ts';
import { FileError } from './files.ts';
import { commandHelp, commandNames, overview } from './usage.ts';
import { version } from './version.ts';

/** The command that `argv` names, if it names one. */
export async function loadCommand(
  argv: readonly string[],
  commands: Commands,
): Promise<Command | Service | undefined> {
  const name = commandNames.find(candidate => candidate === argv[0]);
  return name && commands[name]?.();
}

type Status = number | Promise<number>;

function dispatch(argv: readonly string[], io: Io, loaded: Command | Service | undefined): Status {
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

/** The exit status of what a command threw. */
function failed(error: unknown, io: Io): number {
  if (error instanceof WrongOption) return failed(new UsageError(`--${error.option} ${error.message}`), io);
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

/** `loaded`: what `loadCommand` gave for `argv`. The status comes at once, except of a service. */
export function runCli(argv: readonly string[], io: Io, loaded: Command | Service | undefined): Status {
  try {
    const status = dispatch(argv, io, loaded);
    return typeof status === 'number' ? status : status.catch(error => failed(error, io));
  } catch (error) {
    return failed(error, io);
  }
}
