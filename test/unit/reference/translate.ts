// The front half on a text: parse, evaluate, linearize, print.

import { readFileSync, statSync } from 'node:fs';
import { evaluate } from '../../../src/ast/evaluate.ts';
import type { EvaluateOptions } from '../../../src/ast/type/options.ts';
import type { IrRuleset } from '../../../src/lower/linear/ir.ts';
import { linearize } from '../../../src/lower/linear/linearize.ts';
import { printIr } from '../../../src/lower/linear/print.ts';
import type { ParseOptions } from '../../../src/nft-grammar/options.ts';
import { parse } from '../../../src/nft-grammar/parse.ts';
import type { Diagnostic } from '../../../src/source/diagnostic.ts';
import { hasFailure } from '../../../src/source/diagnostic.ts';

function idsOf(file: string): Readonly<Record<string, number>> {
  const rows = readFileSync(file, 'utf8')
    .split('\n')
    .map(line => line.split(':'));
  return Object.fromEntries(rows.filter(row => row.length > 2).map(row => [row[0]!, Number(row[2])]));
}

function hostsOf(file: string): Readonly<Record<string, readonly string[]>> {
  const hosts: Record<string, string[]> = {};
  for (const line of readFileSync(file, 'utf8').split('\n')) {
    const [address, ...names] = line.replace(/#.*/, '').split(/\s+/).filter(Boolean);
    for (const name of names) hosts[name] = [...(hosts[name] ?? []), address!];
  }
  return hosts;
}

/** What the reference asks of this machine, in a fresh network namespace; TZ is UTC-2, two hours ahead. */
export const machine: EvaluateOptions = {
  names: {
    interfaces: { lo: 1 },
    users: idsOf('/etc/passwd'),
    groups: idsOf('/etc/group'),
    realms: { cosmos: 0 },
    deviceGroups: { default: 0 },
    cgroups: { '': BigInt(statSync('/sys/fs/cgroup').ino) },
    hosts: hostsOf('/etc/hosts'),
  },
  timeZoneOffset: 120,
};

export interface FrontHalf {
  /** Absent if anything is an error or was refused. */
  readonly printed?: string;
  readonly ir?: IrRuleset;
  readonly diagnostics: readonly Diagnostic[];
  /** What was thrown, which never should be. */
  readonly thrown?: unknown;
}

/** What is there besides the text. */
export type Surroundings = Pick<ParseOptions, 'before' | 'include'>;

function run(text: string, options: EvaluateOptions, around: Surroundings): FrontHalf {
  const parsed = parse(text, around);
  const evaluated = evaluate(parsed, options);
  const linear = linearize(evaluated.ruleset);
  const diagnostics = [...parsed.diagnostics, ...evaluated.diagnostics, ...linear.diagnostics];
  return hasFailure(diagnostics)
    ? { diagnostics }
    : { diagnostics, ir: linear.ir, printed: printIr(linear.ir) };
}

export function frontHalf(
  text: string,
  options: EvaluateOptions = machine,
  around: Surroundings = {},
): FrontHalf {
  try {
    return run(text, options, around);
  } catch (thrown) {
    return { diagnostics: [], thrown };
  }
}

/** The first reason, to count by. */
export function reasonOf({ diagnostics, thrown }: FrontHalf): string {
  if (thrown !== undefined) return `thrown: ${thrown instanceof Error ? thrown.message : String(thrown)}`;
  const first = diagnostics.find(each => each.severity === 'error' || each.severity === 'refusal');
  return first === undefined ? 'accepted' : `${first.code}: ${first.message}`;
}
