// The lines of a file that is in no block: commands.

import type { Command, Declaration, Rule } from '../../ast/nodes/index.ts';
import type { Span } from '../../source/span.ts';
import type { CommandLine, DeclarationLine } from '../build/commands.ts';
import type { Property } from '../build/properties.ts';
import type { Attachment } from '../build/view.ts';
import { RulesBody, readBlock, readTable } from './blocks.ts';
import { type Body, closeBrace, readLines } from './body.ts';
import { declareObject, Properties } from './declare.ts';
import { type LineReader, Punctuation } from './line-reader.ts';
import { deepestScope, Scope } from './scope.ts';

export class FileBody implements Body {
  readonly context = 'file';
  readonly start = 'command';
  readonly commands: Command[] = [];

  take(_: string, item: unknown, reader: LineReader): void {
    const command = item as CommandLine;
    this.commands.push(command.kind === 'declaration_line' ? declare(command, reader) : command);
  }
}

function declare(line: DeclarationLine, reader: LineReader): Command {
  const { verb, object, table, name, span } = line;
  const declaration = line.opensBlock ? readDeclaredBlock(line, reader) : declareWithoutBlock(line, reader);
  if (verb === 'add' || verb === 'create') return { kind: 'declare', verb, declaration, span };
  const reference = {
    kind: 'object_name',
    object,
    family: table.family,
    table: table.name,
    ...(name === undefined ? {} : { name }),
    span,
  } as const;
  return { kind: 'delete', verb, object: reference, block: declaration, span };
}

function readDeclaredBlock({ object, table, name, span }: DeclarationLine, reader: LineReader): Declaration {
  if (object === 'table' || name === undefined) return readTable(reader, table, span);
  return readBlock(reader, object, { table, name, span });
}

function declareWithoutBlock(line: DeclarationLine, reader: LineReader): Declaration {
  const { object, table, name, span, inline } = line;
  if (object === 'table' || name === undefined) {
    return { kind: 'table', table, flags: [], block: false, members: [], span };
  }
  if (object === 'chain')
    return { kind: 'chain', table, name, block: false, offload: false, rules: [], span };
  const properties = inline === undefined ? [] : [{ ...inline, span } as Property];
  const type = object as Parameters<typeof declareObject>[2];
  return declareObject(reader.session, { table, name, span }, type, new Properties(properties));
}

/** The rules in the braces behind `jump` or `goto`; undefined if an error keeps them from being used. */
export function readRuleBlock(reader: LineReader, open: Span): Attachment | undefined {
  const { session } = reader;
  const outer = session.scope;
  const errors = session.diagnostics.length;
  if (outer.depth >= deepestScope) session.error('too-deep', 'blocks are nested too deep for nft', open);
  session.scope = new Scope(outer);
  const body = new RulesBody();
  readRules(reader, body, open);
  session.scope = outer;
  const rules: readonly Rule[] = body.rules;
  return session.diagnostics.length === errors ? { kind: 'rules', rules } : undefined;
}

/** Leaves the closing brace to the line that the block is part of. */
function readRules(reader: LineReader, body: Body, open: Span): void {
  readLines(reader, body);
  if (reader.kind !== Punctuation.close) closeBrace(reader, open);
}
