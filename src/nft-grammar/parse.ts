// Text to commands: the first stage. It knows the language and nothing else: no table has to exist, no word has a type.

import type { Command } from '../ast/nodes/index.ts';
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
  const commands = commandsOf(session, source, '<input>');
  const { files, diagnostics } = session;
  if (options.before === undefined) return { commands, files, diagnostics };
  session.scope = new Scope();
  return { commands, before: commandsOf(session, options.before, '<before>'), files, diagnostics };
}

function commandsOf(session: Session, source: SourceInput, standardName: string): readonly Command[] {
  const { name, text } = typeof source === 'string' ? { name: standardName, text: source } : source;
  const file = session.addFile(name, text);
  if (file === undefined) return [];
  const reader = new LineReader(session, file, readRuleBlock, [name]);
  const body = new FileBody();
  readFile(reader, body);
  return body.commands;
}
