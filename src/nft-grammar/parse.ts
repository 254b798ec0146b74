// Text to commands: the first stage. It knows the language and nothing else: no table has to exist, no word has a type.

import type { ParseOptions, ParseResult, SourceInput } from './options.ts';
import { readFile } from './reader/body.ts';
import { FileBody, readRuleBlock } from './reader/file.ts';
import { LineReader } from './reader/line-reader.ts';
import { Session } from './reader/session.ts';

/**
 * Parses a ruleset. Never throws on input: what is wrong is in `diagnostics`, all errors of the file in one run, and
 * commands with errors in them are left out.
 */
export function parse(source: SourceInput, options: ParseOptions = {}): ParseResult {
  const session = new Session(options.limits, options.include);
  const { name, text } = typeof source === 'string' ? { name: '<input>', text: source } : source;
  const file = session.addFile(name, text);
  if (file === undefined) return { commands: [], files: session.files, diagnostics: session.diagnostics };
  const reader = new LineReader(session, file, readRuleBlock, [name]);
  const body = new FileBody();
  readFile(reader, body);
  return { commands: body.commands, files: session.files, diagnostics: session.diagnostics };
}
