// One request to one answer, as data: what `nft2bpf batch` does for each line, and what a worker or another process may do
// for each message. Nothing is kept from one request to the next.

import type { TextInput } from '../nft-grammar/options.ts';
import { type Diagnostic, hasFailure } from '../source/diagnostic.ts';
import type { TranslateOptions } from '../translate.ts';
import { type AnswerDiagnostic, answerDiagnostics } from './answer-diagnostic.ts';
import { type Outcome, operate } from './operations.ts';
import { type Operation, operations, type RequestOptions, readOptions } from './options.ts';
import { exactJson, InexactNumber, isObject } from './values.ts';
import { WrongOption } from './wrong-option.ts';

/** What a request is known by: a string, or a whole number up to 2^53 - 1. */
export type RequestId = string | number | null;

export interface Answer {
  /** That of the request; `null` if it has none, or none that can be given back. */
  readonly id: RequestId;
  /** False if one of the diagnostics is an error or a refusal. */
  readonly ok: boolean;
  readonly diagnostics: readonly AnswerDiagnostic[];
  /** `null` unless `ok`. Text for `ir` and `print`, plain data for the others. */
  readonly output: string | object | null;
}

/** An answer to what is no request: one error without a place. */
export function errorAnswer(code: string, message: string, id: RequestId = null): Answer {
  const error: Diagnostic = { code, severity: 'error', message };
  return { id, ok: false, diagnostics: answerDiagnostics([error], []), output: null };
}

const memberNames = ['id', 'op', 'ruleset', 'options'];

function idOf({ id = null }: Readonly<Record<string, unknown>>): RequestId | undefined {
  return id === null || typeof id === 'string' || Number.isSafeInteger(id) ? (id as RequestId) : undefined;
}

/** What is wrong with the members of a request; `undefined` if nothing is. */
function problemOf(request: Readonly<Record<string, unknown>>): string | undefined {
  const { op, ruleset, options = {} } = request;
  const unknown = Object.keys(request).find(name => !memberNames.includes(name));
  if (unknown !== undefined) return `a request has ${memberNames.join(', ')}, not '${unknown}'`;
  if (idOf(request) === undefined) return 'id is a string or a whole number up to 2^53 - 1';
  if (!operations.some(name => name === op)) return `op is one of ${operations.join(', ')}`;
  if (typeof ruleset !== 'string' && !isObject(ruleset)) return 'ruleset is a string or a JSON object';
  if (!isObject(options)) return 'options is an object';
  return undefined;
}

/** A ruleset that came as a JSON object is read as its text. */
function sourceOf(ruleset: unknown, { name }: RequestOptions): TextInput {
  const text = typeof ruleset === 'string' ? ruleset : exactJson(ruleset, 'ruleset');
  return name === undefined ? text : { name, text };
}

function outcomeOf(request: Readonly<Record<string, unknown>>, defaults: TranslateOptions): Outcome {
  const op = request['op'] as Operation;
  const given = (request['options'] ?? {}) as Readonly<Record<string, unknown>>;
  const options = { ...defaults, ...readOptions(op, given) };
  return operate[op](sourceOf(request['ruleset'], options), options);
}

/** A defect of this package, or a ruleset beyond what the machine has memory or stack for: the next request is not harmed. */
function afterThrow(error: unknown, id: RequestId): Answer {
  if (error instanceof InexactNumber) return errorAnswer('invalid-request', error.message, id);
  if (error instanceof WrongOption)
    return errorAnswer('invalid-option', `options.${error.option} ${error.message}`, id);
  return errorAnswer('internal-error', `nft2bpf failed on this request: ${String(error)}`, id);
}

/**
 * Answers a request, `{ id, op, ruleset, options }`; docs/embedding.md has all members. Never throws, and reads nothing from the
 * machine. `defaults` are options for requests that do not say themselves.
 *
 * @example
 * ```ts
 * import { answer } from 'nft2bpf';
 *
 * const { id, ok, output } = answer({ id: 7, op: 'ir', ruleset: 'table ip t { chain c { tcp dport 22 accept; }; }' });
 * console.log(id, ok, output);
 * // 7 true ip t c
 * //   [ meta load l4proto => reg 1 ]
 * //   [ cmp eq reg 1 0x06 ]
 * //   [ payload load 2b @ transport header + 2 => reg 1 ]
 * //   [ cmp eq reg 1 0x0016 ]
 * //   [ immediate reg 0 accept ]
 * ```
 */
export function answer(request: unknown, defaults: TranslateOptions = {}): Answer {
  if (!isObject(request)) return errorAnswer('invalid-request', 'a request is a JSON object');
  const id = idOf(request) ?? null;
  const problem = problemOf(request);
  if (problem !== undefined) return errorAnswer('invalid-request', problem, id);
  try {
    const { diagnostics, sources, output } = outcomeOf(request, defaults);
    const ok = !hasFailure(diagnostics);
    return { id, ok, diagnostics: answerDiagnostics(diagnostics, sources), output: ok ? output : null };
  } catch (error) {
    return afterThrow(error, id);
  }
}
