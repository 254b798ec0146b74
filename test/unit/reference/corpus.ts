// Real rulesets: our print of each file against the reference's own.

import { readdirSync, readFileSync } from 'node:fs';
import type { EvaluateOptions } from '../../../src/ast/type/options.ts';
import { checkOnMachine, type MachineOfNft } from '../../support/nft.ts';
import { sharedPath } from '../../support/requirements.ts';
import { type Printed, type PrintedRule, readPrinted } from './printed.ts';
import type { Outcome } from './suite.ts';
import { frontHalf, machine, reasonOf } from './translate.ts';

const corpusPath = `${sharedPath}corpus/`;

export function corpusText(file: string): string {
  return readFileSync(corpusPath + file, 'utf8');
}

export function corpusFiles(): readonly string[] {
  return readdirSync(corpusPath).filter(name => name.endsWith('.nft'));
}

/** Columns of the manifest: what a file needs to be there. */
export function needsOf(file: string): MachineOfNft {
  const rows = readFileSync(`${corpusPath}MANIFEST.tsv`, 'utf8')
    .split('\n')
    .map(line => line.split('\t'));
  const [, , , , interfaces = '', users = ''] = rows.find(row => row[0] === file) ?? [];
  const numbered = (names: string, first: number): Readonly<Record<string, number>> =>
    Object.fromEntries(
      names
        .split(' ')
        .filter(Boolean)
        .map((name, index) => [name, first + 10 * index]),
    );
  const accounts = numbered(users, 7000);
  const known = machine.names?.users ?? {};
  const missing = Object.entries(accounts).filter(([name]) => known[name] === undefined);
  return { interfaces: numbered(interfaces, 100), accounts: Object.fromEntries(missing) };
}

/** The names of the machine that a file is written for. */
export function corpusOptions(file: string): EvaluateOptions {
  return optionsOf(needsOf(file));
}

function optionsOf({ interfaces, accounts }: MachineOfNft): EvaluateOptions {
  const { names = {} } = machine;
  return {
    ...machine,
    names: {
      ...names,
      interfaces: { ...names.interfaces, ...interfaces },
      users: { ...names.users, ...accounts },
      groups: { ...names.groups, ...accounts },
    },
  };
}

/** The files that a ruleset includes are not in the corpus; a pattern that matches none is no error. */
const noFiles = { read: () => undefined, list: () => [] };

export interface CorpusResult {
  readonly file: string;
  /** `unknown`: the reference refuses the file on this machine, so there is nothing to compare with. */
  readonly outcome: Outcome | 'unknown';
  readonly reason: string;
  readonly differences: readonly string[];
}

function ruleText({ sets, expressions }: PrintedRule): string {
  return [...sets.map(elements => elements.join(', ')), ...expressions].join('\n  ');
}

/** Commands may insert and delete, so rules are compared as they come, then without their order. */
function compareRules(
  key: string,
  expected: readonly PrintedRule[],
  actual: readonly PrintedRule[],
): readonly string[] {
  const wanted = expected.map(ruleText);
  const given = actual.map(ruleText);
  if (wanted.join('\n') === given.join('\n')) return [];
  if ([...wanted].sort().join('\n') === [...given].sort().join('\n')) return [];
  const index = wanted.findIndex((text, at) => text !== given[at]);
  return [`${key}, rule ${index}:\n  ${wanted[index] ?? '(none)'}\nours:\n  ${given[index] ?? '(none)'}`];
}

/** nft prints elements again with every command that adds some: each counts once. */
function compareElements(
  key: string,
  expected: readonly string[],
  actual: readonly string[],
): readonly string[] {
  const wanted = new Set(expected);
  const given = new Set(actual);
  const missing = [...wanted].filter(text => !given.has(text));
  const extra = [...given].filter(text => !wanted.has(text));
  if (missing.length === 0 && extra.length === 0) return [];
  return [`set ${key}: missing ${missing.slice(0, 5).join(', ')}; extra ${extra.slice(0, 5).join(', ')}`];
}

export function comparePrinted(expected: Printed, actual: Printed): readonly string[] {
  const differences: string[] = [];
  for (const key of new Set([...expected.rules.keys(), ...actual.rules.keys()])) {
    differences.push(...compareRules(key, expected.rules.get(key) ?? [], actual.rules.get(key) ?? []));
  }
  for (const key of new Set([...expected.sets.keys(), ...actual.sets.keys()])) {
    const wanted = expected.sets.get(key);
    const given = actual.sets.get(key);
    if (wanted?.header !== given?.header) {
      differences.push(
        `set ${key}: declared ${wanted?.header ?? '(none)'}, ours ${given?.header ?? '(none)'}`,
      );
    }
    differences.push(...compareElements(key, wanted?.elements ?? [], given?.elements ?? []));
  }
  return differences;
}

/** What this kernel lacks it refuses, but nft has printed everything before it sends it. */
export function checkFile(file: string): CorpusResult {
  const text = readFileSync(corpusPath + file, 'utf8');
  const needs = needsOf(file);
  const answer = checkOnMachine(text, needs);
  if (!answer.ok && answer.stdout.trim() === '') {
    return { file, outcome: 'unknown', reason: answer.stderr.split('\n')[0] ?? '', differences: [] };
  }
  const result = frontHalf(text, optionsOf(needs), { include: noFiles });
  const reason = reasonOf(result);
  if (result.thrown !== undefined) return { file, outcome: 'wrong', reason, differences: [] };
  if (result.printed === undefined) return { file, outcome: 'refused', reason, differences: [] };
  const differences = comparePrinted(readPrinted(answer.stdout), readPrinted(result.printed));
  return { file, outcome: differences.length === 0 ? 'exact' : 'wrong', reason, differences };
}
