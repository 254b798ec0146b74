// `include "path"`: the lines of another file as if they stood here. nft itself counts nesting and has no other guard
// against a file that includes itself; that always ends in its limit, so it is reported at once.

import type { TextLiteral } from '../../ast/nodes/index.ts';
import type { Span } from '../../source/span.ts';
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
  const followers = followersOf(reader, paths);
  for (const [index, each] of paths.entries()) includeFile(reader, each, path.span, body, followers[index]!);
}

/** What stands behind each of the files. */
function followersOf(reader: LineReader, paths: readonly string[]): readonly Follower[] {
  const { source, scanner, session } = reader;
  const followers: Follower[] = [];
  let follower = ahead(source.text, scanner.from, reader.follower);
  for (const path of [...paths].reverse()) {
    followers.unshift(follower);
    if (followers.length < paths.length) follower = ahead(session.include!.read(path) ?? '', 0, follower);
  }
  return followers;
}

/** What nft reads from a place in a text on: at its end it reads on in the text that includes it. */
function ahead(text: string, from: number, behind: Follower): Follower {
  let count = 0;
  let lineIsBlank = from === 0 || text[from - 1] === '\n';
  for (let at = from; at < text.length; at++) {
    const character = text[at]!;
    if (character === '\n' || character === ';') {
      count++;
      lineIsBlank = character === '\n';
    } else if (character === '#') {
      const end = text.indexOf('\n', at);
      // A comment on a line of its own takes its newline with it.
      at = end < 0 ? text.length : lineIsBlank ? end : end - 1;
    } else if (character !== ' ' && character !== '\t') return { separators: count, rest: 'statement' };
  }
  return { separators: count + behind.separators, rest: behind.rest };
}

/** Whether the last line has an end of its own. nft reads on behind the include as if the texts were one. */
function isTerminated(text: string): boolean {
  let end = text.length;
  while (end > 0 && (text[end - 1] === ' ' || text[end - 1] === '\t')) end--;
  return end === 0 || text[end - 1] === '\n' || text[end - 1] === ';';
}

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
  const isEnded = isOpen && !endsInComment(text) && follower.separators > 0;
  const isContinued = isOpen && follower.separators === 0 && follower.rest === 'statement';
  // The first separator behind the include ends the last line of the file; where a statement stands, that is the error.
  const ended = isEnded || isContinued ? `${text}\n` : text;
  const file = session.addFile(path, ended, span);
  if (file === undefined) return;
  const behind = isEnded ? { ...follower, separators: follower.separators - 1 } : follower;
  readFile(new LineReader(session, file, reader.readRules, [...chain, path], behind), body);
  if (isContinued)
    session.error(
      'unterminated-file',
      `the last line of '${path}' does not end before what follows here`,
      span,
    );
}
