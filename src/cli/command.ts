// What a command is: arguments in, exit status out, text through `io`, so that tests call it like the shell does.

import type { CommandName } from './usage.ts';

/** Where a command's text goes. */
export interface Io {
  readonly out: (content: string | Uint8Array) => void;
  readonly error: (text: string) => void;
  /** Whether messages may be coloured: a terminal, and no NO_COLOR. */
  readonly color: boolean;
}

/** Gets its arguments without its own name; returns the exit status: 0 done, 1 errors or refusals in the input. */
export type Command = (argv: readonly string[], io: Io) => number;

/** A command that answers the standard input as it comes, until it ends. */
export type Service = (argv: readonly string[], io: Io) => Promise<number>;

/** The commands of a program: each is loaded when it is called, so that none waits for what others need. */
export type Commands = Readonly<Partial<Record<CommandName, () => Promise<Command | Service>>>>;
