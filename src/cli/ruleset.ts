// What the commands share: options of the target machine, reading a ruleset, showing diagnostics.

import type { CpuVersion } from '../bpf-asm/isa.ts';
import type { KernelVersion } from '../lower/hooks/target.ts';
import type { TextInput } from '../nft-grammar/options.ts';
import type { Diagnostic } from '../source/diagnostic.ts';
import { renderDiagnostics } from '../source/render.ts';
import type { SourceFile } from '../source/span.ts';
import type { TranslateOptions } from '../translate.ts';
import {
  type Arguments,
  choiceOption,
  numberPairs,
  textOption,
  UsageError,
  unsignedOption,
} from './arguments.ts';
import type { Io } from './command.ts';
import { includes, readBytes, readText } from './files.ts';
import { systemNames } from './system.ts';

export const targetChoices = ['auto', 'xdp', 'tc', 'netfilter', 'cgroup_skb'] as const;
const logChoices = ['ring-buffer', 'refuse'] as const;
const cpuChoices = ['v1', 'v2', 'v3', 'v4'] as const;

function kernelOption(args: Arguments): KernelVersion | undefined {
  const text = textOption(args, 'kernel');
  if (text === undefined) return undefined;
  const match = /^(\d{1,3})\.(\d{1,3})(?:[.-].*)?$/.exec(text);
  if (match === null) throw new UsageError(`--kernel wants a version such as 6.12, not '${text}'`);
  return [Number(match[1]), Number(match[2])];
}

function cpuOption(args: Arguments): CpuVersion | undefined {
  if (textOption(args, 'cpu') === undefined) return undefined;
  return (cpuChoices.indexOf(choiceOption(args, 'cpu', cpuChoices, 'v4')) + 1) as CpuVersion;
}

/** Minutes that local time is ahead of UTC, as nft would ask the C library. */
function localOffset(): number {
  return -new Date().getTimezoneOffset();
}

/** What the machine is like that will run the programs. */
export function machineOptions(args: Arguments): Pick<TranslateOptions, 'kernel' | 'cpu' | 'vmlinux'> {
  const kernel = kernelOption(args);
  const cpu = cpuOption(args);
  const vmlinux = textOption(args, 'vmlinux');
  return {
    ...(kernel && { kernel }),
    ...(cpu && { cpu }),
    ...(vmlinux !== undefined && { vmlinux: readBytes(vmlinux) }),
  };
}

/** Seconds that a ruleset may take. The largest that fit a program take some of them. */
const defaultTimeLimit = 300;

/** Each call begins to wait: it gives the `isOverdue` of one translation. */
export function timeLimit(args: Arguments): () => () => boolean {
  const text = textOption(args, 'time-limit');
  const seconds = text === undefined ? defaultTimeLimit : unsignedOption(text, '--time-limit');
  return () => {
    const end = Date.now() + 1000 * seconds;
    return () => Date.now() > end;
  };
}

/** Options of translate from the command line, and from the running system where they name what a machine has. */
export function translateOptions(args: Arguments): TranslateOptions {
  const given = (name: string): Record<string, number> => Object.fromEntries(numberPairs(args, name));
  return {
    include: includes,
    timeZoneOffset: localOffset(),
    names: systemNames({
      interfaces: given('interface'),
      users: given('user'),
      groups: given('group'),
    }),
    target: choiceOption(args, 'target', targetChoices, 'auto'),
    log: choiceOption(args, 'log', logChoices, 'ring-buffer'),
    optimize: args.values['no-optimize'] !== true,
    isOverdue: timeLimit(args)(),
    ...machineOptions(args),
  };
}

export function readRuleset(file: string): Exclude<TextInput, string> {
  return { name: file === '-' ? '<stdin>' : file, text: readText(file) };
}

/** Writes all diagnostics to the error stream. */
export function report(diagnostics: readonly Diagnostic[], files: readonly SourceFile[], io: Io): void {
  if (diagnostics.length > 0) io.error(`${renderDiagnostics(diagnostics, files, { color: io.color })}\n`);
}
