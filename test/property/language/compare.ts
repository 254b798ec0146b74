// One text, judged by the reference and by the front half.

import { printRuleset } from '../../../src/lower/lift/print.ts';
import type { Diagnostic } from '../../../src/source/diagnostic.ts';
import { isSameListing } from '../../unit/listing/listing.ts';
import { comparePrinted } from '../../unit/reference/corpus.ts';
import { readPrinted } from '../../unit/reference/printed.ts';
import {
  type FrontHalf,
  frontHalf,
  machine,
  reasonOf,
  type Surroundings,
} from '../../unit/reference/translate.ts';
import { asideFor } from './aside.ts';
import { readerOf } from './includes.ts';
import type { Answer, Question } from './oracle.ts';

/**
 * `same`: both accept and the bytecode is equal, or both refuse. `unknown`: the reference crashed, or this kernel
 * lacks what the text asks for, so that it refuses what other kernels would take. `aside`: they disagree for a reason that
 * is not the front half's (aside.ts).
 */
export type Verdict = 'same' | 'unknown' | 'aside' | 'too strict' | 'too lax' | 'bytecode' | 'thrown';

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

/** A set that merges keeps something else than what `create` sends. */
const removes = /^\s*(?:flush|delete|destroy|replace|rename|create element|reset(?! tcp option))\b/m;

/** What nft says of an error of the kernel; a name that is like one that is not found it adds itself. */
const ofKernel = /^Error: (?:Could not process rule|No such file or directory; did you mean)/;

function isKernels(errors: readonly string[]): boolean {
  return errors.every(error => ofKernel.test(error));
}

function hasFailed({ severity }: Diagnostic): boolean {
  return severity === 'error' || severity === 'refusal';
}

/** What is there in the end counts where commands take away, or act on what was there before. */
function isListed({ text, before }: Question): boolean {
  return before !== undefined || removes.test(text);
}

/** `list ruleset` without options. */
const plainListing = 0;

/** The question with all that `compare` needs to know. */
export function comparable<T extends Question>(question: T): T {
  return isListed(question) ? { ...question, listings: [plainListing] } : question;
}

/** The ruleset that the reference lists, as the front half prints it; without what a clock changes. */
function printedListing(listing: string): string | undefined {
  return frontHalf(listing.replaceAll(/ expires \S+/g, ''), machine).printed;
}

/** A list that is read again may be something else than what it lists. */
function listsAlike({ ir }: FrontHalf, listed: string | undefined): boolean {
  return ir !== undefined && listed !== undefined && isSameListing(listed, printRuleset(ir, machine));
}

/** What the input asks for, whole. */
const wholeText = ({ before = '', text, files = {} }: Question): string =>
  [before, text, ...Object.values(files)].join('\n');

/**
 * Without what a list says in other words (`ct reply ip daddr`), and what a clock rounds: the kernel counts in ticks. And without what a rule that adds to a set makes of it: a list that is read again gives the flag to sets that the kernel
 * made without it, and the kernel gives a size to those that have none.
 */
const withoutDynamic = (printed: string): string =>
  printed
    .replaceAll(' size 65535', '')
    .replaceAll(/ timeout \d+ms|\[ last \d+ \]/g, '')
    .replaceAll(/(ct load (?:src|dst))_ip6?/g, '$1')
    .replaceAll(/^(family \d+ \S+ \S+ )([0-9a-f]+)/gm, (_, name: string, flags: string) => {
      return `${name}${(Number.parseInt(flags, 16) & ~0x20).toString(16)}`;
    });

function surroundings({ before, files }: Question): Surroundings {
  return {
    ...(before !== undefined && { before }),
    ...(files !== undefined && { include: readerOf(files) }),
  };
}

export function compare(question: Question, answer: Answer): Comparison {
  // The library ends a text with a newline of its own.
  const ours = frontHalf(`${question.text}\n`, machine, surroundings(question));
  const comparison = compareWith(question, answer, ours);
  const differs = comparison.verdict === 'too strict' || comparison.verdict === 'too lax';
  if (!differs || answer === 'crashed') return comparison;
  const errors = answer.ok ? [] : errorsOf(answer.stderr);
  const cause = asideFor({ text: wholeText(question), errors, ours });
  return cause === undefined ? comparison : { ...comparison, verdict: 'aside', cause };
}

function compareWith(question: Question, answer: Answer, ours: FrontHalf): Comparison {
  const { text } = question;
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
  const isLacking = !answer.ok && isKernels(errors) && lacks(wholeText(question), answer.stderr);
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
  if (isListed(question) && !answer.ok) return { verdict: 'same', accepted: true, cause: '', detail: '' };
  const theirs = isListed(question) ? printedListing(answer.listed[0] ?? '') : answer.stdout;
  if (theirs === undefined) return { verdict: 'unknown', accepted: true, cause: 'listing', detail: '' };
  const normal = isListed(question) ? withoutDynamic : (printed: string): string => printed;
  const differences = comparePrinted(readPrinted(normal(theirs)), readPrinted(normal(ours.printed!)));
  const isAlike = differences.length === 0 || (isListed(question) && listsAlike(ours, answer.listed[0]));
  if (isAlike) return { verdict: 'same', accepted: true, cause: '', detail: '' };
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
