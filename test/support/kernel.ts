// The running kernel, for tests.

import { openSystem, type System } from '../../src/loader/index.ts';

let opened: System | undefined;

/** The system calls; throws where koffi is missing. */
export async function kernel(): Promise<System> {
  if (opened !== undefined) return opened;
  const result = await openSystem();
  if (!result.ok) throw new Error(result.error.message);
  opened = result.value;
  return opened;
}
