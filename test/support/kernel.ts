// The running kernel, for tests.

import { readFileSync } from 'node:fs';
import { type Btf, readBtf } from '../../src/bpf-asm/btf/read.ts';
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

let btf: Btf | undefined;

/** The types of the running kernel. */
export function kernelBtf(): Btf {
  if (btf !== undefined) return btf;
  const read = readBtf(readFileSync('/sys/kernel/btf/vmlinux'));
  if (!read.ok) throw new Error(read.failure.message);
  btf = read.value;
  return btf;
}
