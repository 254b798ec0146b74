// Properties of a set that no kind of set in the kernel has together.

import type { MapDeclaration, SetDeclaration, SetFlagName } from '../nodes/index.ts';
import { milliseconds } from '../type/declaration.ts';
import { fail } from '../type/failure.ts';

type Declaration = SetDeclaration | MapDeclaration;

const contradictions: readonly (readonly [SetFlagName, SetFlagName])[] = [
  ['constant', 'timeout'],
  ['interval', 'dynamic'],
];

function flagsOf({ flags, timeout }: Declaration): ReadonlySet<SetFlagName> {
  return new Set<SetFlagName>(milliseconds(timeout) === undefined ? flags : [...flags, 'timeout']);
}

export function checkProperties(declaration: Declaration): void {
  const { gcInterval, name } = declaration;
  const flags = flagsOf(declaration);
  for (const [one, other] of contradictions) {
    if (!flags.has(one) || !flags.has(other)) continue;
    fail('contradicting-flags', `a set cannot be both ${one} and ${other}`, name.span);
  }
  const isObjectMap = declaration.kind === 'map_declaration' && declaration.data?.kind === 'object';
  if (isObjectMap && flags.has('dynamic')) {
    fail('contradicting-flags', 'a map to objects cannot be dynamic', name.span);
  }
  if (gcInterval !== undefined && milliseconds(gcInterval) !== undefined && !flags.has('timeout')) {
    fail('gc-interval', 'a gc-interval needs `flags timeout` or a timeout', gcInterval.span);
  }
}
