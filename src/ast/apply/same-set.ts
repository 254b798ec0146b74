// A set that is declared again: the kernel takes a second declaration if it says the same of what cannot change, and
// takes over what can.

import { SetFlag } from '../../model/set-flags.ts';
import { fail } from '../type/failure.ts';
import type { OpenSet } from '../type/scope.ts';
import type { TypedPart, TypedSet } from '../type/typed.ts';

function typeText(parts: readonly TypedPart[]): string {
  return parts.map(({ type, bits }) => `${type.name} of ${bits} bits`).join(' . ');
}

function dataText({ data }: TypedSet): string {
  if (data === undefined) return 'nothing';
  if (data.kind === 'object') return `objects of type ${data.objectType}`;
  return data.kind === 'verdict' ? 'verdicts' : typeText(data.parts);
}

const flagNames = Object.entries(SetFlag);

/** That rules may add elements (`dynamic`) is not taken back by a declaration without it. */
function flagsText({ flags }: TypedSet, known: TypedSet): string {
  const all = flags | (known.flags & SetFlag.eval);
  return (
    flagNames
      .filter(([, bit]) => (all & bit) !== 0)
      .map(([name]) => name)
      .join(', ') || 'none'
  );
}

function statementsText({ statements }: TypedSet): string {
  return statements.map(statement => statement.kind).join(', ') || 'none';
}

type Property = readonly [name: string, read: (of: TypedSet, known: TypedSet) => string];

const properties: readonly Property[] = [
  ['key type', ({ keyParts }) => typeText(keyParts)],
  ['data', dataText],
  ['flags', flagsText],
  ['statements', statementsText],
];

/** Fails at the second declaration, with both values of the first property that differs. */
function checkSameSet(known: TypedSet, given: TypedSet): void {
  for (const [name, read] of properties) {
    const before = read(known, known);
    const now = read(given, known);
    if (before === now) continue;
    const message = `set \`${given.name}\` exists with ${name} ${before}, not ${now}`;
    fail('set-differs', message, given.span, {
      notes: [{ message: 'declared here', span: known.span }],
    });
  }
}

/** The size is kept where none is given; the times are not. Everything else stays as it was. */
export function declareAgain(known: OpenSet, given: TypedSet): void {
  checkSameSet(known, given);
  delete known.timeout;
  delete known.gcInterval;
  const { size, timeout, gcInterval } = given;
  Object.assign(
    known,
    size !== undefined && { size },
    timeout !== undefined && { timeout },
    gcInterval !== undefined && { gcInterval },
  );
}
