// Disagreements that say nothing of the front half: the outcome depends on the machine, or on an error of the reference's
// own. Each is told by its cause, as narrowly as it can be, and counted. docs/differences.md lists them.

import type { FrontHalf } from '../../unit/reference/translate.ts';

interface Outcome {
  /** Everything that was loaded. */
  readonly text: string;
  /** What the reference says; empty if it accepts. */
  readonly errors: readonly string[];
  readonly ours: FrontHalf;
}

interface Cause {
  readonly cause: string;
  readonly applies: (outcome: Outcome) => boolean;
}

const declarations = /\b(?:set|map)\s+[^{}]*\{[^{}]*/g;

/** Only a set without ranges can be kept in the tree by mistake: by its size and policy. */
const isInTree = (declaration: string): boolean =>
  /policy memory/.test(declaration) && /\bsize \d/.test(declaration) && !/\binterval\b/.test(declaration);

const ourErrors = ({ diagnostics }: FrontHalf): readonly string[] =>
  diagnostics.flatMap(({ severity, code }) => (severity === 'error' || severity === 'refusal' ? [code] : []));

/** The reference accepts, and nothing else is wrong for us. */
const isOnly =
  (...codes: readonly string[]): Cause['applies'] =>
  ({ errors, ours }) =>
    errors.length === 0 && ourErrors(ours).length > 0 && ourErrors(ours).every(code => codes.includes(code));

/** What is wrong with elements, and found when the kernel takes them. */
const ofElements = [
  'unexpected-timeout',
  'duplicate-element',
  'set-full',
  'unknown-chain',
  'missing-data',
  'jump-to-base-chain',
];

/** All that the kernel refuses, which we take, is this. */
const isRefused = ({ errors, ours }: Outcome, message: string): boolean =>
  ours.printed !== undefined &&
  errors.length > 0 &&
  errors.every(error => error === `Error: Could not process rule: ${message}`);

/** nft itself refuses what we take, with this. */
const isNftError = ({ errors, ours }: Outcome, message: RegExp): boolean =>
  ours.printed !== undefined && errors.length > 0 && errors.every(error => message.test(error));

const causes: readonly Cause[] = [
  {
    cause:
      'Linux 6.18 keeps a set with `policy memory` and a size in a tree, and takes neighbours in it for overlaps',
    applies: outcome =>
      isRefused(outcome, 'File exists') && (outcome.text.match(declarations) ?? []).some(isInTree),
  },
  {
    cause: '`get element`: of a range that another one follows the kernel does not find the end',
    applies: outcome =>
      isRefused(outcome, 'No such file or directory') && /^(?:get|reset) element /m.test(outcome.text),
  },
  {
    cause: 'nft makes any range of a prefix in host byte order in a concatenation, and we refuse it',
    applies: isOnly('unturned-prefix'),
  },
  {
    cause: 'elements of a declaration that the same run flushes never leave nft, whatever is wrong with them',
    applies: outcome => isOnly(...ofElements)(outcome) && /^flush (?:set|map) /m.test(outcome.text),
  },
  {
    cause: 'a number or keyword in a variable as a device: nft takes its bytes for a name',
    applies: outcome => isOnly('bad-device')(outcome) && /\bdevices? .*\$/.test(outcome.text),
  },
  {
    cause:
      'nft sends what a merging set was declared with under other names once more, so that `create` meets other elements',
    applies: outcome =>
      isOnly('duplicate-element')(outcome) &&
      outcome.ours.diagnostics.some(({ message }) => message.includes('which nft sends again')) &&
      /^create element /m.test(outcome.text),
  },
  {
    cause: 'a literal `*` at the end of a string that nft evaluates twice, the second time as a pattern',
    applies: outcome =>
      isNftError(outcome, /^Error: Binary operation \([&|^]\) is undefined for prefix expressions$/) &&
      outcome.text.includes('\\*'),
  },
  {
    cause:
      "nft's scanner: somewhere behind a rate without a burst it reads `sctp chunk … type` and an operator wrongly",
    applies: outcome =>
      isNftError(outcome, /^Error: syntax error, unexpected junk$/) &&
      /limit rate [^;\n]*\/(?:second|minute|hour|day|week)\b[^;\n]* sctp chunk \S+ type [<>!=]/.test(
        outcome.text,
      ),
  },
  {
    cause: 'nft reads the rules of one chain only, the last one that `reset rules` or `list chain` names',
    applies: outcome =>
      isNftError(outcome, /^Error: No such file or directory(?:; did you mean .*)?$/) &&
      /^reset rules? /m.test(outcome.text) &&
      (outcome.text.match(/^(?:reset rules?|list chain|rename chain) /gm) ?? []).length > 1,
  },
  {
    cause: '`*` taken out of a merging set that holds the largest value, which nft takes it for',
    applies: outcome =>
      isOnly('unknown-element')(outcome) &&
      /auto-merge/.test(outcome.text) &&
      /^(?:delete|destroy) element [^\n]*[{,] *\*/m.test(outcome.text),
  },
  {
    cause: 'a statement begins in an included file and goes on behind the include',
    applies: isOnly('unterminated-file'),
  },
];

/** Why a disagreement does not count, if it does not. */
export function asideFor(outcome: Outcome): string | undefined {
  return causes.find(({ applies }) => applies(outcome))?.cause;
}
