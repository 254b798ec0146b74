// A set that is declared again: the kernel takes a second declaration if it says the same of what cannot change, and
// takes over what can.

import type { MapDeclaration, SetDeclaration, SetKey } from '../nodes/index.ts';
import { fail } from '../type/failure.ts';

type Declaration = SetDeclaration | MapDeclaration;

/** Types by name; what `typeof` means is not known yet. */
function typeText(key: SetKey | undefined): string | undefined {
  return key?.kind === 'type' ? key.parts.map(part => part.text).join(' . ') : undefined;
}

function dataText(declaration: Declaration): string | undefined {
  if (declaration.kind !== 'map_declaration') return 'nothing';
  const { data } = declaration;
  if (data?.kind === 'type') return data.parts.map(part => part.text).join(' . ');
  return data?.kind === 'object' ? `${data.objectType} objects` : undefined;
}

/** A timeout implies the flag; that rules may add elements (`dynamic`) is not taken back by a declaration without it. */
function flagsText({ flags, timeout }: Declaration, known: Declaration): string {
  const all = new Set<string>(flags);
  if (timeout !== undefined) all.add('timeout');
  if (known.flags.includes('dynamic')) all.add('dynamic');
  return [...all].sort().join(', ') || 'none';
}

function statementsText({ statements }: Declaration): string {
  return statements.map(statement => statement.kind).join(', ') || 'none';
}

type Property = readonly [name: string, read: (of: Declaration, known: Declaration) => string | undefined];

const properties: readonly Property[] = [
  ['key type', declaration => typeText(declaration.key)],
  ['data', dataText],
  ['flags', flagsText],
  ['statements', statementsText],
];

/** Fails at the second declaration, with both values of the first property that differs. */
export function checkSameSet(known: Declaration, given: Declaration): void {
  for (const [name, read] of properties) {
    const before = read(known, known);
    const now = read(given, known);
    if (before === undefined || now === undefined || before === now) continue;
    const message = `set \`${given.name.text}\` exists with ${name} ${before}, not ${now}`;
    const notes = [{ message: 'declared here', span: known.name.span }];
    fail('set-differs', message, given.name.span, { notes });
  }
}

/** The size is kept where none is given; the times are not. Everything else stays as it was. */
export function updatedSet(known: Declaration, given: Declaration): Declaration {
  const { timeout: _timeout, gcInterval: _gcInterval, ...kept } = known;
  const { size, timeout, gcInterval } = given;
  return {
    ...kept,
    ...(size !== undefined && { size }),
    ...(timeout !== undefined && { timeout }),
    ...(gcInterval !== undefined && { gcInterval }),
  };
}
