// The hand-written C programs of bench/c, compiled by clang -O2 and resolved against the running kernel.

import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { readElf } from '../src/bpf-asm/elf/index.ts';
import type { LoadableProgram } from '../src/loader/index.ts';
import type { Target } from '../src/lower/program.ts';

/** Compiles bench/c/`name`.c; its only function is the program. */
export function compileC(name: string, target: Target): LoadableProgram {
  const folder = mkdtempSync(join(tmpdir(), 'nft2bpf-bench-'));
  try {
    const source = fileURLToPath(new URL(`./c/${name}.c`, import.meta.url));
    const object = join(folder, 'program.o');
    execFileSync('clang', ['-O2', '-g', '-target', 'bpf', '-mcpu=v3', '-Wall', '-c', source, '-o', object]);
    const read = readElf(readFileSync(object));
    if (!read.ok) throw new Error(`${name}.c: ${read.failure.message}`);
    const [program] = read.value.functions;
    if (program === undefined) throw new Error(`${name}.c has no program`);
    return { name, target, code: program.code.slice(), relocations: program.relocations };
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** Instructions, as the kernel counts them: 8 bytes each, a 64-bit immediate is two. */
export function instructionCount({ code }: { readonly code: Uint8Array }): number {
  return code.length / 8;
}
