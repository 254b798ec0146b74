// Command lines into options. `parseArgs` of Node does the splitting; this file says which options each command takes
// and turns what does not fit into a `UsageError`, which `main` prints and answers with exit status 2.

import { type ParseArgsConfig, parseArgs } from 'node:util';
import { wholeNumber } from '../batch/wrong-option.ts';

/** Wrong usage: the command line is at fault, not the ruleset. */
export class UsageError extends Error {}

type OptionTable = NonNullable<ParseArgsConfig['options']>;

/** Options of every command that reads a ruleset. */
export const rulesetOptions: OptionTable = {
  interface: { type: 'string', multiple: true },
  user: { type: 'string', multiple: true },
  group: { type: 'string', multiple: true },
  kernel: { type: 'string' },
  cpu: { type: 'string' },
  vmlinux: { type: 'string' },
  log: { type: 'string' },
  'no-optimize': { type: 'boolean' },
  'time-limit': { type: 'string' },
};

export interface Arguments {
  readonly values: Readonly<Record<string, string | boolean | readonly (string | boolean)[] | undefined>>;
  readonly positionals: readonly string[];
}

export function readArguments(argv: readonly string[], options: OptionTable): Arguments {
  try {
    return parseArgs({ args: [...argv], options, allowPositionals: true, strict: true });
  } catch (error) {
    throw new UsageError(firstSentence(error));
  }
}

function firstSentence(error: unknown): string {
  const message = error instanceof Error ? error.message : String(error);
  return message.split(/\. /)[0] ?? message;
}

/** The one file that a command works on. */
export function singleFile(args: Arguments): string {
  const [file, extra] = args.positionals;
  if (file === undefined) throw new UsageError('a file is missing (- is the standard input)');
  if (extra !== undefined) throw new UsageError(`one file at a time: '${extra}' is one too many`);
  return file;
}

export function textOption(args: Arguments, name: string): string | undefined {
  const value = args.values[name];
  return typeof value === 'string' ? value : undefined;
}

export function listOption(args: Arguments, name: string): readonly string[] {
  const value = args.values[name];
  return Array.isArray(value) ? value.map(String) : [];
}

/** A value out of a fixed list. */
export function choiceOption<T extends string>(
  args: Arguments,
  name: string,
  choices: readonly T[],
  fallback: T,
): T {
  const value = textOption(args, name);
  if (value === undefined) return fallback;
  const choice = choices.find(candidate => candidate === value);
  if (choice === undefined) throw new UsageError(`--${name} is one of ${choices.join(', ')}, not '${value}'`);
  return choice;
}

/** `NAME=VALUE` pairs. */
export function pairOption(args: Arguments, name: string): readonly (readonly [string, string])[] {
  return listOption(args, name).map(text => {
    const at = text.indexOf('=');
    if (at < 1 || at === text.length - 1) throw new UsageError(`--${name} wants NAME=VALUE, not '${text}'`);
    return [text.slice(0, at), text.slice(at + 1)];
  });
}

/** `NAME=NUMBER` pairs. */
export function numberPairs(args: Arguments, name: string): readonly (readonly [string, number])[] {
  return pairOption(args, name).map(([key, value]) => [key, unsignedOption(value, `--${name} ${key}`)]);
}

/** An unsigned 32-bit number, decimal or 0x. */
export function unsignedOption(text: string, what: string): number {
  const value = wholeNumber(text);
  if (value === undefined) throw new UsageError(`${what} wants a number up to 4294967295, not '${text}'`);
  return value;
}
