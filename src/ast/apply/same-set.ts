// Whether a set may be declared again: the kernel takes a second declaration only if it says the same.

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

/** A timeout implies the flag; `dynamic` follows from use. */
function flagsText({ flags, timeout }: Declaration): string {
  const all = new Set<string>(flags.filter(flag => flag !== 'dynamic'));
  if (timeout !== undefined) all.add('timeout');
  return [...all].sort().join(', ') || 'none';
}

type Property = readonly [name: string, read: (declaration: Declaration) => string | undefined];

const properties: readonly Property[] = [
  ['key type', declaration => typeText(declaration.key)],
  ['data', dataText],
  ['flags', flagsText],
  ['timeout', ({ timeout }) => String(timeout?.milliseconds ?? 'none')],
  ['gc-interval', ({ gcInterval }) => String(gcInterval?.milliseconds ?? 'none')],
  ['size', ({ size }) => String(size?.value ?? 'none')],
  ['policy', ({ policy }) => policy ?? 'performance'],
];

/** Fails at the second declaration, with both values of the first property that differs. */
export function checkSameSet(known: Declaration, given: Declaration): void {
  for (const [name, read] of properties) {
    const before = read(known);
    const now = read(given);
    if (before === undefined || now === undefined || before === now) continue;
    const message = `set \`${given.name.text}\` exists with ${name} ${before}, not ${now}`;
    const notes = [{ message: 'declared here', span: known.name.span }];
    fail('set-differs', message, given.name.span, { notes });
  }
}
