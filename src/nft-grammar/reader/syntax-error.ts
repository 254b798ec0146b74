// A syntax error as a message: what stands there, what could stand there, and a near word if there is one.

import type { Diagnostic, DiagnosticFix, DiagnosticNote } from '../../source/diagnostic.ts';
import type { Span } from '../../source/span.ts';
import { nearest } from '../near.ts';
import type { ShapeError } from '../shapes.ts';
import { TokenKind } from '../token.ts';
import { plainKinds } from '../words.ts';

/** What the reader knows about the token that did not fit. */
export interface FoundToken {
  readonly kind: number;
  /** As written. */
  readonly text: string;
  /** Some characters behind it. */
  readonly following: string;
  readonly span: Span;
}

const longestQuoted = 40;
const abridge = (text: string): string =>
  text.length > longestQuoted ? `${text.slice(0, longestQuoted)}…` : text;

const endNames: ReadonlyMap<number, string> = new Map([
  [TokenKind.braceEnd, "'}'"],
  [TokenKind.fileEnd, 'end of the file'],
  [TokenKind.openEnd, "'{'"],
]);

const byteOrderMark = '\uFEFF';

export function describeFound({ kind, text }: FoundToken): string {
  const end = endNames.get(kind);
  if (end !== undefined) return end;
  if (text === '\n' || text === '\r\n') return 'end of the line';
  if (kind >= TokenKind.set && kind <= TokenKind.emptySet) return "'{'";
  if (kind === TokenKind.junk && text.startsWith('"')) return 'quote that is not closed';
  if (text.startsWith(byteOrderMark)) return 'byte order mark';
  if (kind === TokenKind.junk && text.length === 1) return `character '${text}'`;
  return `'${abridge(text)}'`;
}

function joinPhrases(phrases: readonly string[]): string {
  if (phrases.length <= 1) return phrases.join('');
  return `${phrases.slice(0, -1).join(', ')} or ${phrases[phrases.length - 1]}`;
}

const isWord = (text: string): boolean => /^[A-Za-z_][\w/.-]*$/.test(text);

/** Words that are often written for others that are near in meaning rather than in letters. */
const habits: Readonly<Record<string, string>> = {
  allow: 'accept',
  permit: 'accept',
  deny: 'drop',
  block: 'drop',
  src: 'saddr',
  dst: 'daddr',
  dports: 'dport',
  sports: 'sport',
};

function suggestion(found: FoundToken, keywords: ReadonlySet<string>): string | undefined {
  if (!isWord(found.text)) return undefined;
  const habit = habits[found.text];
  if (habit !== undefined && keywords.has(habit)) return habit;
  return nearest(found.text, [...keywords].filter(isWord));
}

/** Builds the diagnostic for a token that the grammar could not take. */
export function syntaxError(found: FoundToken, error: ShapeError): Diagnostic {
  const { phrases, keywords } = error.expectation;
  if (error.misread) return misreadWord(found);
  if (found.kind === TokenKind.braceEnd && phrases.includes(lineEnd)) return missingSeparator(found);
  const near = suggestion(found, keywords);
  const notes: DiagnosticNote[] = [];
  if (phrases.length > 0) notes.push({ message: `expected ${joinPhrases(phrases)}` });
  if (isUnitOfTime(found)) {
    notes.push({ message: `nft reads '${found.text}' as a time; put a blank between number and unit` });
  }
  if (isReservedName(found, phrases))
    notes.push({ message: `'${found.text}' is a keyword of nft and names nothing` });
  const fixes: DiagnosticFix[] = near === undefined ? [] : [{ span: found.span, text: near }];
  return {
    code: 'syntax-error',
    severity: 'error',
    message:
      near === undefined
        ? `unexpected ${describeFound(found)}`
        : `unexpected ${describeFound(found)}; did you mean '${near}'?`,
    span: found.span,
    ...(notes.length > 0 ? { notes } : {}),
    ...(fixes.length > 0 ? { fixes } : {}),
  };
}

const lineEnd = "a newline or ';'";

/** nft wants a separator even in front of the brace that closes the block. */
function missingSeparator({ span }: FoundToken): Diagnostic {
  return {
    code: 'missing-separator',
    severity: 'error',
    message: `expected ${lineEnd} in front of '}'`,
    span,
    fixes: [{ span: { ...span, to: span.from }, text: '; ' }],
  };
}

/** `5mbytes` is five minutes and a word. */
const isUnitOfTime = ({ text, following }: FoundToken): boolean =>
  /^\d+m$/.test(text) && following.startsWith('bytes');

function misreadWord(found: FoundToken): Diagnostic {
  return {
    code: 'keyword-as-name',
    severity: 'error',
    message: `'${found.text}' is a keyword in this place`,
    span: found.span,
    notes: [{ message: 'put it in quotes if a value is meant; a name has to be another one' }],
  };
}

const isReservedName = ({ kind, text }: FoundToken, phrases: readonly string[]): boolean =>
  phrases.includes('a name') && kind < TokenKind.word && plainKinds[kind] !== true && isWord(text);
