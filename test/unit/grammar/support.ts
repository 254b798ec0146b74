// Plain copies of AST nodes, for comparisons: getters read, element lists spread, places left out.

import { readdirSync, readFileSync } from 'node:fs';
import type { Command, ElementList, Rule } from '../../../src/ast/nodes/index.ts';
import type { IncludeReader } from '../../../src/nft-grammar/options.ts';
import { parse } from '../../../src/nft-grammar/parse.ts';
import type { Diagnostic } from '../../../src/source/diagnostic.ts';
import { LineIndex } from '../../../src/source/lines.ts';
import { sharedPath } from '../../support/requirements.ts';

const isElementList = (value: object): value is ElementList =>
  'at' in value && 'length' in value && !Array.isArray(value);

function entriesOf(value: object): [string, unknown][] {
  const rule = value as Rule;
  if (rule.kind === 'rule')
    return Object.entries({ kind: 'rule', statements: rule.statements, comment: rule.comment });
  const command = value as Command;
  if (command.kind === 'rule_command') {
    const { kind, verb, table, chain, position, rule: body } = command;
    return Object.entries({ kind, verb, table, chain, position, rule: body });
  }
  return Object.entries(value);
}

/** A value without spans, numbers as strings, lists as arrays. */
export function plain(value: unknown): unknown {
  if (typeof value === 'bigint') return value.toString();
  if (typeof value !== 'object' || value === null) return value;
  if (Array.isArray(value)) return value.map(plain);
  if (isElementList(value)) return Array.from({ length: value.length }, (_, index) => plain(value.at(index)));
  const entries = entriesOf(value).filter(([key, member]) => key !== 'span' && member !== undefined);
  return Object.fromEntries(entries.map(([key, member]) => [key, plain(member)]));
}

/** Includes that find nothing: patterns match no file. */
export const noFiles: IncludeReader = { read: () => undefined, list: () => [] };

/** `line:column code` of each diagnostic. */
export function places(text: string, diagnostics: readonly Diagnostic[]): readonly string[] {
  const index = new LineIndex(text);
  return diagnostics.map(({ code, span }) => {
    const { line, column } = index.positionOf(span?.from ?? 0);
    return `${line}:${column} ${code}`;
  });
}

/** The statements of one rule in a chain, as plain values; throws if it does not parse. */
export function statementsOf(rule: string, before = ''): readonly Record<string, unknown>[] {
  const result = parse(`${before}add rule ip t c ${rule}\n`);
  if (result.diagnostics.length > 0) throw new Error(`${rule}: ${result.diagnostics[0]!.message}`);
  const command = result.commands[result.commands.length - 1]!;
  if (command.kind !== 'rule_command') throw new Error(`${rule}: is no rule`);
  return plain(command.rule.statements) as Record<string, unknown>[];
}

export interface SuiteRow {
  readonly id: string;
  readonly rule: string;
  readonly expect: 'ok' | 'fail';
  readonly setup: readonly string[];
  readonly family: string;
  readonly table: string;
  readonly chain: string;
}

/** Rows of the reference's own tests. */
export function readSuite(): readonly SuiteRow[] {
  const lines = readFileSync(`${sharedPath}/nft-suite/cases.jsonl`, 'utf8').trim().split('\n');
  return lines.map(line => JSON.parse(line) as SuiteRow);
}

/** A row as a file. */
export const fileOf = (row: SuiteRow): string =>
  `${row.setup.join('\n')}\nadd rule ${row.family} ${row.table} ${row.chain} ${row.rule}\n`;

/** Rulesets of public projects, by name. */
export function readCorpus(): ReadonlyMap<string, string> {
  const folder = `${sharedPath}/corpus`;
  const names = readdirSync(folder).filter(name => name.endsWith('.nft'));
  return new Map(names.map(name => [name, readFileSync(`${folder}/${name}`, 'utf8')]));
}
