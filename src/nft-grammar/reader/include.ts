// `include "path"`: the lines of another file as if they stood here. nft itself counts nesting and has no other guard
// against a file that includes itself; that always ends in its limit, so it is reported at once.

import type { TextLiteral } from '../../ast/nodes/index.ts';
import type { Span } from '../../source/span.ts';
import { TokenKind } from '../token.ts';
import { type Body, readFile } from './body.ts';
import { type Follower, LineReader } from './line-reader.ts';

const isPattern = (path: string): boolean => /[*?[]/.test(path);

export function includeFiles(reader: LineReader, path: TextLiteral, body: Body): void {
  const { session } = reader;
  const { include } = session;
  if (include === undefined) {
    const notes = [{ message: 'no way to read files was given' }];
    session.error('include-unavailable', `cannot include '${path.text}'`, path.span, { notes });
    return;
  }
  // A pattern that matches nothing is no error to nft.
  const paths = isPattern(path.text) ? include.list(path.text) : [path.text];
  for (const [index, each] of paths.entries()) {
    const next = paths[index + 1];
    includeFile(
      reader,
      each,
      path.span,
      body,
      next === undefined ? followerOf(reader) : startOf(include.read(next)),
    );
  }
}

/** Whether the last line has an end of its own. nft reads on behind the include as if the texts were one. */
function isTerminated(text: string): boolean {
  let end = text.length;
  while (end > 0 && (text[end - 1] === ' ' || text[end - 1] === '\t')) end--;
  return end === 0 || text[end - 1] === '\n' || text[end - 1] === ';';
}

/** At the end of a file nft reads on in the one that includes it. */
function followerOf(reader: LineReader): Follower {
  if (reader.atSeparator) return 'separator';
  return reader.kind === TokenKind.fileEnd ? reader.follower : 'statement';
}

const startOf = (text: string | undefined): Follower =>
  /^[ \t]*[\n;]/.test(text ?? '') ? 'separator' : 'statement';

/** A comment has to end with a newline of its own. */
function endsInComment(text: string): boolean {
  return text.includes('#', text.lastIndexOf('\n') + 1);
}

function includeFile(reader: LineReader, path: string, span: Span, body: Body, follower: Follower): void {
  const { session } = reader;
  const chain = reader.including;
  if (chain.includes(path)) {
    const way = [...chain.slice(chain.indexOf(path)), path].join(' -> ');
    session.error('include-cycle', `'${path}' includes itself`, span, { notes: [{ message: way }] });
    return;
  }
  if (chain.length >= session.limits.includeDepth) {
    const message = `includes are nested more than ${session.limits.includeDepth} levels deep`;
    session.error('include-depth', message, span);
    return;
  }
  const text = session.include!.read(path);
  if (text === undefined) {
    session.error('file-not-found', `there is no file '${path}'`, span);
    return;
  }
  const isOpen = !isTerminated(text);
  // What separates the lines around the include ends the last line of the file, too; where nothing does, that is the error.
  const ended = isOpen && follower !== 'end' && !endsInComment(text) ? `${text}\n` : text;
  const file = session.addFile(path, ended, span);
  if (file === undefined) return;
  readFile(new LineReader(session, file, reader.readRules, [...chain, path], follower), body);
  if (isOpen && follower === 'statement')
    session.error(
      'unterminated-file',
      `the last line of '${path}' does not end before what follows here`,
      span,
    );
}
