// Programs and BTF into the kernel. The first attempt is made without a log, which costs nothing; the verifier is
// asked for its reasons only if it refused.

import type { Target } from '../lower/program.ts';
import { Attribute } from './attribute.ts';
import { failure, type Result } from './error.ts';
import type { System } from './system.ts';

/** BPF_PROG_TYPE_* of each target, and the attach type that the kernel checks when it loads. */
const programTypes: Readonly<Record<Target, { readonly type: number; readonly attachType: number }>> = {
  tc: { type: 3, attachType: 0 },
  xdp: { type: 6, attachType: 37 },
  cgroup_skb: { type: 8, attachType: 0 },
  netfilter: { type: 32, attachType: 45 },
};

const largestLog = 16 * 1024 * 1024;

export interface ProgramSource {
  readonly name: string;
  readonly target: Target;
  /** Relocated machine code, 8 bytes a slot. */
  readonly code: Uint8Array;
}

/** What the kernel takes as a name of a program: at most 15 of [A-Za-z0-9_.]. */
function kernelName(name: string): string {
  return name.replace(/[^A-Za-z0-9_.]/g, '_').slice(0, 15);
}

function textOf(bytes: Uint8Array): string {
  const end = bytes.indexOf(0);
  return new TextDecoder().decode(end < 0 ? bytes : bytes.subarray(0, end)).trimEnd();
}

/** The value is the program's descriptor. A refusal carries the last part of the verifier's log. */
export function loadProgram(system: System, source: ProgramSource): Result<number> {
  if (source.code.length === 0 || source.code.length % 8 !== 0) {
    return failure('does-not-fit', 'BPF_PROG_LOAD', `${source.code.length} bytes are no program`);
  }
  const plain = system.bpf('BPF_PROG_LOAD', programAttribute(system, source));
  return plain.ok ? plain : loadWithLog(system, source);
}

const license = new TextEncoder().encode('Dual MIT/GPL\0');

function programAttribute(system: System, { name, target, code }: ProgramSource): Attribute {
  const { type, attachType } = programTypes[target];
  return new Attribute(system)
    .u32(0, type)
    .u32(4, code.length / 8)
    .pointer(8, code)
    .pointer(16, license)
    .name(48, kernelName(name))
    .u32(68, attachType);
}

function loadWithLog(system: System, source: ProgramSource): Result<number> {
  const log = new Uint8Array(largestLog);
  const attribute = programAttribute(system, source).u32(24, 1).u32(28, log.length).pointer(32, log);
  return system.bpf('BPF_PROG_LOAD', attribute, () => textOf(log));
}

/** Loads a BTF blob; the value is its descriptor. */
export function loadBtf(system: System, bytes: Uint8Array): Result<number> {
  return system.bpf('BPF_BTF_LOAD', new Attribute(system).pointer(0, bytes).u32(16, bytes.length));
}
