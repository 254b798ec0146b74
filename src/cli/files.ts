// Reading and writing files for the commands. Output is written beside its place and then renamed, so that whoever
// looks sees the old file or the whole new one.

import { mkdirSync, readdirSync, readFileSync, renameSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { globMatcher, isGlob } from '../source/glob.ts';

/** A file that cannot be read or written; the message names it and says why. */
export class FileError extends Error {}

function reason(error: unknown): string {
  const code = error instanceof Error && 'code' in error ? String(error.code) : '';
  const known: Readonly<Record<string, string>> = {
    ENOENT: 'no such file or directory',
    EACCES: 'permission denied',
    EISDIR: 'is a directory',
    ENOTDIR: 'not a directory',
    EEXIST: 'is in the way',
    ENOSPC: 'no space left on the device',
    EROFS: 'read-only file system',
  };
  return known[code] ?? (code || String(error));
}

function attempt<T>(name: string, action: () => T): T {
  try {
    return action();
  } catch (error) {
    throw new FileError(`${name}: ${reason(error)}`);
  }
}

/** `-` is the standard input. */
export function readBytes(name: string): Uint8Array {
  return attempt(name, () => readFileSync(name === '-' ? 0 : name));
}

/** UTF-8, as nft reads it: a byte order mark is no blank. */
export function textOf(bytes: Uint8Array): string {
  return new TextDecoder('utf-8', { ignoreBOM: true }).decode(bytes);
}

export function readText(name: string): string {
  return textOf(readBytes(name));
}

/** What `parse` needs to follow `include`: a file's text, and the names that match a pattern, sorted as glob(3) does. */
export const includes: {
  readonly read: (path: string) => string | undefined;
  readonly list: (pattern: string) => readonly string[];
} = {
  read(path) {
    try {
      // A directory is read as nothing, as nft does.
      return statSync(path === '' ? '.' : path).isDirectory() ? '' : readFileSync(path, 'utf8');
    } catch {
      return undefined;
    }
  },
  list(pattern) {
    const segments = pattern.split('/');
    const start = pattern.startsWith('/') ? '/' : '.';
    const found = segments
      .filter(Boolean)
      .reduce<readonly string[]>(
        (directories, segment) => directories.flatMap(directory => matches(directory, segment)),
        [start],
      );
    return found.map(path => (pattern.startsWith('./') || start === '/' ? path : path.replace(/^\.\//, '')));
  },
};

function matches(directory: string, segment: string): readonly string[] {
  const join = (name: string): string => (directory === '/' ? `/${name}` : `${directory}/${name}`);
  if (segment === '.') return [directory];
  if (!isGlob(segment)) return [join(segment)];
  const isMatch = globMatcher(segment);
  try {
    return readdirSync(directory).filter(isMatch).sort().map(join);
  } catch {
    return [];
  }
}

function stage(path: string, content: Uint8Array | string): string {
  const partial = join(dirname(path), `.${basename(path)}.${process.pid}.partial`);
  attempt(path, () => writeFileSync(partial, content));
  return partial;
}

/** Writes all files in full beside their places before the first one takes its place; on failure none is left behind. */
function writeAll(contents: ReadonlyMap<string, Uint8Array | string>): void {
  const staged: [string, string][] = [];
  try {
    for (const [path, content] of contents) staged.push([stage(path, content), path]);
    for (const [partial, path] of staged) attempt(path, () => renameSync(partial, path));
  } finally {
    for (const [partial] of staged) rmSync(partial, { force: true });
  }
}

export function writeOutput(path: string, content: Uint8Array | string): void {
  writeAll(new Map([[path, content]]));
}

/** Files that belong together, by their paths; `directory` is made before if need be. */
export function writeOutputs(contents: ReadonlyMap<string, Uint8Array>, directory?: string): void {
  if (directory !== undefined) attempt(directory, () => mkdirSync(directory, { recursive: true }));
  writeAll(contents);
}
