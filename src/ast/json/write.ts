// The AST as libnftables JSON, as `nft -j list ruleset` lists it, in one line. Handles are written with option `handle` only.

import type { TableDeclaration } from '../nodes/index.ts';
import type { OutputOptions } from '../print/options.ts';
import { RulesetWriter } from './write/declarations.ts';
import { type Json, jsonText } from './write/text.ts';

const metainfo: Json = { metainfo: { json_schema_version: 1 } };

/** The line ends in a newline. Literals of `tables` must be as JSON lists them. */
export function writeTables(tables: readonly TableDeclaration[], options: OutputOptions = {}): string {
  const writer = new RulesetWriter(options);
  const items = [metainfo, ...tables.flatMap(table => [...writer.table(table)])];
  return `${jsonText({ nftables: items })}\n`;
}
