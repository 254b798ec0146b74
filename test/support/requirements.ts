// What a test needs of the machine. A test that cannot run here is skipped and counted as skipped by the runner; with
// REQUIRE_ALL=1 (continuous integration) a missing requirement is a failure instead.

import { execFileSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

/** The reference nft (1.1.7); NFT_ORACLE overrides the place where shared/oracle/install puts it. */
export const nftPath: string = process.env['NFT_ORACLE'] ?? '/opt/nft-oracle/bin/nft';
/** Test data that lives beside the repository. */
export const sharedPath: string = fileURLToPath(new URL('../../../shared/', import.meta.url));

function runs(command: string, args: readonly string[]): boolean {
  try {
    execFileSync(command, args, { stdio: 'ignore' });
    return true;
  } catch {
    return false;
  }
}

export type Requirement =
  | 'root'
  | 'nft'
  | 'shared'
  | 'bpftool'
  | 'objdump'
  | 'clang'
  | 'vmlinux'
  | 'python'
  | 'go'
  | 'cilium-ebpf'
  | 'libbpf'
  | 'chromium';

const checks: Readonly<Record<Requirement, () => boolean>> = {
  root: () => process.getuid?.() === 0 && runs('unshare', ['-n', 'true']),
  nft: () => existsSync(nftPath) && runs(nftPath, ['--version']),
  shared: () => existsSync(`${sharedPath}/DESIGN.md`),
  bpftool: () => runs('bpftool', ['version']),
  objdump: () => runs('llvm-objdump-19', ['--version']),
  clang: () => runs('clang', ['--version']),
  vmlinux: () => existsSync('/sys/kernel/btf/vmlinux'),
  python: () => runs('python3', ['--version']),
  go: () => runs('go', ['version']),
  'cilium-ebpf': () =>
    runs('go', ['version']) && existsSync('/usr/share/gocode/src/github.com/cilium/ebpf/doc.go'),
  libbpf: () =>
    runs('cc', ['--version']) &&
    ['bpf/libbpf.h', 'gelf.h', 'json-c/json.h'].every(header => existsSync(`/usr/include/${header}`)),
  chromium: () => runs('chromium', ['--version']),
};

const known = new Map<Requirement, boolean>();

function isMet(requirement: Requirement): boolean {
  const cached = known.get(requirement);
  if (cached !== undefined) return cached;
  const met = checks[requirement]();
  known.set(requirement, met);
  return met;
}

/**
 * For `describe.skipIf(isMissing('root', 'nft'))`: true, and a line on stderr, if one of them is not there.
 * Throws under REQUIRE_ALL=1.
 */
export function isMissing(...needed: readonly Requirement[]): boolean {
  const missing = needed.filter(requirement => !isMet(requirement));
  if (missing.length === 0) return false;
  const message = `needs ${missing.join(', ')}`;
  if (process.env['REQUIRE_ALL'] === '1') throw new Error(message);
  console.warn(`skipped: ${message}`);
  return true;
}
