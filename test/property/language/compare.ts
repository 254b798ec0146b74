// One text, judged by the reference and by the front half.

import type { Diagnostic } from '../../../src/source/diagnostic.ts';
import { comparePrinted } from '../../unit/reference/corpus.ts';
import { readPrinted } from '../../unit/reference/printed.ts';
import { frontHalf, machine, reasonOf } from '../../unit/reference/translate.ts';
import type { Answer } from './oracle.ts';

/**
 * `same`: both accept and the bytecode is equal, or both refuse. `unknown`: the reference crashed, or this kernel
 * lacks what the text asks for, so that it refuses what other kernels would take.
 */
export type Verdict = 'same' | 'unknown' | 'too strict' | 'too lax' | 'bytecode' | 'thrown';

export interface Comparison {
  readonly verdict: Verdict;
  readonly accepted: boolean;
  /** What to group by. */
  readonly cause: string;
  readonly detail: string;
}

const generic = (text: string): string =>
  text
    .replace(/`[^`]*`|'[^']*'|"[^"]*"/g, '…')
    .replace(/\d+/g, 'N')
    .slice(0, 140);

/** What the test machine's kernel does not have, by what nft writes it as. */
const lacking =
  /\bqueue\b|flowtable|flow (?:add|offload)|[io]br(?:name|idgename)|ibrp?v|broute|ibrhw|osf|ct helper|ct timeout|secmark/;
const lackingKeys = /dccp option|[io]br(?:name|idgename)|ibrp?v|broute set|ibrhw/;
/** Connection tracking and reject of bridges. */
const lackingOfBridges = /\b(?:ct|reject|synproxy|notrack|masquerade)\b/;

function lacks(text: string, stderr: string): boolean {
  const isBridge = /\bbridge\b/.test(text) && lackingOfBridges.test(text);
  if (/Protocol error/.test(stderr)) return isBridge;
  if (/Operation not supported/.test(stderr)) return isBridge || lackingKeys.test(text);
  return /No such file/.test(stderr) && (isBridge || lacking.test(text));
}

const errorsOf = (stderr: string): readonly string[] => stderr.match(/Error: [^\n]*/g) ?? [stderr.trim()];

const removes = /^\s*(?:flush|delete|destroy|replace|rename|reset)\b/m;

function isKernels(errors: readonly string[]): boolean {
  return errors.every(error => error.startsWith('Error: Could not process rule'));
}

function hasFailed({ severity }: Diagnostic): boolean {
  return severity === 'error' || severity === 'refusal';
}

export function compare(text: string, answer: Answer): Comparison {
  const ours = frontHalf(text, machine);
  const reason = reasonOf(ours);
  if (ours.thrown !== undefined) {
    const { stack = '' } = ours.thrown as Error;
    return {
      verdict: 'thrown',
      accepted: false,
      cause: reason,
      detail: stack.split('\n').slice(0, 5).join('\n'),
    };
  }
  if (answer === 'crashed') return { verdict: 'unknown', accepted: false, cause: 'crashed', detail: '' };
  const weAccept = ours.printed !== undefined;
  const errors = answer.ok ? [] : errorsOf(answer.stderr);
  const isLacking = !answer.ok && isKernels(errors) && lacks(text, answer.stderr);
  if (!answer.ok && !isLacking) {
    if (!weAccept) return { verdict: 'same', accepted: false, cause: '', detail: '' };
    return { verdict: 'too lax', accepted: false, cause: generic(errors[0]!), detail: answer.stderr.trim() };
  }
  if (!weAccept) {
    if (isLacking) return { verdict: 'unknown', accepted: true, cause: 'kernel', detail: '' };
    const where = ours.diagnostics.find(hasFailed)?.span;
    return {
      verdict: 'too strict',
      accepted: true,
      cause: generic(reason),
      detail: `${reason}${where === undefined ? '' : ` at ${JSON.stringify(text.slice(where.from, where.to))}`}`,
    };
  }
  // nft prints command by command, so what goes away again stays in its print.
  if (removes.test(text)) return { verdict: 'same', accepted: true, cause: '', detail: '' };
  const differences = comparePrinted(readPrinted(answer.stdout), readPrinted(ours.printed!));
  if (differences.length === 0) return { verdict: 'same', accepted: true, cause: '', detail: '' };
  return {
    verdict: 'bytecode',
    accepted: true,
    cause: causeOf(differences[0]!),
    detail: differences.join('\n'),
  };
}

/** The first expression that differs, without its numbers. */
function causeOf(difference: string): string {
  const [expected = '', ours = ''] = difference.split('\nours:');
  const lines = (part: string): string[] =>
    part
      .split('\n')
      .map(line => line.trim())
      .filter(line => line.startsWith('['));
  const [left, right] = [lines(expected), lines(ours)];
  const at = left.findIndex((line, index) => line !== right[index]);
  const shape = (line: string | undefined): string =>
    (line ?? '(none)').replace(/0x[0-9a-f]+|\d+/g, 'N').slice(0, 60);
  return difference.startsWith('set ')
    ? `set ${difference.replace(/0x[0-9a-f]+|\d+|[0-9a-f]{8}/g, 'N').slice(0, 60)}`
    : `${shape(left[at === -1 ? left.length : at])} / ${shape(right[at === -1 ? left.length : at])}`;
}
