// A network namespace without a name: it lives as long as a descriptor, a device descriptor or a thread holds it,
// so nothing stays behind however the process ends. Only the calling thread enters it, for the length of one
// synchronous call; processes started in that call (ip, nft) run inside.

import { spawnSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { close, open, setNetwork, unshareNetwork } from './libc.ts';

// nft reads and prints times in this zone.
const env = { ...process.env, TZ: 'UTC' };
const ownNamespace = '/proc/thread-self/ns/net';

export class Namespace {
  private readonly fd: number;

  constructor() {
    const outer = open(ownNamespace, 0);
    try {
      unshareNetwork();
      try {
        this.fd = open(ownNamespace, 0);
      } finally {
        setNetwork(outer);
      }
    } finally {
      close(outer);
    }
  }

  /** Runs `action` inside. It must not be asynchronous: what it awaits would run outside. */
  run<Result>(action: () => Result): Result {
    const outer = open(ownNamespace, 0);
    try {
      setNetwork(this.fd);
      return action();
    } finally {
      setNetwork(outer);
      close(outer);
    }
  }

  /** Runs a program inside and returns what it prints; throws with its stderr if it fails. */
  execute(command: string, args: readonly string[], input = ''): string {
    const result = this.run(() =>
      spawnSync(command, args, { input, encoding: 'utf8', maxBuffer: 1 << 30, env }),
    );
    if (result.status === 0) return result.stdout;
    const message = result.stderr.replace(/^expected any of: .*\n/gm, '');
    throw new Error(`${command} failed: ${result.error?.message ?? message}`);
  }

  /** Commands of ip(8), without the `ip`. */
  configure(commands: readonly string[]): void {
    this.execute('ip', ['-batch', '-'], `${commands.join('\n')}\n`);
  }

  /** Sets entries under /proc/sys/net, which show the values of the reader's namespace. */
  sysctl(values: Readonly<Record<string, string | number>>): void {
    this.run(() => {
      for (const [name, value] of Object.entries(values))
        writeFileSync(`/proc/sys/net/${name}`, String(value));
    });
  }

  close(): void {
    close(this.fd);
  }
}
