// Commands in a network and mount namespace of their own, with a BPF file system of their own: pins and devices are
// gone when the shell ends.

import { spawnSync } from 'node:child_process';

export interface ShellResult {
  readonly status: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** Runs a shell script in `folder`; pins go to /sys/fs/bpf as ever. */
export function runPrivately(script: string, folder: string): ShellResult {
  const whole = `set -e\nmount -t bpf bpf /sys/fs/bpf\n${script}`;
  const { status, stdout, stderr } = spawnSync('unshare', ['-nm', 'sh', '-c', whole], {
    cwd: folder,
    encoding: 'utf8',
    maxBuffer: 1 << 28,
  });
  return { status, stdout, stderr };
}

/** The same; throws with what the script said if it fails. */
export function shellOutput(script: string, folder: string): string {
  const { status, stdout, stderr } = runPrivately(script, folder);
  if (status !== 0) throw new Error(`${stdout}\n${stderr}`);
  return stdout;
}
