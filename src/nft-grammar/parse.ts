// Text to commands: the first stage. It knows the language and nothing else: no table has to exist, no word has a type.

import { readJson } from '../ast/json/read.ts';
import type { Command } from '../ast/nodes/index.ts';
import { isJson } from '../source/json-path.ts';
import type { SourceFile } from '../source/span.ts';
import type { ParseOptions, ParseResult, SourceInput } from './options.ts';
import { readFile } from './reader/body.ts';
import { FileBody, readRuleBlock } from './reader/file.ts';
import { LineReader } from './reader/line-reader.ts';
import { Scope } from './reader/scope.ts';
import { Session } from './reader/session.ts';

/**
 * Parses a ruleset. Never throws on input: what is wrong is in `diagnostics`, all errors of the file in one run, and
 * commands with errors in them are left out.
 *
 * @example
 * ```ts
 * import { parse } from 'nft2bpf';
 *
 * const { commands, diagnostics } = parse('add rule ip t c tcp dport 22 accept');
 * console.log(commands.map(({ kind }) => kind));
 * // [ 'rule_command' ]
 * console.log(diagnostics);
 * // []
 * ```
 */
export function parse(source: SourceInput, options: ParseOptions = {}): ParseResult {
  const session = new Session(options.limits, options.include);
  const { format } = options;
  const commands = commandsOf(session, source, '<input>', format);
  const { files, diagnostics } = session;
  if (options.before === undefined) return { commands, files, diagnostics };
  session.scope = new Scope();
  const before = commandsOf(session, options.before, '<before>', format);
  return { commands, before, files, diagnostics };
}

function commandsOf(
  session: Session,
  source: SourceInput,
  standardName: string,
  format: ParseOptions['format'],
): readonly Command[] {
  const { name, text } = namedText(source, standardName);
  const file = session.addFile(name, text);
  if (file === undefined) return [];
  const json = format === undefined ? isJson(text) : format === 'json';
  return json ? jsonCommands(session, file) : textCommands(session, file);
}

/** What was parsed as JSON already becomes text again, so that places can be told. */
function namedText(
  source: SourceInput,
  standardName: string,
): { readonly name: string; readonly text: string } {
  if (typeof source === 'string') return { name: standardName, text: source };
  return 'nftables' in source ? { name: standardName, text: JSON.stringify(source) } : source;
}

function jsonCommands(session: Session, file: SourceFile): readonly Command[] {
  const { commands, diagnostics } = readJson(file);
  for (const diagnostic of diagnostics) session.report(diagnostic);
  return commands;
}

function textCommands(session: Session, file: SourceFile): readonly Command[] {
  const { name } = file;
  const reader = new LineReader(session, file, readRuleBlock, [name]);
  const body = new FileBody();
  readFile(reader, body);
  return body.commands;
}
