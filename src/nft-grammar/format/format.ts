// The formatter: the same commands in the same words, with the blanks and line ends that nft's own listing would have.
// Comments, definitions, includes and the layout of element lists stay as the user wrote them.

import type { Diagnostic } from '../../source/diagnostic.ts';
import { isJson } from '../../source/json-path.ts';
import type { SourceFile } from '../../source/span.ts';
import type { ParseLimits, TextInput } from '../options.ts';
import { parse } from '../parse.ts';
import { Layout } from './layout.ts';
import { readPieces } from './pieces.ts';

export interface FormatOptions {
  /** What a line is indented by for each block around it; default a tab, as `nft list` has it. Blanks and tabs only. */
  readonly indent?: string;
  readonly limits?: Partial<ParseLimits>;
}

export interface FormatResult {
  /** False if the text cannot be read; `text` is then what was given. */
  readonly ok: boolean;
  readonly text: string;
  readonly files: readonly SourceFile[];
  readonly diagnostics: readonly Diagnostic[];
}

/** What a formatter need not know: what is in other files, and what names stand for. A missing last newline is put there. */
const unimportant: ReadonlySet<string> = new Set(['unknown-variable', 'redefinition', 'missing-newline']);

/** Every file that is included is empty: a formatter looks at one file. */
const include = { read: (): string => '', list: (): readonly string[] => [] };

/**
 * Formats one file of nft text. It says the same before and after, token by token, and formatting twice changes nothing. Never throws
 * on input: what cannot be read is in `diagnostics`, with its place.
 *
 * @example
 * ```ts
 * import { format } from 'nft2bpf';
 *
 * console.log(format('add  rule ip t c tcp dport{22,80}accept  # ssh, web\n').text);
 * // add rule ip t c tcp dport { 22, 80 } accept # ssh, web
 * ```
 */
export function format(source: TextInput, options: FormatOptions = {}): FormatResult {
  const { limits, indent = '\t' } = options;
  const parsed = parse(source, { format: 'nft', include, ...(limits && { limits }) });
  const { files } = parsed;
  const text = typeof source === 'string' ? source : source.text;
  if (isJson(text)) return { ok: false, text, files, diagnostics: [notText(files)] };
  const diagnostics = parsed.diagnostics.filter(({ code }) => !unimportant.has(code));
  if (diagnostics.some(({ severity }) => severity === 'error'))
    return { ok: false, text, files, diagnostics };
  return { ok: true, text: new Layout(readPieces(text), indent).print(), files, diagnostics };
}

function notText([file]: readonly SourceFile[]): Diagnostic {
  return {
    code: 'not-nft-text',
    severity: 'error',
    message: 'this is libnftables JSON; only nft text has a layout',
    ...(file && { span: { file: file.id, from: 0, to: 1 } }),
  };
}
