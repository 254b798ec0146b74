// The log statement. Its prefix may hold `$names`, which are replaced as text.

import type { LogFlag, LogLevel, LogStatement, NumberLiteral, TextLiteral } from '../../ast/nodes/index.ts';
import { type Branch, listItems, listMembers } from '../derivation.ts';
import { type Build, type Constructor, constant, keyword, node, part, tokenOf } from './compiler.ts';
import type { Definition } from './view.ts';

/** `$name` in a prefix. A dollar before a digit is a dollar. */
export const prefixName: RegExp = /\$(?!\d)([A-Za-z0-9_]*)/g;

/** The text that a definition stands for in a prefix, if it is one value. */
function textOf(definition: Definition | undefined): string | undefined {
  const value = definition?.value;
  if (value?.kind === 'symbol') return value.text;
  return value?.kind === 'number' ? value.value.toString() : undefined;
}

const logPrefix: Constructor = (branch, compiler) => {
  const token = tokenOf((branch.children[1] as Branch).children[0]);
  const text = compiler.build<TextLiteral>(branch.children[1]);
  compiler.check(view => {
    for (const [name, definition] of view.attachment(token, 'names')?.definitions ?? []) {
      if (textOf(definition) !== undefined) continue;
      const message = definition ? `$${name} is not one value` : `unknown variable $${name}`;
      return { code: 'unknown-variable', severity: 'error', message, span: view.span(token, token) };
    }
    return undefined;
  });
  return (view): TextLiteral => {
    const literal = text(view);
    const names = view.attachment(token, 'names')?.definitions;
    if (names === undefined) return literal;
    return {
      ...literal,
      text: literal.text.replace(prefixName, (_, name: string) => textOf(names.get(name)) ?? ''),
    };
  };
};

/** `flags tcp sequence,options`, `flags ip options`, `flags skuid`. */
function flagsOf(branch: Branch): readonly LogFlag[] {
  const flags = branch.children[1] as Branch;
  if (flags.name !== 'logTcpFlags') return [flags.children.map(keyword).join(' ') as LogFlag];
  return listMembers(flags.children[1]!)
    .map(keyword)
    .filter(flag => flag !== ',')
    .map(flag => `tcp ${flag}` as LogFlag);
}

/** The last of each kind of argument, by its keyword. */
function lastByKeyword(items: readonly Branch[]): ReadonlyMap<string, Branch> {
  return new Map(items.map(item => [keyword(item.children[0]), item]));
}

const log: Constructor = (branch, compiler) => {
  const items = listItems(branch.children[1] ?? null);
  const byKeyword = lastByKeyword(items);
  const build = <T>(name: string): Build<T> | undefined => compiler.optional<T>(byKeyword.get(name));
  const numbers = {
    group: build<NumberLiteral>('group'),
    snaplen: build<NumberLiteral>('snaplen'),
    queueThreshold: build<NumberLiteral>('queue-threshold'),
  };
  const prefix = build<TextLiteral>('prefix');
  const level = (keyword(byKeyword.get('level')?.children[1]) || undefined) as LogLevel | undefined;
  const flags = items.filter(item => item.name === 'logFlags').flatMap(flagsOf);
  return node(
    branch,
    (view): Omit<LogStatement, 'span'> => ({
      kind: 'log',
      ...part('prefix', prefix, view),
      ...part('group', numbers.group, view),
      ...part('snaplen', numbers.snaplen, view),
      ...part('queueThreshold', numbers.queueThreshold, view),
      ...constant('level', level),
      flags,
    }),
  );
};

export const logConstructors: readonly (readonly [string, Constructor])[] = [
  ['logPrefix', logPrefix],
  ['log', log],
];
