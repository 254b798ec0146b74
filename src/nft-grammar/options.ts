// What `parse` takes and gives.

import type { Command } from '../ast/nodes/index.ts';
import type { Diagnostic } from '../source/diagnostic.ts';
import type { SourceFile } from '../source/span.ts';

/** A text. `name` is what diagnostics call it; without one it is called `<input>`. */
export type TextInput = string | { readonly name: string; readonly text: string };

/** A ruleset as text, nft's or libnftables JSON (libnftables-json(5)), or what such JSON was parsed to. */
export type SourceInput = TextInput | { readonly nftables: readonly unknown[] };

/** How `include` reaches other files. Without it, an include is an error. Neither function may throw. */
export interface IncludeReader {
  /**
   * The text of a file, or undefined if there is none; to nft a directory is an empty file. Paths are as written; relative
   * ones are the reader's to resolve.
   */
  readonly read: (path: string) => string | undefined;
  /** Paths that match a glob pattern (`*`, `?`, `[…]`), sorted, without hidden files. */
  readonly list: (pattern: string) => readonly string[];
}

/** Safe defaults stand in `defaultLimits`. What goes over a limit is an error that names the limit. */
export interface ParseLimits {
  /** UTF-16 code units of all files together. */
  readonly sourceLength: number;
  /** Tokens of one rule or declaration; elements of set literals count apart. */
  readonly ruleTokens: number;
  /** Braces and parentheses inside each other. */
  readonly depth: number;
  /** Includes inside each other; nft's own limit is 16. */
  readonly includeDepth: number;
  /** Files read in all. */
  readonly files: number;
  /** Errors reported; parsing ends there. */
  readonly errors: number;
  /** Values that variables stand for, counted at each use; `evaluate` stops using variables there. */
  readonly expansions: number;
}

export const defaultLimits: ParseLimits = {
  sourceLength: 128 * 1024 * 1024,
  ruleTokens: 2048,
  depth: 32,
  includeDepth: 16,
  files: 4096,
  errors: 100,
  expansions: 4_000_000,
};

export interface ParseOptions {
  /** What the source is. By default JSON if it begins with `{`, as no nft text does; `before` is always told by that. */
  readonly format?: 'nft' | 'json';
  /** A ruleset that is there already when the commands come; variables of the one are unknown in the other. */
  readonly before?: SourceInput;
  readonly include?: IncludeReader;
  readonly limits?: Partial<ParseLimits>;
  /**
   * A limit on time: asked now and then (every 64 statements, elements or rules), true ends the work with an error. The
   * core reads no clock; `() => Date.now() > end` is the caller's.
   */
  readonly isOverdue?: () => boolean;
}

export interface ParseResult {
  /** In the order they are to be applied. Commands with errors in them are left out. */
  readonly commands: readonly Command[];
  /** Those of `ParseOptions.before`. */
  readonly before?: readonly Command[];
  /** `files[span.file]` is the file of a span. */
  readonly files: readonly SourceFile[];
  readonly diagnostics: readonly Diagnostic[];
}
