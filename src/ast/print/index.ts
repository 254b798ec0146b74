// The AST as text, as `nft list ruleset` lists it: tabs, one rule a line, an empty line between the members of a table.

import type { TableDeclaration } from '../nodes/index.ts';
import { tableLines } from './declaration.ts';
import type { OutputOptions } from './options.ts';

export type { OutputOptions } from './options.ts';

/** Each line ends in a newline; no tables are the empty string. */
export function printTables(tables: readonly TableDeclaration[], options: OutputOptions = {}): string {
  return tables
    .flatMap(table => [...tableLines(options, table)])
    .map(line => `${line}\n`)
    .join('');
}
