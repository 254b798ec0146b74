// A program for one kernel: with its BTF given, kfuncs, structure members and type ids are numbers.

import { readBtf } from '../../bpf-asm/btf/read.ts';
import { resolveReferences, type Unresolved } from '../../bpf-asm/elf/resolve.ts';
import type { Diagnostic } from '../../source/diagnostic.ts';
import type { Program } from '../program.ts';

export interface ResolveResult {
  readonly ok: boolean;
  /** The programs with what the kernel has filled in; empty if `ok` is false. */
  readonly programs: readonly Program[];
  readonly diagnostics: readonly Diagnostic[];
}

function lacking({ relocation, failure }: Unresolved, { origins, spans, name }: Program): Diagnostic {
  const span = spans[origins[relocation.index] ?? -1];
  return {
    code: 'kernel-lacks',
    severity: 'refusal',
    message: `program ${name} does not fit the target kernel: ${failure.message}`,
    ...(span === undefined ? {} : { span }),
  };
}

/** Each thing that is missing is said once for each rule that needs it. */
function distinct(diagnostics: readonly Diagnostic[]): Diagnostic[] {
  const seen = new Set<string>();
  return diagnostics.filter(({ message, span }) => {
    const key = `${message} ${span?.file} ${span?.from}`;
    return !seen.has(key) && seen.add(key);
  });
}

/** Fills in what the kernel's BTF (the bytes of /sys/kernel/btf/vmlinux) answers; map references stay. */
export function resolve(programs: readonly Program[], vmlinux: Uint8Array): ResolveResult {
  const btf = readBtf(vmlinux);
  if (!btf.ok) {
    const message = `the vmlinux BTF cannot be read: ${btf.failure.message}`;
    return { ok: false, programs: [], diagnostics: [{ code: 'bad-vmlinux', severity: 'error', message }] };
  }
  const diagnostics: Diagnostic[] = [];
  const resolved = programs.map(program => {
    const result = resolveReferences(program.code, program.relocations, btf.value);
    diagnostics.push(...result.unresolved.map(one => lacking(one, program)));
    return { ...program, code: result.code, relocations: result.relocations };
  });
  const ok = diagnostics.length === 0;
  return { ok, programs: ok ? resolved : [], diagnostics: distinct(diagnostics) };
}
