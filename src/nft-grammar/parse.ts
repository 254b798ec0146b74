// Text to commands: the first stage. It knows the language and nothing else: no table has to exist, no word has a type.

import { readJson } from '../ast/json/read.ts';
import type { Command } from '../ast/nodes/index.ts';
import { isJson } from '../source/json-path.ts';
import { Patience } from '../source/patience.ts';
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
  const session = new Session(options.limits, options.include, new Patience(options.isOverdue));
  const commands = commandsOf(session, source, '<input>', options.format);
  const { files, diagnostics } = session;
  if (options.before === undefined) return { commands, files, diagnostics };
  session.scope = new Scope();
  const before = commandsOf(session, options.before, '<before>');
  return { commands, before, files, diagnostics };
}

function commandsOf(
  session: Session,
  source: SourceInput,
  standardName: string,
  format?: ParseOptions['format'],
): readonly Command[] {
  const named = namedText(source, standardName);
  const file = session.addFile(named.name, named.text);
  if (file === undefined) return [];
  if (named.problem !== undefined) {
    session.error('json-syntax', named.problem, { file: file.id, from: 0, to: 0 });
    return [];
  }
  const { text } = named;
  const json = format === undefined ? isJson(text) : format === 'json';
  return json ? jsonCommands(session, file) : textCommands(session, file);
}

interface NamedText {
  readonly name: string;
  readonly text: string;
  /** Why there is no text. */
  readonly problem?: string;
}

/** What was parsed as JSON already becomes text again, so that places can be told. */
function namedText(source: SourceInput, name: string): NamedText {
  if (typeof source === 'string') return { name, text: source };
  if (!('nftables' in source)) return source;
  try {
    return { name, text: JSON.stringify(source) };
  } catch (error) {
    return { name, text: '', problem: `the object cannot be written as JSON: ${(error as Error).message}` };
  }
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
