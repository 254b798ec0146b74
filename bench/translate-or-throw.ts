// The library under measurement; what it refuses ends the run.

import { type BpfMap, type Program, type Target, translate } from '../src/index.ts';

export function translateOrThrow(
  source: string,
  target: Target,
): { readonly programs: readonly Program[]; readonly maps: readonly BpfMap[] } {
  const result = translate(source, { target });
  if (!result.ok) throw new Error(result.diagnostics.map(({ message }) => message).join('\n'));
  return result;
}
