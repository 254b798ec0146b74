// A process of `nft2bpf batch`, from the sources, as another program would run it.

import { type ChildProcessWithoutNullStreams, spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';

export const repository: string = fileURLToPath(new URL('../../', import.meta.url));
/** The command without a build; to be run in the repository. */
export const batchCommand: readonly string[] = [
  ...[process.execPath, '--import', 'tsx', 'src/cli/main.ts', 'batch'],
];

/** Resident memory of a process, in MiB. */
export function residentMemory(pid: number): number {
  const status = readFileSync(`/proc/${pid}/status`, 'utf8');
  return Number(/^VmRSS:\s+(\d+) kB/m.exec(status)?.[1]) / 1024;
}

export class BatchProcess {
  readonly child: ChildProcessWithoutNullStreams;

  constructor(...options: readonly string[]) {
    const [command, ...args] = [...batchCommand, ...options];
    // A small heap is collected often, so that what a request leaves behind shows soon.
    this.child = spawn(command!, ['--max-old-space-size=128', ...args], { cwd: repository });
  }

  get pid(): number {
    return this.child.pid!;
  }

  /** Sends `count` lines as fast as they are taken and gives each answer to `take`; resolves with the exit status. */
  async exchange(
    count: number,
    lineOf: (index: number) => string,
    take: (answer: string, index: number) => void,
  ): Promise<number | null> {
    const closed = once(this.child, 'close');
    const sent = this.#send(count, lineOf);
    let index = 0;
    for await (const answer of createInterface({ input: this.child.stdout })) take(answer, index++);
    await sent;
    return (await closed)[0];
  }

  async #send(count: number, lineOf: (index: number) => string): Promise<void> {
    const { stdin } = this.child;
    for (let index = 0; index < count; index++)
      if (!stdin.write(`${lineOf(index)}\n`)) await once(stdin, 'drain');
    stdin.end();
  }
}
