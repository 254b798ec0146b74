// Names, texts and literals.

import type { Name, NumberLiteral, TextLiteral, TimeLiteral } from '../../ast/nodes/index.ts';
import type { Diagnostic } from '../../source/diagnostic.ts';
import { isLeaf } from '../derivation.ts';
import { numberValue, timeValue } from '../literals.ts';
import { type Build, type Constructor, keyword, node, rangeOf, tokenOf } from './compiler.ts';
import type { TokenView } from './view.ts';

/** nft keeps at most this many bytes of a comment. */
const longestComment = 128;

const unquoted = (text: string): string => (text.startsWith('"') ? text.slice(1, -1) : text);

const name: Constructor = branch => {
  const token = tokenOf(branch.children[0]);
  return node(branch, (view): Omit<Name, 'span'> => ({ kind: 'name', text: view.text(token) }));
};

const text: Constructor = branch => {
  const token = tokenOf(branch.children[0]);
  return node(
    branch,
    (view): Omit<TextLiteral, 'span'> => ({ kind: 'text', text: unquoted(view.text(token)) }),
  );
};

const number: Constructor = branch => {
  const token = tokenOf(branch.children[0]);
  return node(branch, (view): Omit<NumberLiteral, 'span'> => {
    const written = view.text(token);
    return { kind: 'number', text: written, value: numberValue(written) ?? 0n };
  });
};

const negative: Constructor = branch => {
  const { first, last } = rangeOf(branch);
  return (view): NumberLiteral => {
    const value = numberValue(view.text(last)) ?? 0n;
    return { kind: 'number', text: `-${view.text(last)}`, value: -value, span: view.span(first, last) };
  };
};

const badTime = (view: TokenView, token: number): Diagnostic => ({
  code: 'invalid-time',
  severity: 'error',
  message: `'${view.text(token)}' is not a time`,
  span: view.span(token, token),
  notes: [{ message: 'a time is written in d, h, m, s and ms, in this order, such as 1d2h or 5m30s' }],
});

const time: Constructor = (branch, compiler) => {
  const token = tokenOf(branch.children[0]);
  compiler.check(view => (timeValue(view.text(token)) === undefined ? badTime(view, token) : undefined));
  return node(branch, (view): Omit<TimeLiteral, 'span'> => {
    const written = view.text(token);
    return { kind: 'time', text: written, milliseconds: timeValue(written) ?? 0n };
  });
};

const neverTime: Constructor = branch =>
  node(branch, (): Omit<TimeLiteral, 'span'> => ({ kind: 'time', text: 'never', milliseconds: 'never' }));

/** `comment "…"`: a line, a property and an option alike. */
export interface CommentPart {
  readonly kind: 'comment';
  readonly comment: TextLiteral;
}

const comment: Constructor = (branch, compiler) => {
  const build = compiler.build<TextLiteral>(branch.children[1]);
  compiler.check(view => {
    const { text: written, span } = build(view);
    const bytes = new TextEncoder().encode(written).length;
    if (bytes <= longestComment) return undefined;
    return {
      code: 'comment-too-long',
      severity: 'error',
      message: `a comment may have ${longestComment} bytes; this one has ${bytes}`,
      span,
    };
  });
  return (view): CommentPart => ({ kind: 'comment', comment: build(view) });
};

/** A keyword, or what an optional or nested part gives: `[name, number]` and the like are read by who asked for them. */
const argument: Constructor = (branch, compiler) =>
  compiler.build(branch.children[branch.children.length - 1]);

/** A keyword and its value, where the value may be a keyword itself. */
export interface OptionPart {
  readonly kind: 'option';
  readonly name: string;
  readonly value: unknown;
}

const option: Constructor = (branch, compiler) => {
  const [head, value] = branch.children;
  const name = keyword(head);
  if (value === undefined) return (): OptionPart => ({ kind: 'option', name, value: true });
  if (isLeaf(value)) return (): OptionPart => ({ kind: 'option', name, value: value.text });
  const build = compiler.build(value);
  return (view): OptionPart => ({ kind: 'option', name, value: build(view) });
};

export const nameConstructors: readonly (readonly [string, Constructor])[] = [
  ['name', name],
  ['text', text],
  ['number', number],
  ['negative', negative],
  ['time', time],
  ['neverTime', neverTime],
  ['comment', comment],
  ['argument', argument],
  ['option', option],
];

/** A name that is made by hand from one token. */
export const buildName =
  (token: number): Build<Name> =>
  view => ({ kind: 'name', text: view.text(token), span: view.span(token, token) });
