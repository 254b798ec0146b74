// Inputs that are spread over files: each line of a ruleset may stand in a file of its own, found by name, by a path or by
// a pattern. The same tree of files is given to both: to the reference in a directory, to the front half as a reader.

import type { IncludeReader } from '../../../src/nft-grammar/options.ts';
import { Draw } from './draw.ts';
import type { Drawn } from './drawn.ts';
import { rule } from './statements.ts';

type Files = Record<string, string>;

/** Names that no other include path of nft has. */
const directories = ['nf-', 'nf-', 'nf-sub/', 'nf-sub/deep/', 'nf-rules.d/'];

function declaration(draw: Draw): string {
  return draw.one(
    d => `define ${d.pick(['a', 'b', 'port'])} = ${d.pick(['5', '$a', '{ 1, 2 }', '22'])}`,
    d => `redefine ${d.pick(['a', 'b', 'port'])} = ${d.pick(['5', '$b', '23'])}`,
    d => `undefine ${d.pick(['a', 'b'])}`,
    d => `add rule inet t c ${rule(d)}`,
    d => `add rule inet t c tcp dport ${d.pick(['$port', '$a', '{ $a, $b }', '22'])} accept`,
    'table inet t { chain d { drop; }; }',
    'add set inet t s { type mark; }',
    'add element inet t s { 1 }',
    '# a comment',
    'bogus line',
  );
}

const bodies: Readonly<Record<string, (draw: Draw) => string>> = {
  file: declaration,
  table: draw =>
    draw.one('chain e { accept; }', 'set q { type mark; }', 'define a = 6', 'counter k { }', 'accept'),
  chain: draw => draw.one('accept', 'tcp dport $port drop', 'define a = 7', 'counter', 'chain x { }'),
};

/** Lines for a place in a ruleset, some of which include others. */
function lines(draw: Draw, place: string, files: Files, depth: number): string {
  const one = (d: Draw): string =>
    depth < 3 && d.oneIn(2) ? include(d, place, files, depth + 1) : bodies[place]!(d);
  return draw.several(one, draw.pick(['\n', '\n', '; ']), 1, 3);
}

function include(draw: Draw, place: string, files: Files, depth: number): string {
  const directory = draw.pick(directories);
  const stem = draw.pick(['a', 'b', 'c', '10-x', '9-y', 'B']);
  const path = `${directory}${stem}.nft`;
  if (!draw.oneIn(12)) files[path] ??= `${lines(draw, place, files, depth)}${draw.pick(['\n', '\n', ''])}`;
  if (draw.oneIn(8)) files[`${directory}.${stem}.nft`] = 'bogus\n';
  const written = draw.one(
    path,
    path,
    `./${path}`,
    `${directory}*.nft`,
    `${directory}${stem}*`,
    `${directory}[a-c].nft`,
    `${directory}?.nft`,
    `${directory}nosuch*.nft`,
    `${directory}*`,
    directory.endsWith('/') ? directory.slice(0, -1) : './',
    'nf-*/*.nft',
    '../nf-a.nft',
  );
  return draw.oneIn(40) ? `include ${written}` : `include "${written}"`;
}

export function drawnIncludes(seed: number): Drawn {
  const draw = new Draw(seed);
  draw.family = 'inet';
  const files: Files = {};
  const parts = [
    lines(draw, 'file', files, 0),
    ...(draw.oneIn(2) ? [`table inet t {\n${lines(draw, 'table', files, 0)}\n}`] : []),
    ...(draw.oneIn(2) ? [`table inet t {\nchain c {\n${lines(draw, 'chain', files, 0)}\n}\n}`] : []),
  ];
  const start = 'define port = 22\nadd table inet t\nadd chain inet t other\nadd chain inet t c\n';
  const text = `${start}${[...draw.declarations, ...parts].join('\n')}\n`;
  const listing = Object.entries(files).map(([name, content]) => `== ${name}\n${content}`);
  return { text, files, subject: [parts.join('\n'), ...listing].join('\n') };
}

const expressionOf = (pattern: string): RegExp =>
  new RegExp(
    `^${pattern
      .replace(/[.+^${}()|\\]/g, '\\$&')
      .replaceAll('*', '[^/]*')
      .replaceAll('?', '[^/]')}$`,
  );

/** As glob(3) finds them: sorted by byte, hidden files only where the pattern has the dot. */
function matching(files: Files, pattern: string): readonly string[] {
  const isHidden = (path: string): boolean => path.split('/').some(part => part.startsWith('.'));
  const expression = expressionOf(pattern);
  return Object.keys(files)
    .filter(path => expression.test(path) && !isHidden(path))
    .sort();
}

/** The files below the include path, which is the current directory, too. A directory is read as nothing. */
export function readerOf(files: Files): IncludeReader {
  const plain = (path: string): string => path.replace(/^\.\//, '');
  const isDirectory = (path: string): boolean =>
    path === '.' ||
    path === '' ||
    Object.keys(files).some(name => name.startsWith(`${path.replace(/\/$/, '')}/`));
  return {
    read: path => files[plain(path)] ?? (isDirectory(plain(path)) ? '' : undefined),
    list: pattern =>
      matching(files, plain(pattern)).map(path => (pattern.startsWith('./') ? `./${path}` : path)),
  };
}
